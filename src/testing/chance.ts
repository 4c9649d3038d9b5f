import type { RandomBytes } from '../payment/random.js'

/**
 * Creates a source of bytes that are the same in every run, and don't repeat within one.
 *
 * @param stream - Counters of different streams have no bytes in common.
 */
export function createCounter(stream = 0): RandomBytes {
  let drawn = 0
  return (length) => {
    drawn += 1
    const bytes = new Uint8Array(length)
    for (let place = 1; place <= 4 && place < length; place++) bytes[length - place] = drawn >>> (8 * (place - 1))
    bytes[0] = stream
    return bytes
  }
}

/** Draws whole numbers from 0 to `sides - 1`. */
export type Dice = (sides: number) => number

/**
 * Creates dice that fall the same way in every run and on every platform: xorshift of 32 bits.
 *
 * They are only for test cases: bytes that must not be guessed come from `src/payment/random.ts`.
 *
 * @param seed - Neighboring seeds have nothing in common: it is spread over all bits first (Fibonacci hashing, 2^32 / φ).
 */
export function createDice(seed: number): Dice {
  let state = Math.imul(seed + 1, 0x9e3779b1) || 1
  const draw = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
  for (let round = 0; round < 8; round++) draw()
  return (sides) => draw() % sides
}
