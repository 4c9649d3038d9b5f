import type { Hex } from './hex.js'

/** 65 bytes (r, s, v) from a plain account; contract accounts sign with more (EIP-1271, EIP-6492). */
const SIGNATURE = /^0x(?:[0-9a-fA-F]{2}){65,}$/

/** Whether `value` can be a signature: whole bytes in hex, at least 65 of them. */
export function isSignature(value: unknown): value is Hex {
  return typeof value === 'string' && SIGNATURE.test(value)
}
