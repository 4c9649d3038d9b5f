import { assertOptions, invalidOption } from '../errors/options.js'
import { ChallengeError } from '../errors/step-errors.js'
import { toHost, toOrigin } from '../wire/host.js'
import { toDisplayUrl } from '../wire/resource-url.js'
import { toSellerText } from '../wire/seller-text.js'
import { listCredentialHeaders, namePurchase, type PurchaseNames } from './name-purchase.js'
import type { CallOptions, Limits, PurchaseRules } from './ports.js'
import type { Call } from './steps.js'

/** What a call is made from. */
export type CallFacts = {
  readonly method: string
  /** Where the payment goes; `undefined` where nobody said which address asked: then the host is unknown. */
  readonly url: string | undefined
  /** What the caller wrote, before any redirect. @default url */
  readonly asked?: string | undefined
  readonly signal?: AbortSignal | undefined
  readonly options?: CallOptions | undefined
  readonly limits: Limits
  readonly purchases?: PurchaseRules | undefined
  header?(name: string): string | null
  digestBody?(): Promise<string>
}

const CALL_OPTIONS = ['purchase', 'tags', 'max', 'approve', 'redeliver', 'delivers']

/** How calls become purchases where a client says nothing. */
const PURCHASES: PurchaseRules = { buyers: undefined, headers: [], delivers: [] }

/**
 * Describes one call of the user for the corridor.
 *
 * The purchase is named by the caller's key, else by an `Idempotency-Key` header, else by a digest of what the caller asked for.
 *
 * @throws {@link ChallengeError} `URL_NOT_ABSOLUTE` when the address has no origin to bind a payment to; nothing was signed.
 */
export function createCall(given: CallFacts): Call {
  // Read once: what is checked is what is used.
  const facts = { ...given, options: readCallOptions(given.options ?? {}) }
  const url = facts.url === undefined ? undefined : parseUrl(facts.url)
  const { method, purchases = PURCHASES, asked = url?.href } = facts
  const { tags, delivers } = facts.options
  const key = readKey(facts)
  const header = (name: string) => facts.header?.(name) ?? null
  const digestBody = async () => (await facts.digestBody?.()) ?? ''
  const toNamed = () => ({
    method,
    asked: asked === undefined ? undefined : parseUrl(asked),
    key,
    tags,
    header,
    digestBody,
  })
  let names: Promise<PurchaseNames> | undefined
  return Object.freeze({
    method,
    url: url?.href ?? '',
    origin: url === undefined ? '' : toOrigin(url),
    host: url === undefined ? '' : toHost(url),
    resource: `${method} ${url === undefined ? '(unknown)' : toDisplayUrl(url)}`,
    tags,
    delivers: [...purchases.delivers, ...delivers],
    signal: facts.signal,
    limits: facts.limits,
    key,
    names: () => (names ??= namePurchase(toNamed(), purchases)),
    quote: (text) => quoteSeller(text, { header, url, purchases }),
  })
}

type ReadOptions = {
  readonly purchase: string | undefined
  readonly tags: readonly string[]
  readonly delivers: readonly number[]
}

function readCallOptions(options: CallOptions): ReadOptions {
  assertOptions(options, 'init.x402', CALL_OPTIONS)
  const { purchase, tags: given = [], redeliver = 'safe', delivers = [] } = options
  const tags = Array.isArray(given) ? Object.freeze([...given]) : given
  if (purchase !== undefined && typeof purchase !== 'string') throw invalidOption('init.x402.purchase', 'a string')
  const areTags = Array.isArray(tags) && tags.every((tag) => typeof tag === 'string' && !tag.startsWith('client/'))
  if (!areTags) throw invalidOption('init.x402.tags', 'a list of strings that do not start with "client/"')
  if (!['safe', 'always', 'never'].includes(redeliver)) {
    throw invalidOption('init.x402.redeliver', "'safe', 'always' or 'never'")
  }
  assertDelivers(delivers, 'init.x402.delivers')
  return { purchase, tags, delivers: [...delivers] }
}

/** Asserts that statuses which deliver what was bought are statuses of refusals and failures, other than 402. */
export function assertDelivers(delivers: unknown, where: string): asserts delivers is readonly number[] {
  const isStatus = (one: unknown) => Number.isInteger(one) && Number(one) >= 400 && Number(one) <= 599 && one !== 402
  if (Array.isArray(delivers) && delivers.every(isStatus)) return
  throw invalidOption(where, 'a list of statuses from 400 to 599 without 402, such as [404]')
}

function readKey({ options, header }: Pick<CallFacts, 'options' | 'header'>): string | undefined {
  return options?.purchase || header?.('idempotency-key') || undefined
}

type Quoting = {
  readonly url: URL | undefined
  readonly purchases: PurchaseRules
  header(name: string): string | null
}

/** A seller that repeats what it was sent has the caller's secrets end here. */
function quoteSeller(text: unknown, { header, url, purchases }: Quoting): string | undefined {
  const clean = toSellerText(text)
  if (clean === undefined) return undefined
  const headers = listCredentialHeaders(purchases).flatMap((name) => header(name)?.split(/[\s;,=]+/) ?? [])
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
    throw new ChallengeError(
      'Refused to pay: the address of the request is not absolute, so no origin is bound to the payment.',
      {
        code: 'URL_NOT_ABSOLUTE',
        money: 'untouched',
        hint: 'Call the wrapped fetch with an absolute URL.',
        cause,
      },
    )
  }
}
