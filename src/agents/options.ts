import { INVALID_MONEY, UNKNOWN_OPTION } from '../errors/catalogue/configuration.js'
import { fail } from '../errors/fail.js'
import { assertOptions, invalidOption } from '../errors/options.js'
import type { Clock } from '../index.js'
import { systemClock } from '../payment/clock.js'
import { isDollars } from './dollars.js'

/** A body that isn't handed to the model: it isn't text, or is longer than `maxBytes`. */
export type ResponseFile = {
  /** The body, up to `maxFileBytes`. */
  readonly bytes: Uint8Array
  /** Whether that is all of it. */
  readonly isWhole: boolean
  /** The media type, by the server's word; `undefined` if it gave none that can be read. */
  readonly contentType: string | undefined
  /** Method and address, as the model asked. */
  readonly method: string
  readonly url: string
  /** The ledger's id of the payment; `undefined` for what was free. */
  readonly payment: string | undefined
}

/**
 * Options of {@link createPaymentTools}.
 *
 * @example
 * ```ts
 * createPaymentTools(client.restrict({ total: '$2' }), { max: '$0.10', maxBytes: 16_384, freshFor: 300 })
 * ```
 */
export type PaymentToolsOptions = {
  /** Sends the requests. @default the global `fetch` */
  fetch?: typeof globalThis.fetch | undefined
  /** Most that one call may cost, in dollars: `'$0.10'`. A model may ask for less by its own `max`, never for more. @default what the client's limits allow */
  max?: string | undefined
  /** Most of a body that the model is shown, in bytes of text. @default 65_536 */
  maxBytes?: number | undefined
  /** Most of a body that is read for {@link PaymentToolsOptions.files}, in bytes. @default 10_485_760 */
  maxFileBytes?: number | undefined
  /** How long a call may take with its response, in milliseconds. @default 60_000 */
  timeoutMs?: number | undefined
  /**
   * For how many seconds the same call returns what it bought before, without paying again. A model that needs a newer response says `fresh`.
   * `0` keeps nothing.
   *
   * @default 60
   */
  freshFor?: number | undefined
  /**
   * Calls that cost more than this, in dollars, wait for a person where the toolkit can ask one (`needsApproval`); where it can't, they are
   * refused. A yes holds for the price that was shown, once.
   *
   * @default no one is asked
   */
  approveAbove?: string | undefined
  /**
   * Headers that you add to requests of a host, such as an API key. The model never sees them: they go to that host alone, also after a
   * redirect, and are taken out of what a server sends back. They go over HTTPS, or stay on this machine; write `'http://api.example.com'` for a
   * host that has no HTTPS.
   *
   * @default none
   * @example { 'api.example.com': { 'x-api-key': process.env.KEY } }
   */
  headers?: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined
  /**
   * Takes bodies that aren't text, or are longer than `maxBytes`, and returns a handle, such as a path: the model is told the handle. Without it,
   * such a body is shown as base64, or cut.
   *
   * @default none
   */
  files?: ((file: ResponseFile) => string | Promise<string>) | undefined
  /** The time; for tests. @default the machine's clock */
  clock?: Clock | undefined
}

/** Options whose defaults are filled in. */
export type ToolSettings = {
  readonly fetch: typeof globalThis.fetch
  readonly max: string | undefined
  readonly maxBytes: number
  readonly maxFileBytes: number
  readonly timeoutMs: number
  readonly freshForSeconds: number
  readonly approveAbove: string | undefined
  readonly headers: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly files: PaymentToolsOptions['files']
  readonly clock: Clock
}

const KNOWN = [
  'fetch',
  'max',
  'maxBytes',
  'maxFileBytes',
  'timeoutMs',
  'freshFor',
  'approveAbove',
  'headers',
  'files',
  'clock',
] as const

/** Longest that a timer waits; one that is longer ends at once. Source: HTML, "setTimeout", whose delay is a 32-bit number. */
const MAX_TIMEOUT_MS = 2_147_483_647

/** Where options are found in messages. */
const WHERE = 'createPaymentTools'

