import { assertOptions, invalidOption } from '../errors/options.js'

/**
 * Asserts that a door's timeouts are times.
 *
 * @param known - The names that the door has.
 * @throws {@link ConfigurationError}
 */
export function assertTimeouts(timeouts: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  assertOptions(timeouts, 'timeouts', known)
  for (const [name, value] of Object.entries(timeouts)) {
    // Longer ones overflow the platform's timer, which then fires at once.
    const isTime = typeof value === 'number' && Number.isFinite(value) && value > 0 && value < 2 ** 31
    if (value !== undefined && !isTime) throw invalidOption(`timeouts.${name}`, 'a positive number of milliseconds')
  }
}
