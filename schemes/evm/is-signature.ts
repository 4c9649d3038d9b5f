import type { Hex } from './hex.js'

const SIGNATURE = /^0x(?:[0-9a-fA-F]{2})+$/

/**
 * Whether `value` can be a signature: whole bytes in hex, one at least. A plain account's has 65; that of a contract account has any
 * length, and only the contract knows what it means (EIP-1271, EIP-6492).
 */
export function isSignature(value: unknown): value is Hex {
  return typeof value === 'string' && SIGNATURE.test(value)
}
