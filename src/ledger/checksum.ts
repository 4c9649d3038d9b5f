/** The polynomial of CRC-32, its bits in reverse. Source: ISO/IEC 3309, section 8.1.1.6.1 and annex A. */
const POLYNOMIAL = 0xedb88320

/** CRC-32 of a text in UTF-8: a guard against accidents, not against whoever can compute it anew. */
export function checksum(text: string): number {
  let sum = ~0
  for (const byte of new TextEncoder().encode(text)) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (POLYNOMIAL & -(sum & 1))
  }
  return ~sum >>> 0
}
