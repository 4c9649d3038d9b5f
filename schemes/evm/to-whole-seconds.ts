import { ConfigurationError } from '../../src/errors.js'

/** Seconds since 1970 as contracts take them. */
export function toWholeSeconds(seconds: number): bigint {
  if (Number.isFinite(seconds) && seconds > 0) return BigInt(Math.floor(seconds))
  throw new ConfigurationError('The clock must give seconds since 1970.', { code: 'INVALID_OPTION' })
}
