/** Reads bytes from front to back. Past the end, every answer is `undefined`. */
export type ByteReader = {
  readonly rest: number
  byte(): number | undefined
  bytes(length: number): Uint8Array | undefined
  /** A length in front of a list, at most three bytes. Source: Solana documentation, "Compact array format". */
  compactLength(): number | undefined
}

/** Creates a reader at the first byte. */
export function createByteReader(source: Uint8Array): ByteReader {
  let at = 0
  const byte = () => (at < source.length ? source[at++] : undefined)
  return {
    get rest() {
      return source.length - at
    },
    byte,
    bytes(length) {
      if (at + length > source.length) return undefined
      at += length
      return source.subarray(at - length, at)
    },
    compactLength() {
      let value = 0
      for (let index = 0; index < 3; index++) {
        const next = byte()
        if (next === undefined) return undefined
        value |= (next & 0x7f) << (7 * index)
        // A zero at the end would be a second spelling of the same length.
        if (next < 0x80) return index > 0 && next === 0 ? undefined : value
      }
      return undefined
    },
  }
}

/** Writes a length in front of a list. Source: Solana documentation, "Transactions", "Compact array format": seven bits a byte. */
export function toCompactLength(length: number): number[] {
  const low = length & 0x7f
  return length < 0x80 ? [low] : [low | 0x80, ...toCompactLength(length >> 7)]
}
