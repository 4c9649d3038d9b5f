import { ConfigurationError } from './errors.js'

/**
 * Refuses an option that doesn't exist: a misspelt limit would otherwise be no limit.
 *
 * @param where - Whose options they are, for the message.
 * @param options - What the caller passed.
 * @param known - Every name that means something.
 * @throws {@link ConfigurationError} `UNKNOWN_OPTION`, or `INVALID_OPTION` when it isn't an object at all.
 */
export function assertKnownOptions(where: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new ConfigurationError(`The options of ${where} must be an object.`, { code: 'INVALID_OPTION' })
  }
  const unknown = Object.keys(options).filter((key) => !known.includes(key))
  if (unknown.length === 0) return
  throw new ConfigurationError(`${where} has no option ${unknown.map((key) => `"${key}"`).join(', ')}.`, {
    code: 'UNKNOWN_OPTION',
    hint: `It knows ${known.join(', ')}.`,
  })
}
