/**
 * Where the money is, as far as this process can prove it.
 *
 * - `untouched`: nothing was signed.
 * - `signed`: an authorization exists but never left the process.
 * - `in-doubt`: an authorization left the process and nothing proves what became of it. It stays counted.
 * - `settled`: a receipt or the chain says that it was spent.
 * - `released`: proven never to be spent.
 */
export type MoneyState = 'untouched' | 'signed' | 'in-doubt' | 'settled' | 'released'

/** Short facts about a failure, printed one a line. They never hold a signature, a key, a whole header or a URL's secrets. */
export type ErrorFacts = Readonly<Record<string, string>>

/** What every error of pay402 is made from. */
export type X402ErrorOptions<Code extends string = string> = {
  /** Names the cause; never renamed. Its place is `docs/errors.md#<code in lower case>` of the package. */
  code: Code
  /** Where the money is. */
  money: MoneyState
  /** What the caller can do about it. */
  hint?: string | undefined
  facts?: Readonly<Record<string, string | undefined>> | undefined
  cause?: unknown
  /** The seller's response; readable, but never printed or serialized with the error. */
  response?: unknown
  /** Replaces the class's name when callers look for a platform's: an abort is an `AbortError` everywhere. */
  name?: string | undefined
}

const BRAND = Symbol.for('pay402.error')

/** Longest fact that is printed, in characters. */
const MAX_FACT = 300

/**
 * Any failure of pay402: the class says which step refused, `code` says why, `money` says where the money is.
 *
 * `instanceof` works across copies of the package (CommonJS alongside ESM), since it looks at a brand and not at the prototype.
 *
 * @example
 * ```ts
 * try {
 *   await paidFetch('https://api.example.com/expensive')
 * } catch (error) {
 *   if (!isX402Error(error)) throw error
 *   error.code //=> 'LIMIT_PER_PAYMENT'
 *   error.money //=> 'untouched'
 * }
 * ```
 */
export class X402Error<Code extends string = string> extends Error {
  /** The class's name, kept as a string since minifiers rename classes. */
  static readonly kind: string = 'X402Error'

  /** Why nothing was bought, as one of the names on the page of errors; never renamed. Decide by it, not by the text. */
  readonly code: Code
  /** Where the money is: `'untouched'` if nothing was signed, `'in-doubt'` if a payment left and nothing proves what became of it. */
  readonly money: MoneyState
  /** The first line of the message, without facts and advice. */
  readonly shortMessage: string
  /**
   * What the message says line by line, such as `resource`, `network`, `asset` and `pay to`. The facts of a {@link LimitError} have the
   * `price`, and what the limit `allows`, as the sentence writes them; a restricted client isn't told what its owner's limits allow.
   */
  readonly facts: ErrorFacts
  /** The seller's response, if there is one. Not enumerable, so that logging an error never prints it. */
  declare readonly response: unknown

  constructor(shortMessage: string, options: X402ErrorOptions<Code>) {
    const facts = presentFacts(options.facts)
    const summary = toVisibleLine(shortMessage)
    super(toMessage(summary, facts, options), 'cause' in options ? { cause: options.cause } : undefined)
    const kinds = toKinds(new.target)
    this.code = options.code
    this.money = options.money
    this.shortMessage = summary
    this.facts = facts
    const name = options.name ?? kinds[kinds.length - 1] ?? X402Error.kind
    // None of these is enumerable.
    Object.defineProperties(this, {
      [BRAND]: { value: kinds },
      response: { value: options.response, configurable: true },
      name: { value: name, configurable: true, writable: true },
    })
  }

  /** What a log may hold about this error: no response and no cause. */
  toJSON(): Record<string, unknown> {
    return { name: this.name, code: this.code, money: this.money, message: this.shortMessage, facts: this.facts }
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // A subclass of the user's own has no kind of its own, so its prototype decides, as with any class.
    if (!Object.hasOwn(this, 'kind')) return Function.prototype[Symbol.hasInstance].call(this, value)
    return kindsOf(value)?.includes(this.kind) ?? false
  }
}

/**
 * Tells pay402's errors from all others, also when the package is loaded twice.
 *
 * @example
 * ```ts
 * isX402Error(new Error('network')) //=> false
 * ```
 *
 * @param value - Anything, usually what a `catch` caught.
 * @returns Whether `value` is an error of pay402.
 */
