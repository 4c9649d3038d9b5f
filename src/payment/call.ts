import { URL_NOT_ABSOLUTE } from '../errors/catalogue/challenge.js'
import { fail } from '../errors/fail.js'
import { assertOptions, invalidOption } from '../errors/options.js'
import { toHost, toOrigin } from '../wire/host.js'
import { toDisplayUrl, toOneSpelling } from '../wire/resource-url.js'
import { toSellerText } from '../wire/seller-text.js'
import { digestAddress, type MaybePromise } from './digest.js'
import type { CallOptions, InFlight } from './exchange.js'
import type { Limits } from './limits.js'
import type { PurchaseRules } from './ports.js'
import type { PurchaseNames } from './purchase.js'
import { isLabel, listCredentialHeaders, namePurchase } from './purchase-name.js'

/** One call of yours, as far as a payment depends on it. Its address is parsed once. */
export type Call = {
  readonly method: string
  /** Where the payment goes: the address that asked; `undefined` when it is unknown. */
  readonly url: URL | undefined
  /** As `toOrigin` writes it; empty when it is unknown. */
  readonly origin: string
  /** As `toHost` writes it; empty when it is unknown. */
  readonly host: string
  /** The address without credentials, query and fragment; what errors and lists show. */
  readonly resource: string
  /**
   * The resource as limits count it: method and address as the caller wrote it, before any redirect, in one spelling and without credentials,
   * query and fragment; `undefined` when it is unknown.
   */
  asked(): string | undefined
  /** A digest of the same with its query, which may hold secrets; `undefined` when it is unknown. */
  digestAsked(): string | undefined
  readonly tags: readonly string[]
  readonly signal: AbortSignal | undefined
  /** What this call may spend. */
  readonly limits: Limits
  /** The caller's key for the purchase. With a key, concurrent calls are one purchase, too. */
  readonly key: string | undefined
  /** Statuses that deliver what was bought, in addition to any 2xx. */
  readonly delivers: readonly number[]
  /** What becomes of it while an equal call is in flight; `undefined` when the client decides. */
  readonly inFlight: InFlight | undefined
  /** How long its key doesn't buy again once it was delivered, in seconds; `undefined` without a key, or when it may. */
  readonly purchaseForSeconds: number | undefined
  /** The only proposal that it may pay; `undefined` when it may pay any. */
  readonly proposal: string | undefined
  /** Names of the purchase; computed when first asked for. */
  names(): MaybePromise<PurchaseNames>
  /** The seller's words as data: one bounded line, without what this call told the seller in confidence. */
  cite(text: unknown): string | undefined
}

/**
 * What of a call its wrapper is shown: enough to send its request again. Anyone who holds a client may make a wrapper of their own, so nothing in it
 * leads to the limits, and to change it changes nothing.
 */
export type ShownCall = Pick<Call, 'method' | 'resource' | 'delivers' | 'signal'> & {
  /** Where the payment goes; `undefined` when it is unknown. */
  readonly url: string | undefined
}

/** Makes what a wrapper is shown of a call, again each time. */
export function showCall({ method, resource, delivers, signal, url }: Call): ShownCall {
  return { method, resource, delivers, signal, url: url?.href }
}

/** What a call is made from. */
export type CallGiven = {
  readonly method: string
  /** Where the payment goes; `undefined` when the caller didn't say which address asked, so that the host is unknown. */
  readonly url: string | undefined
  /** What the caller wrote, before any redirect. @default url */
  readonly asked?: string | undefined
  readonly signal?: AbortSignal | undefined
  readonly options?: CallOptions | undefined
  readonly limits: Limits
  readonly purchases?: PurchaseRules | undefined
  /** A header of the request. */
  readonly header?: ((name: string) => string | null) | undefined
  /** SHA-256 of the body as it will be sent again, in hex; empty when there is none. */
  readonly digestBody?: (() => MaybePromise<string>) | undefined
}

const CALL_OPTIONS = [
  'purchase',
  'tags',
  'max',
  'approve',
  'redeliver',
  'delivers',
  'inFlight',
  'purchaseFor',
  'proposal',
]

/**
 * One word, since whoever approves reads it before the address: more words could pretend to be another address. Source: RFC 9110, section 5.6.2, with the slash of MCP.
 */
