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
  const state = new Uint32Array(50)
  let at = 0
  for (const byte of bytes) {
    absorb(state, at, byte)
    at = (at + 1) % RATE
    if (at === 0) keccakP(state)
  }
  absorb(state, at, 0x01)
  absorb(state, RATE - 1, 0x80)
  keccakP(state)
  const hash = new Uint8Array(32)
  for (let index = 0; index < hash.length; index++) hash[index] = (state[index >> 2] ?? 0) >>> (8 * (index & 3))
  return hash
}

/** Words are little-endian on every machine, so they are made of bytes. */
function absorb(state: Uint32Array, at: number, byte: number): void {
  state[at >> 2] = (state[at >> 2] ?? 0) ^ (byte << (8 * (at & 3)))
}

/** Keccak-256 of a text as UTF-8. */
export function keccak256OfText(text: string): Hex {
  return toHex(keccak256(new TextEncoder().encode(text)))
}