export function isX402Error(value: unknown): value is X402Error {
  return kindsOf(value) !== undefined
}

/** Gives an error the seller's response if the step that threw it didn't have it. Returns the same error. */
export function withResponse<E>(error: E, response: unknown): E {
  if (isX402Error(error) && error.response === undefined) {
    Object.defineProperty(error, 'response', { value: response, enumerable: false, configurable: true })
  }
  return error
}

/** Wrong use of pay402 itself: a bad option, a scheme registered twice. Thrown where the mistake is made; nothing is signed. */
export class ConfigurationError extends X402Error<ConfigurationErrorCode> {
  static override readonly kind: string = 'ConfigurationError'

  constructor(
    shortMessage: string,
    options: { code: ConfigurationErrorCode; hint?: string | undefined; cause?: unknown; money?: MoneyState },
  ) {
    super(shortMessage, { money: 'untouched', ...options })
  }
}

/** Codes of {@link ConfigurationError}. */
export type ConfigurationErrorCode =
  | 'CANNOT_CANCEL'
  | 'CANNOT_RECONCILE'
  | 'CANNOT_REOPEN'
  | 'DUPLICATE_SCHEME'
  | 'INSECURE_CONTEXT'
  | 'INVALID_MONEY'
  | 'INVALID_OPTION'
  | 'INVALID_SCHEME'
  | 'INVALID_SIGNER'
  | 'MAINNET_FORBIDDEN'
  | 'MCP_SERVER_UNKNOWN'
  | 'NOT_IN_DOUBT'
  | 'NOTHING_TO_PROPOSE'
  | 'NO_PROPOSAL'
  | 'PART_NOT_LOADED'
  | 'PAYMENT_BY_HAND'
  | 'PAYMENT_NOT_KEPT'
  | 'PLATFORM_LACKS'
  | 'PROPOSAL_EXPIRED'
  | 'UNKNOWN_OPTION'
  | 'USE_LIMITS'

function toMessage(shortMessage: string, facts: ErrorFacts, options: X402ErrorOptions): string {
  const lines = Object.entries(facts).map(([name, value]) => `  ${name}: ${value}`)
  const hint = options.hint === undefined ? [] : [options.hint]
  const end = `Money: ${options.money}. Docs: node_modules/pay402/docs/errors.md#${options.code.toLowerCase()}`
  return [shortMessage, ...lines, ...hint, end].join('\n')
}

function presentFacts(facts: X402ErrorOptions['facts']): ErrorFacts {
  const present: Record<string, string> = {}
  for (const [name, value] of Object.entries(facts ?? {})) if (value !== undefined) present[name] = toLine(value)
  return Object.freeze(present)
}

/** Makes one bounded line: facts may hold what a seller wrote, and a seller must not write lines of our messages. */
function toLine(text: string): string {
  return cutLine(toVisibleLine(text), MAX_FACT)
}

/**
 * Makes one line of a text that someone else may have written. Characters that a person wouldn't see but a model would read are dropped: those
 * that Unicode lets a font ignore, and the braille blank. Line breaks and control characters become spaces.
 */
export function toVisibleLine(text: string): string {
  return text.replace(/[\p{Default_Ignorable_Code_Point}\u2800]+/gu, '').replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
}

/** Cuts a line that is too long, between two characters. */
export function cutLine(line: string, most: number): string {
  return line.length > most ? `${line.slice(0, most).replace(/[\uD800-\uDBFF]$/, '')}…` : line
}

function toKinds(target: typeof X402Error): readonly string[] {
  const kinds: string[] = []
  for (let current: unknown = target; typeof current === 'function'; current = Object.getPrototypeOf(current)) {
    if (Object.hasOwn(current, 'kind')) kinds.unshift((current as typeof X402Error).kind)
  }
  return kinds
}

function kindsOf(value: unknown): readonly string[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  try {
    const kinds: unknown = Reflect.get(value, BRAND)
    return Array.isArray(kinds) ? kinds : undefined
  } catch {
    return undefined // a proxy that refuses to be inspected isn't an error of ours
  }
}
