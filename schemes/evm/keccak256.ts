import { keccakP } from '@noble/hashes/sha3.js'
import { type Hex, toHex } from './hex.js'

/** Bytes that go in between two permutations, for a hash of 256 bits. Source: FIPS 202, section 5.2 with capacity 512. */
const RATE = 136

/**
 * Keccak-256, the hash of EVM chains: SHA-3 with the padding from before it became a standard.
 *
 * The permutation is `@noble/hashes`' own. Only the sponge around it is ours, since the library's more than doubles the bytes that a
 * browser loads; the tests hold it to the library's at every length around the rate.
 */
export function keccak256(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array((Math.floor(bytes.length / RATE) + 1) * RATE)
  padded.set(bytes)
  const input = new DataView(padded.buffer)
  input.setUint8(bytes.length, 0x01)
  input.setUint8(padded.length - 1, input.getUint8(padded.length - 1) | 0x80)

  // Words are little-endian on every machine, so they are read and written one by one.
  const state = new Uint32Array(50)
  for (let start = 0; start < padded.length; start += RATE) {
    for (let at = 0; at < RATE; at += 4) state[at / 4] = (state[at / 4] ?? 0) ^ input.getUint32(start + at, true)
    keccakP(state)
  }
  const output = new DataView(new ArrayBuffer(32))
  for (let at = 0; at < 32; at += 4) output.setUint32(at, state[at / 4] ?? 0, true)
  return new Uint8Array(output.buffer)
}

/** Keccak-256 of a text as UTF-8. */
export function keccak256OfText(text: string): Hex {
  return toHex(keccak256(new TextEncoder().encode(text)))
}
