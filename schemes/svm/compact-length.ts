/** Writes a length in front of a list. Source: Solana documentation, "Transactions", "Compact array format": seven bits a byte. */
export function toCompactLength(length: number): number[] {
  const low = length & 0x7f
  return length < 0x80 ? [low] : [low | 0x80, ...toCompactLength(length >> 7)]
}
