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

/** Joiners and the emoji selector, where scripts and emoji need one; a run of them carries something else. */
const JOINS = /\u200C|\u200D|\uFE0F/
const JOINED = /[\p{L}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}#*0-9]/u

/**
 * Writes out what can't be seen, as `⟨U+200B⟩`, so that whoever reads the result sees what the model sees. Other characters stay as they are.
 *
 * @param text - What a server wrote.
 */
export function showHidden(text: string): string {
  return text.replace(HIDDEN, (character, at: number) => {
    if (LAYOUT.test(character)) return character
    if (JOINS.test(character) && isJoined(text, at)) return character
    return `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`
  })
}

/** Whether what stands before it is a letter or an emoji, of which a surrogate pair has two units. */
function isJoined(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 2), at)
  const last = [...before].at(-1) ?? ''
  if (last === '\uFE0F') return text[at] !== '\uFE0F' && isJoined(text, at - 1)
  return JOINED.test(last)
}

/** Characters that could end the quotation, or look as if they did. */
const QUOTES = /["\u201C-\u201F\u2033\u2036\u301D-\u301F\uFF02`]/g

/** Makes one short line of what a server wrote, for a sentence or a field of ours: no hidden character, no quotation mark. */
export function toOneLine(text: string): string {
  return cutLine(toVisibleLine(text.slice(0, 4 * MAX_LINE)).replace(QUOTES, "'"), MAX_LINE).trim()
}
