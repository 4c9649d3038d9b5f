import { fill, type Word, type WordsIn } from '../errors/fail.js'
import { toVisibleLine, type X402Error } from '../errors/x402-error.js'

/** One thing that `client.diagnose` found: what it is, and what to do about it. */
export type Finding = {
  /** A code of `docs/guides/diagnose.md`, or of the error that a call would end with. Never renamed. */
  readonly code: string
  /** Whether a call fails by it. Otherwise it is only worth knowing. */
  readonly blocks: boolean
  /** The offer that it is about, by its place in `accepts`; `undefined` when it is about all. */
  readonly offer: number | undefined
  readonly message: string
  /** What to do. */
  readonly hint: string
}

/** One row of the catalogue of findings; `{words}` are filled in. */
export type FindingRow<Sentence extends string = string, Hint extends string = string> = {
  readonly code: string
  readonly blocks: boolean
  readonly sentence: Sentence
  readonly hint: Hint
}

/** Where a finding belongs, and whether it blocks, if that isn't as its row says. */
export type FindingPlace = { readonly offer?: number | undefined; readonly blocks?: boolean | undefined }

/** Makes a finding of a row. */
export function toFinding<Sentence extends string, Hint extends string>(
  { code, blocks, sentence, hint }: FindingRow<Sentence, Hint>,
  words: Readonly<Record<WordsIn<Sentence> | WordsIn<Hint>, Word>>,
  place: FindingPlace = {},
): Finding {
  return Object.freeze({
    code,
    blocks: place.blocks ?? blocks,
    offer: place.offer,
    // Whoever wrote the words writes no line of its own.
    message: toVisibleLine(fill(sentence, words)),
    hint: toVisibleLine(fill(hint, words)),
  })
}

/** Makes a finding of the error that a call would end with. */
export function toErrorFinding({ code, shortMessage, message }: X402Error): Finding {
  // Between the sentence and the last line there are facts, which are indented, and the hint.
  const hint = message
    .split('\n')
    .slice(1, -1)
    .filter((line) => !line.startsWith('  '))
  return Object.freeze({ code, blocks: true, offer: undefined, message: shortMessage, hint: hint.join(' ') || NO_HINT })
}

const NO_HINT = 'Look up its code on the errors page.'

/** Writes findings for a person: what blocks first. */
export function writeFindings(headline: string, findings: readonly Finding[]): string {
  const blocking = findings.filter(({ blocks }) => blocks)
  const others = findings.filter(({ blocks }) => !blocks)
  return [
    headline,
    ...blocking.map(writeOne),
    ...(others.length > 0 ? ['Worth knowing:'] : []),
    ...others.map(writeOne),
  ].join('\n')
}

function writeOne({ code, message, hint }: Finding): string {
  return `- ${message} (${code})\n  ${hint}`
}
