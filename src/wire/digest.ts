import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'

/**
 * Most bytes that are hashed at once, without giving way: half a millisecond. The platform's own digest is quicker beyond a few kilobytes, but
 * it's another thread that is waited for, 100 µs and more for the 60 bytes of a purchase's name.
 */
export const MAX_SYNC_DIGEST_BYTES = 64 * 1024

/**
 * SHA-256 of a few bytes, at once.
 *
 * @param bytes - At most {@link MAX_SYNC_DIGEST_BYTES}; more would hold up everything else.
 * @returns 64 digits of hex, in lower case.
 */
export function sha256Hex(bytes: Uint8Array): string {
  return bytesToHex(sha256(bytes))
}
