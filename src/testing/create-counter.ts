import type { RandomBytes } from '../payment/random.js'

/**
 * Creates bytes that are the same in every run, and don't repeat in it.
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