const METHOD = /^[!#$%&'*+./^_`|~0-9A-Za-z-]+$/

/** How calls become purchases when a client sets no rules. */
const PURCHASES: PurchaseRules = {
  buyers: undefined,
  credentialHeaders: /* @__PURE__ */ listCredentialHeaders([]),
  delivers: /* @__PURE__ */ Object.freeze([]),
}

/**
 * Describes one call of yours for the steps of a payment.
 *
 * The purchase is named by the caller's key, else by an `Idempotency-Key` header, else by a digest of what the caller asked for.
 *
 * @param given - The request, its options and the client's rules.
 * @returns The call. Its names are computed only when they are needed.
 * @throws {@link ConfigurationError} `INVALID_OPTION` or `UNKNOWN_OPTION` when its method or an option is wrong; nothing was signed.
 * @throws {@link ChallengeError} `URL_NOT_ABSOLUTE` when the address has no origin to bind a payment to; nothing was signed.
 */
export function createCall(given: CallGiven): Call {
  const { method, purchases = PURCHASES, limits, signal, header: readHeader, digestBody } = given
  if (!METHOD.test(method)) throw invalidOption('method', 'one word, such as GET')
  // Read once: what is checked is what is used.
  const { purchase, tags, delivers, inFlight, purchaseFor, proposal } = readCallOptions(given.options)
  const address = given.url === undefined ? undefined : readAddress(given.url)
  const url = address?.url
  // Called by themselves: what a wrapper brings along would find the limits by its `this`.
  const header = (name: string) => readHeader?.(name) ?? null
  const key = purchase || header('idempotency-key') || undefined
  let names: MaybePromise<PurchaseNames> | undefined
  let askedUrl: URL | undefined
  let asked: string | undefined
  let digest: string | undefined
  return {
    method,
    url,
    origin: address?.origin ?? '',
    host: address?.host ?? '',
    resource: `${method} ${address?.shown ?? '(unknown)'}`,
    asked: () => (asked ??= toAsked()),
    digestAsked: () => (digest ??= toAskedDigest()),
    tags,
    delivers: delivers === undefined ? purchases.delivers : Object.freeze([...purchases.delivers, ...delivers]),
    signal,
    limits,
    key,
    inFlight: key === undefined ? inFlight : 'join',
    purchaseForSeconds: key === undefined ? undefined : (purchaseFor ?? purchases.purchaseForSeconds),
    proposal,
    names: () => (names ??= namePurchase(toNamed(), purchases)),
    cite: (text) => citeSeller(text, { header, url, purchases }),
  }

  /** Parsed once, and only where it isn't the address that asks to be paid. */
  function toAskedUrl(): URL | undefined {
    if (given.asked === undefined || given.asked === given.url) return url
    askedUrl ??= parseUrl(given.asked)
    return askedUrl
  }

  function toAsked(): string | undefined {
    const wrote = toAskedUrl()
    if (address === undefined || wrote === undefined) return undefined
    return wrote === url ? `${method} ${address.counted}` : writeResource(method, wrote)
  }

  function toAskedDigest(): string | undefined {
    const resource = toAsked()
    return resource === undefined ? undefined : digestAddress([resource, toAskedUrl()?.search ?? ''])
  }

  function toNamed() {
    return { method, asked: toAskedUrl(), key, tags, header, digestBody: () => digestBody?.() ?? '' }
  }
}

/** Method and address as limits count them: in one spelling, without credentials, query and fragment. */
export function writeResource(method: string, url: URL): string {
  return `${method} ${toCounted(url)}`
}

function toCounted(url: URL): string {
  const address = toOneSpelling(url)
  // Written with `http` or with `https`, it is the same resource of the same host, wherever a redirect leads.
  return url.port === '' ? address.replace(/^http:/, 'https:') : address
}

/** An address as a call has it, in each way in which it is written. */
type Address = {
  readonly text: string
  readonly url: URL
  readonly origin: string
  readonly host: string
  /** As errors and lists show it. */
  readonly shown: string
  /** As limits count it. */
  readonly counted: string
}

/** The last address: a caller that buys the same thing again asks for the same one. */
let last: Address | undefined

function readAddress(text: string): Address {
  if (last?.text === text) return last
  const url = parseUrl(text)
  last = { text, url, origin: toOrigin(url), host: toHost(url), shown: toDisplayUrl(url), counted: toCounted(url) }
  return last
}

type ReadOptions = Pick<CallOptions, 'purchase' | 'delivers' | 'inFlight' | 'purchaseFor' | 'proposal'> & {
  readonly tags: readonly string[]
}

/** Frozen: every call without options shares it, and everyone who approves one is shown its tags. */
const NO_OPTIONS: ReadOptions = { tags: /* @__PURE__ */ Object.freeze([]) }

function readCallOptions(options: CallOptions | undefined): ReadOptions {
  if (options === undefined) return NO_OPTIONS
  assertOptions(options, 'init.x402', CALL_OPTIONS)
  const { purchase, tags: given = [], redeliver = 'safe', delivers, inFlight, purchaseFor, proposal } = options
  const tags = Array.isArray(given) ? Object.freeze([...given]) : given
  if (purchase !== undefined && typeof purchase !== 'string') throw invalidOption('init.x402.purchase', 'a string')
  if (proposal !== undefined && typeof proposal !== 'string') throw invalidOption('init.x402.proposal', 'a string')
  const areTags = Array.isArray(tags) && tags.every((tag) => typeof tag === 'string' && !isLabel(tag))
  if (!areTags)
    throw invalidOption(
      'init.x402.tags',
      "a list of strings such as ['customer:7'] that do not start with 'client/' or 'name/'",
    )
  if (!['safe', 'always', 'never'].includes(redeliver)) {
    throw invalidOption('init.x402.redeliver', "'safe', 'always' or 'never'")
  }
  if (delivers !== undefined) assertDelivers(delivers, 'init.x402.delivers')
  assertInFlight(inFlight, 'init.x402.inFlight')
  assertPurchaseFor(purchaseFor, 'init.x402.purchaseFor')
  return { purchase, tags, delivers: delivers && [...delivers], inFlight, purchaseFor, proposal }
}

/**
 * Asserts that `inFlight` is one of its three words, or absent.
 *
 * @param where - What the option is called, such as `init.x402.inFlight`.
 * @throws {@link ConfigurationError} `INVALID_OPTION`; nothing was signed.
 */
export function assertInFlight(inFlight: unknown, where: string): asserts inFlight is InFlight | undefined {
  if (inFlight === undefined || inFlight === 'separate' || inFlight === 'join' || inFlight === 'refuse') return
  throw invalidOption(where, "'separate', 'join' or 'refuse'")
}

/**
 * Asserts that the statuses of `delivers` are statuses of refusals and failures, other than 402.
 *
 * @param delivers - What the caller wrote.
 * @param where - What the option is called, such as `init.x402.delivers`.
 * @throws {@link ConfigurationError} `INVALID_OPTION`; nothing was signed.
 */
export function assertDelivers(delivers: unknown, where: string): asserts delivers is readonly number[] {
  const isStatus = (one: unknown) => Number.isInteger(one) && Number(one) >= 400 && Number(one) <= 599 && one !== 402
  if (Array.isArray(delivers) && delivers.every(isStatus)) return
  throw invalidOption(where, 'a list of statuses from 400 to 599 without 402, such as [404]')
}

/**
 * Asserts that `purchaseFor` is a time, or absent.
 *
 * @param where - What the option is called, such as `init.x402.purchaseFor`.
 * @throws {@link ConfigurationError} `INVALID_OPTION`; nothing was signed.
 */
export function assertPurchaseFor(seconds: unknown, where: string): asserts seconds is number | undefined {
  if (seconds === undefined || (Number.isSafeInteger(seconds) && Number(seconds) > 0)) return
  throw invalidOption(where, 'a positive whole number of seconds')
}

type Citing = {
  readonly url: URL | undefined
  readonly purchases: PurchaseRules
  header(name: string): string | null
}

/** Keeps the caller's secrets out of messages, even when a seller repeats what it was sent. */
function citeSeller(text: unknown, { header, url, purchases }: Citing): string | undefined {
  const clean = toSellerText(text)
  if (clean === undefined) return undefined
  const headers = purchases.credentialHeaders.flatMap((name) => header(name)?.split(/[\s;,=]+/) ?? [])
  const secrets = url === undefined ? headers : [...headers, url.username, url.password, ...url.searchParams.values()]
  const long = secrets.filter((secret) => secret.length >= MIN_SECRET).sort((a, b) => b.length - a.length)
  return long.reduce((kept, secret) => kept.replaceAll(secret, '…'), clean)
}

/** Shortest part of a header or a query that is taken for a secret, in characters; shorter ones are words. */
const MIN_SECRET = 6

function parseUrl(text: string): URL {
  try {
    return new URL(text)
  } catch (cause) {
    throw fail(URL_NOT_ABSOLUTE, { cause })
  }
}
