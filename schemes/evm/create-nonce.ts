import { ConfigurationError } from '../../src/errors.js'
import type { RandomBytes } from '../../src/random.js'
import { type Hex, toHex } from './hex.js'

/** Source: EIP-3009, `nonce` is a `bytes32`; Permit2, `nonce` is a `uint256`. */
const NONCE_BYTES = 32

/** Creates a nonce that nobody has used. A short one would be padded by one wallet and refused by another. */
export function createNonce(random: RandomBytes): Hex {
  const bytes = random(NONCE_BYTES)
  if (bytes.length === NONCE_BYTES) return toHex(bytes)
  throw new ConfigurationError(`The random source must give ${NONCE_BYTES} bytes when asked for them.`, {
    code: 'INVALID_OPTION',
  })
}
