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
  const clean = start.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ').trim()
  if (clean === '') return undefined
  return clean.length > MAX_SELLER_TEXT ? `${clean.slice(0, MAX_SELLER_TEXT)}…` : clean
}
