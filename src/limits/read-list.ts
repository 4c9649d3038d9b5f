import { invalidOption } from '../errors/options.js'

/**
 * Reads a list, entry by entry.
 *
 * @param input - Untrusted.
 * @param where - What it is called in the options, such as `limits.hosts`.
 * @param readEntry - Reads one, called such as `limits.hosts[0]`.
 * @throws {@link ConfigurationError} `INVALID_OPTION` when it isn't a list, and what `readEntry` throws.
 */
export function readList<T>(
  input: unknown,
  where: string,
  readEntry: (entry: unknown, where: string) => T,
): readonly T[] {
  if (!Array.isArray(input)) throw invalidOption(where, 'a list')
  return Array.from(input, (entry, index) => readEntry(entry, `${where}[${index}]`))
}
