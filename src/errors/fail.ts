import type { Considered } from './step-errors.js'
import type { MoneyState, X402Error, X402ErrorOptions } from './x402-error.js'

/**
 * One row of the catalogue: what an error of one cause says.
 *
 * Rows are plain literals, each exported by itself, so that a page loads only those that its code can throw. A code with several sentences or
 * classes has several rows.
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
  /** Where the money is; left out if it differs from throw to throw. */
  readonly money?: Money
  /** The first line of the message; `{words}` are filled in. */
  readonly sentence: Sentence
  /** What can be done about it; `{words}` are filled in. */
  readonly hint?: Hint
}

/** What is filled in for a `{word}`. */
export type Word = string | number

/** The `{words}` of a text. They have no spaces; braces around spaces are code. */
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

/** The second argument of {@link fail}: optional when the row leaves nothing open. */
type Says<Said> = Record<never, never> extends Said ? (given?: Said) => void : (given: Said) => void

/**
 * Makes the error of a row, for the caller to throw. The compiler asks for every word of the row, and for the money if the row leaves it out.
 *
 * @param row - A row of the catalogue.
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
    // The compiler asks for one of the two; without either, nothing is proven (R6).
    money: money ?? row.money ?? 'in-doubt',
    hint: hint ?? (row.hint && fill(row.hint, words)),
    ...(cause !== undefined && { cause }),
  })
}

/** Fills in the `{words}` of a text. The words themselves may hold anything: they aren't read again. */
export function fill<Text extends string>(text: Text, words: Readonly<Record<WordsIn<Text>, Word>>): string
export function fill(text: string, words: Readonly<Record<string, Word>>): string {
  return text.replace(/\{(\w+)\}/g, (_, word: string) => String(words[word]))
}
