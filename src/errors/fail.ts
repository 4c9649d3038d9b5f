import type { Considered } from './step-errors.js'
import type { MoneyState, X402Error, X402ErrorOptions } from './x402-error.js'

/**
 * One row of the catalogue: what an error of one cause says.
 *
 * Rows are plain literals, each exported by itself, so that a page loads those alone that its code can throw. Where one code has several
 * sentences or classes, it has several rows.
 */
export type ErrorRow<
  Code extends string = string,
  E extends X402Error = X402Error,
  Sentence extends string = string,
  Hint extends string = string,
  Money extends MoneyState | undefined = MoneyState | undefined,
> = {
  readonly code: Code
  /** The class: it says which step refused. */
  readonly kind: new (
    shortMessage: string,
    options: X402ErrorOptions<Code>,
  ) => E
  /** Where the money is; not written where it differs from throw to throw. */
  readonly money?: Money
  /** The first line of the message; `{words}` are filled in. */
  readonly sentence: Sentence
  /** What can be done about it; `{words}` are filled in. */
  readonly hint?: Hint
}

/** What is filled in for a `{word}`. */
export type Word = string | number

/** The `{words}` of a text, which have no spaces: what has some is code. */
export type WordsIn<Text extends string> = Text extends `${string}{${infer Inner}}${infer Rest}`
  ? (Inner extends `${string} ${string}` ? never : Inner) | WordsIn<Rest>
  : never

/** What one throw adds to its row. */
export type Given<Words extends string, Money> = Pick<
  X402ErrorOptions,
  'facts' | 'hint' | 'cause' | 'response' | 'name'
> & {
  /** Of a {@link SelectionError}: why each offer was not taken. */
  readonly considered?: (() => readonly Considered[]) | undefined
} & ([Words] extends [never] ? unknown : { readonly words: Readonly<Record<Words, Word>> }) &
  (undefined extends Money ? { readonly money: MoneyState } : { readonly money?: MoneyState | undefined })

/** What follows the row: nothing, where nothing has to be said. */
type Says<Said> = Record<never, never> extends Said ? (given?: Said) => void : (given: Said) => void

/**
 * Makes the error of a row; the caller throws it. The compiler asks for every word of the row, and for the money where the row doesn't say it.
 *
 * @param row - Of the catalogue.
 * @param given - What is known where it is thrown. A `hint` replaces the row's.
 * @returns An error of the row's class.
 */
export function fail<
  Code extends string,
  E extends X402Error,
  Sentence extends string,
  Hint extends string,
  Money extends MoneyState | undefined,
>(
  row: ErrorRow<Code, E, Sentence, Hint, Money>,
  ...[given]: Parameters<Says<Given<WordsIn<Sentence> | WordsIn<Hint>, Money>>>
): E & { readonly code: Code }
export function fail(
  { kind: Kind, code, ...row }: ErrorRow,
  { money, words = {}, hint, cause, ...given }: Partial<Given<string, undefined>> = {},
): X402Error {
  return new Kind(fill(row.sentence, words), {
    ...given,
    code,
    // The compiler wants one of the two; where nothing is known, nothing is proven (R6).
    money: money ?? row.money ?? 'in-doubt',
    hint: hint ?? (row.hint && fill(row.hint, words)),
    ...(cause !== undefined && { cause }),
  })
}

/** Fills in the `{words}` of a text. What is filled in may hold anything: it isn't read again. */
export function fill<Text extends string>(text: Text, words: Readonly<Record<WordsIn<Text>, Word>>): string
export function fill(text: string, words: Readonly<Record<string, Word>>): string {
  return text.replace(/\{(\w+)\}/g, (_, word: string) => String(words[word]))
}
