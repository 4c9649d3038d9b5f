import { cutLine, toVisibleLine } from '../errors/x402-error.js'

/** Longest piece of a seller's words that stands in a sentence or a field of ours, in characters. */
const MAX_LINE = 200

/**
 * Characters that a person who looks on wouldn't see, but that a model reads: controls (with the escapes that color a terminal), what changes the
 * direction of text, what has no width, variation selectors, and the tags block, in which whole sentences can be hidden.
 */
const HIDDEN = /[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u2800]/gu

/** Line breaks and tabs, which text is made of. */
const LAYOUT = /[\t\n\r]/

/** Scripts that are spelled with joiners. Source: Unicode 17, section 23.2. */
const SPELLED =
  /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Mongolian}]/u

/** What emoji are put together from. */
const PICTURE = /[\p{Extended_Pictographic}\p{Emoji_Modifier}]/u

/**
 * Writes out what can't be seen, as `⟨U+200B⟩`, so that anyone who reads the result sees what the model sees. Other characters stay as they are, and
 * so do joiners where a script or an emoji is spelled with one.
 *
 * @param text - What a server wrote.
 */
export function showHidden(text: string): string {
  return text.replace(HIDDEN, (character, at: number) => {
    if (LAYOUT.test(character) || isSpelling(text, at)) return character
    return `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`
  })
}

/** Whether a hidden character does what it is for: anywhere else, and in a run, it carries something. */
function isSpelling(text: string, at: number): boolean {
  const character = text[at]
  const before = [...text.slice(Math.max(0, at - 2), at)].at(-1) ?? ''
  const [after = ''] = text.slice(at + 1, at + 3)
  if (character === '\uFE0F') return PICTURE.test(before) || (/[#*0-9]/.test(before) && after === '\u20E3')
  if (character !== '\u200C' && character !== '\u200D') return false
  if (character === '\u200D' && PICTURE.test(after)) {
    return PICTURE.test(before) || (before === '\uFE0F' && isSpelling(text, at - 1))
  }
  return SPELLED.test(before) && SPELLED.test(after)
}

/** Characters that could end the quotation, or look as if they did. */
const QUOTES = /["\u201C-\u201F\u2033\u2036\u301D-\u301F\uFF02`]/g

/** Makes one short line of what a server wrote, for a sentence or a field of ours: no hidden character, no quotation mark. */
export function toOneLine(text: string): string {
  return cutLine(toVisibleLine(text.slice(0, 4 * MAX_LINE)).replace(QUOTES, "'"), MAX_LINE).trim()
}
