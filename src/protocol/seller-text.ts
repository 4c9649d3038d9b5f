/** Longest piece of the seller's prose that is kept, in characters. */
export const MAX_SELLER_TEXT = 200

/**
 * The seller's words as data: one line, no control or bidirectional characters, bounded. Never an instruction to anybody.
 *
 * @param value - Anything a seller sent as text.
 * @returns The text, or `undefined` where there is none.
 */
export function toSellerText(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const start = value.slice(0, 4 * MAX_SELLER_TEXT)
  const clean = start
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
    // A seller that sends a signature back has it end here: 32 bytes of hex, or as much of base64.
    .replace(/(?:0x)?[0-9a-fA-F]{64,}|[A-Za-z0-9+/_-]{86,}={0,2}/g, '…')
    .trim()
  if (clean === '') return undefined
  return clean.length > MAX_SELLER_TEXT ? `${clean.slice(0, MAX_SELLER_TEXT)}…` : clean
}
