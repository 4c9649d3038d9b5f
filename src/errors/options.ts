import { INVALID_OPTION, UNKNOWN_OPTION } from './catalogue/configuration.js'
import { fail } from './fail.js'
import type { ConfigurationError } from './x402-error.js'

/**
 * Asserts that options written by hand are an object without a misspelled key: a limit that is silently ignored is no limit.
 *
 * @param value - What the caller gave.
 * @param where - What it is called in the options, such as `limits.assets[0]`.
 * @param known - The keys that it may have.
 * @throws {@link ConfigurationError} `UNKNOWN_OPTION`, or `INVALID_OPTION` when it isn't an object.
 */
export function assertOptions(
  value: unknown,
  where: string,
  known: readonly string[],
): asserts value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalidOption(where, 'an object')
  const unknown = Object.keys(value).find((key) => !known.includes(key))
  if (unknown === undefined) return
  throw fail(UNKNOWN_OPTION, { words: { option: `${where}.${unknown}`, known: known.join(', ') } })
}

/**
 * Makes the error of an option that isn't what it must be, for the caller to throw.
 *
 * @param where - What it is called in the options, such as `limits.perDay`.
 * @param must - Ends the sentence "The option must be …".
 */
export function invalidOption(where: string, must: string): ConfigurationError {
  return fail(INVALID_OPTION, { words: { option: where, must } })
}
