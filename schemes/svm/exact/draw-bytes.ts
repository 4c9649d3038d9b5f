import { ConfigurationError } from '../../../src/errors.js'
import type { RandomBytes } from '../../../src/random.js'

/**
 * Draws random bytes, exactly as many as are asked for: fewer would repeat.
 *
 * @throws {@link ConfigurationError} `INVALID_OPTION` when the source gives another number.
 */
export function drawBytes(random: RandomBytes, length: number): Uint8Array {
  const bytes = random(length)
  if (bytes.length === length) return bytes
  throw new ConfigurationError(`The random source must give ${length} bytes when asked for them.`, {
    code: 'INVALID_OPTION',
  })
}
