import { cutLine, toVisibleLine } from '../errors/x402-error.js'

/** Longest piece of the seller's prose that is kept, in characters. */
export const MAX_SELLER_TEXT = 200

/**
 * The seller's words as data: one line, no invisible, control or bidirectional characters, bounded. Never an instruction to anybody.
 *
 * @param value - Anything a seller sent as text.
 * @returns The text, or `undefined` where there is none.
 */
export function toSellerText(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const clean = toVisibleLine(value.slice(0, 4 * MAX_SELLER_TEXT))
    // A seller that sends a signature back has it end here: 32 bytes of hex, or as much of base64.
    .replace(/(?:0x)?[0-9a-fA-F]{64,}|[A-Za-z0-9+/_-]{86,}={0,2}/g, '…')
    .trim()
  return clean === '' ? undefined : cutLine(clean, MAX_SELLER_TEXT)
}

/** What no sentence can be written in: hex, digits, an address or an id in base58, with a namespace of CAIP-2 before it or none. */
const MACHINE_MADE =
  /^(?:[-a-z0-9]{3,8}:)?(?:0x[0-9a-fA-F]+|[0-9]+|[1-9A-HJ-NP-Za-km-z]{32,44}|[1-9A-HJ-NP-Za-km-z]{86,88})$/

/** Characters that could end the quotation, or look as if they did. */
const QUOTES = /["\u201C-\u201F\u2033\u2036\u301D-\u301F\uFF02]/g

/**
 * Quotes the seller's words within a sentence or a fact of ours, whatever field they come from: a scheme's name or an address may be a
 * sentence, too. The one function that quotes; only what a machine must have made goes without quotation marks.
 *
 * @param text - As the seller wrote it, or cleaned by {@link toSellerText}.
 */
export function cite(text: string): string {
  if (MACHINE_MADE.test(text)) return text
  return `"${cutLine(toVisibleLine(text), MAX_SELLER_TEXT).replace(QUOTES, "'")}"`
}
