import { assertOptions, invalidOption } from '../assert-options.js'
import { toHost, toOrigin } from '../protocol/host.js'
import { toDisplayUrl, toPurchaseUrl } from '../protocol/resource-url.js'
import { toSellerText } from '../protocol/seller-text.js'
import { ChallengeError } from './challenge-error.js'
import { digestText } from './digest.js'
import type { CallOptions, Limits } from './ports.js'
import type { Call } from './steps.js'

/** What a call is made from. */
export type CallFacts = {
  readonly method: string
  /** `undefined` where nobody said which address asked: then the host is unknown. */
  readonly url: string | undefined
  readonly signal?: AbortSignal | undefined
  readonly options?: CallOptions | undefined
  readonly limits: Limits
  header?(name: string): string | null
  digestBody?(): Promise<string>
}

const CALL_OPTIONS = ['purchase', 'tags', 'max', 'approve', 'redeliver']

/** Headers that hold what only the seller and the caller may know. */
const SECRET_HEADERS = ['authorization', 'proxy-authorization', 'cookie', 'x-api-key', 'api-key']

/** Headers that make two requests two purchases. */
const NAMING_HEADERS = ['authorization', 'cookie', 'range']

/**
 * Describes one call of the user for the corridor.
 *
 * The purchase is named by the caller's key, else by an `Idempotency-Key` header, else by a digest of what is asked for.
 *
 * @throws {@link ChallengeError} `URL_NOT_ABSOLUTE` when the address has no origin to bind a payment to; nothing was signed.
 */
export function createCall(given: CallFacts): Call {
  // Read once: what is checked is what is used.
  const facts = { ...given, options: readCallOptions(given.options ?? {}) }
  const url = facts.url === undefined ? undefined : parseUrl(facts.url)
  let purchase: Promise<string> | undefined
  return Object.freeze({
    method: facts.method,
    url: url?.href ?? '',
    origin: url === undefined ? '' : toOrigin(url),
    host: url === undefined ? '' : toHost(url),
    resource: `${facts.method} ${url === undefined ? '(unknown)' : toDisplayUrl(url)}`,
    tags: facts.options.tags,
    signal: facts.signal,
    limits: facts.limits,
    key: readKey(facts),
    purchase: () => (purchase ??= namePurchase(facts, url)),
    quote: (text) => quoteSeller(text, facts, url),
  })
}

function readCallOptions(options: CallOptions): { purchase: string | undefined; tags: readonly string[] } {
  assertOptions(options, 'init.x402', CALL_OPTIONS)
  const { purchase, tags: given = [], redeliver = 'safe' } = options
  const tags = Array.isArray(given) ? Object.freeze([...given]) : given
  if (purchase !== undefined && typeof purchase !== 'string') throw invalidOption('init.x402.purchase', 'a string')
  const areTags = Array.isArray(tags) && tags.every((tag) => typeof tag === 'string' && !tag.startsWith('client/'))
  if (!areTags) throw invalidOption('init.x402.tags', 'a list of strings that do not start with "client/"')
  if (!['safe', 'always', 'never'].includes(redeliver)) {
    throw invalidOption('init.x402.redeliver', "'safe', 'always' or 'never'")
  }
  return { purchase, tags }
}

async function namePurchase(facts: CallFacts, url: URL | undefined): Promise<string> {
  const key = readKey(facts)
  // The origin belongs to the name: one key sent to two sellers is two purchases.
  if (key !== undefined) return digestText(['key', url?.origin ?? '', key])
  const headers = NAMING_HEADERS.map((name) => facts.header?.(name) ?? '')
  const body = (await facts.digestBody?.()) ?? ''
  return digestText(['request', facts.method, url === undefined ? '' : toPurchaseUrl(url), ...headers, body])
}

function readKey({ options, header }: Pick<CallFacts, 'options' | 'header'>): string | undefined {
  return options?.purchase || header?.('idempotency-key') || undefined
}

/** A seller that repeats what it was sent has the caller's secrets end here. */
function quoteSeller(text: unknown, { header }: CallFacts, url: URL | undefined): string | undefined {
  const clean = toSellerText(text)
  if (clean === undefined) return undefined
  const headers = SECRET_HEADERS.flatMap((name) => header?.(name)?.split(/[\s;,=]+/) ?? [])
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
