import { bytesToHex } from '@noble/hashes/utils.js'

/** Fills a new array with random bytes: a port, so that known-answer tests can pin it. */
export type RandomBytes = (length: number) => Uint8Array

/** Random bytes from the platform's cryptographic generator; there is no fallback, since a nonce that can be guessed can be canceled. */
export const systemRandomBytes: RandomBytes = (length) => globalThis.crypto.getRandomValues(new Uint8Array(length))

/** A name that no one else has and that no one can guess, in two hexadecimal digits a byte. */
export function drawHex(length: number): string {
  return bytesToHex(systemRandomBytes(length))
}
