import type { Hex } from './hex.js'

/** What a plain account signs: r, s, and the recovery id as key services and some wallets count it, 0 or 1. */
const WITH_RAW_RECOVERY_ID = /^(0x[0-9a-fA-F]{64}([0-9a-fA-F]{64}))0([01])$/

/** No signature of a plain account has an s of zero. A Safe marks a hash that was approved on the chain by one, with a last byte of 1. */
const ZERO = /^0{64}$/

/**
 * Writes a signature as tokens take it, which count the recovery id from 27. Whatever isn't exactly such a signature is a contract
 * account's own affair and stays as it is, byte for byte.
 */
export function toTokenSignature(signature: Hex): Hex {
  const [, start = '', s = '', recoveryId] = WITH_RAW_RECOVERY_ID.exec(signature) ?? []
  if (recoveryId === undefined || ZERO.test(s)) return signature
  return `0x${start.slice(2)}${recoveryId === '0' ? '1b' : '1c'}`
}