/**
 * Reads the options of a set of tools.
 *
 * @throws {@link ConfigurationError} naming the option that can't be read.
 */
export function readSettings(options: PaymentToolsOptions): ToolSettings {
  assertNoLimit(options)
  assertOptions(options, WHERE, KNOWN)
  const { fetch = globalThis.fetch, max, approveAbove, headers = {}, files, clock = systemClock } = options
  const { maxBytes = 65_536, maxFileBytes = 10_485_760, timeoutMs = 60_000, freshFor = 60 } = options
  if (typeof fetch !== 'function') throw invalidOption(`${WHERE}.fetch`, 'a fetch function')
  if (files !== undefined && typeof files !== 'function') {
    throw invalidOption(`${WHERE}.files`, 'a function that takes a body and returns a handle')
  }
  for (const [name, value] of Object.entries({ maxBytes, maxFileBytes, timeoutMs })) {
    if (!Number.isSafeInteger(value) || value < 1) throw invalidOption(`${WHERE}.${name}`, 'a whole number above zero')
  }
  if (timeoutMs > MAX_TIMEOUT_MS) throw invalidOption(`${WHERE}.timeoutMs`, `at most ${MAX_TIMEOUT_MS} milliseconds`)
  if (!Number.isSafeInteger(freshFor) || freshFor < 0) {
    throw invalidOption(`${WHERE}.freshFor`, 'a whole number of seconds, or 0')
  }
  assertMoney('max', max)
  assertMoney('approveAbove', approveAbove)
  return {
    fetch,
    max,
    maxBytes,
    maxFileBytes,
    timeoutMs,
    freshForSeconds: freshFor,
    approveAbove,
    headers: readHeaders(headers),
    files,
    clock,
  }
}

/** What is looked for here by who reads about tools first, and is of the client. */
const LIMITS = [
  'reach',
  'hosts',
  'networks',
  'total',
  'perPayment',
  'perDay',
  'perHost',
  'perResource',
  'name',
  'approve',
]

function assertNoLimit(options: unknown): void {
  const found = LIMITS.find((one) => Object.hasOwn(new Object(options), one))
  if (found === undefined) return
  const words = { option: `${WHERE}.${found}`, known: KNOWN.join(', ') }
  throw fail(UNKNOWN_OPTION, { words, hint: `It belongs in the client's: \`client.restrict({ ${found}: … })\`.` })
}

function assertMoney(name: string, value: unknown): void {
  if (value === undefined || isDollars(value)) return
  const is = typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : `a ${typeof value}`
  const hint = "The tools count in dollars: write '$0.10'."
  throw fail(INVALID_MONEY, { words: { option: `${WHERE}.${name}`, is }, hint })
}

/** By host, as the URL parser spells it. */
function readHeaders(given: unknown): ToolSettings['headers'] {
  assertRecord(given, `${WHERE}.headers`, 'an object of headers by host')
  return Object.fromEntries(
    Object.entries(given).map(([host, headers]) => {
      const where = `${WHERE}.headers[${JSON.stringify(host)}]`
      const [, plain = '', name = ''] = /^(http:\/\/)?(.*)$/s.exec(host) ?? []
      const url = `${plain || 'https://'}${name}`
      if (!URL.canParse(url) || /[/?#@]/.test(name)) {
        throw invalidOption(where, 'named after a host, with its port if it is not the usual one')
      }
      assertRecord(headers, where, 'an object of headers')
      for (const [name, value] of Object.entries(headers)) {
        if (typeof value !== 'string' || !isHeader(name, value)) throw invalidOption(`${where}.${name}`, 'a header')
      }
      return [plain + new URL(url).host, { ...headers }]
    }),
  )
}

function assertRecord(
  value: unknown,
  where: string,
  must: string,
): asserts value is Readonly<Record<string, Readonly<Record<string, string>>>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalidOption(where, must)
}

function isHeader(name: string, value: string): boolean {
  try {
    new Headers({ [name]: value })
    return true
  } catch {
    return false
  }
}
