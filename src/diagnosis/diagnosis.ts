import { loadKnownTokens } from '../../schemes/known-tokens.js'
import { networkFacts } from '../../schemes/network-facts.js'
import { type Quote, quote } from '../desk/quote.js'
import { assertOptions, invalidOption } from '../errors/options.js'
import { isX402Error, type X402Error } from '../errors/x402-error.js'
import { judgeOffer } from '../flow/offer.js'
import { read } from '../flow/read.js'
import { assertSecure } from '../flow/trust.js'
import { toExchange } from '../http/exchange.js'
import { readHttpDate } from '../http/http-date.js'
import { isAged, toResource } from '../http/message.js'
import type { CallOptions } from '../payment/exchange.js'
import type { Ports } from '../payment/ports.js'
import type { Challenge } from '../payment/steps.js'
import { PAYMENT_REQUIRED_HEADER } from '../wire/challenge.js'
import { type AskedRequest, ask, discard, toHttpRequest, toMethod } from './asking.js'
import {
  CACHED_TERMS,
  CLOCK_OFF,
  NO_RESPONSE,
  ONLY_TESTNET,
  ORIGIN_PAUSED,
  TERMS_IN_BODY,
  V1_BODY_ONLY,
} from './catalogue.js'
import { diagnoseCors } from './cors.js'
import { type AskedKind, diagnoseFacilitator } from './facilitator.js'
import { type Finding, toErrorFinding, toFinding, writeFindings } from './finding.js'
import { type ChainFacts, diagnoseOffer } from './offers.js'
import { diagnoseOther402, diagnoseUnpriced } from './other-responses.js'
import { diagnoseWallet } from './wallet.js'

/**
 * Options of `client.diagnose`.
 *
 * @example
 * ```ts
 * const report = await client.diagnose('https://api.example.com/weather', { fetch, init: { method: 'POST', body: 'Paris' } })
 * ```
 */
export type DiagnoseOptions = {
  /** Sends the requests. @default the global one */
  fetch?: typeof globalThis.fetch | undefined
  /**
   * What the request is: method, headers, body, and `x402` as for a paid call. It is really sent: if the seller asks for no money, a `POST` is
   * carried out.
   *
   * @default a GET
   */
  init?: (RequestInit & { x402?: CallOptions | undefined }) | undefined
  /** The address of the seller's facilitator: `/supported` is asked there. @default it isn't asked */
  facilitator?: string | undefined
  /**
   * The origin of a page that is to buy, such as `'https://shop.example'`: whether CORS lets it. From a page itself, leave it out: browsers apply
   * their own.
   *
   * @default CORS isn't looked at
   */
  origin?: string | undefined
  /** How long to wait for each response, and then for its body, in milliseconds. @default 10_000 */
  timeoutMs?: number | undefined
}

/** Why a call is paid, or isn't. */
export type Diagnosis = {
  /** Method and address, without credentials, query and fragment. */
  readonly resource: string
  /** Of the response; `undefined` when none came. */
  readonly status: number | undefined
  /** As a quote says it; `'payable'` only if nothing that was found blocks, the wallet's funds included. */
  readonly cost: Exclude<Quote['cost'], 'unknown'>
  /** The offers and their prices; `undefined` without terms of x402. */
  readonly quote: Quote | undefined
  /** What was found. */
  readonly findings: readonly Finding[]
  /** All of it in words, to print. */
  readonly text: string
}

/** Most offers that are looked at one by one: a seller may send ten thousand. */
const MAX_OFFERS = 20

/**
 * Asks for a resource without paying, and says in words why a call would be paid or not, and what to do. Nothing is reserved or signed, and
 * no one is asked to approve.
 *
 * @throws {@link ConfigurationError} `UNKNOWN_OPTION` or `INVALID_OPTION`.
 */
export async function diagnose(url: string | URL, options: DiagnoseOptions, ports: Ports): Promise<Diagnosis> {
  const asked = readOptions(url, options)
  const tokens = await loadKnownTokens()
  const facts = { ...networkFacts, findToken: tokens.find, findTokenNetwork: tokens.findNetwork }
  const { origin } = options
  const answer = await ask(asked, origin === undefined ? {} : { Origin: origin })
  const resource = toResource(toMethod(asked.init), asked.url)
  if ('cause' in answer) {
    return conclude({ resource, status: undefined, findings: [toFinding(NO_RESPONSE, answer)] })
  }
  const { response } = answer
  const { status } = response
  try {
    const found =
      status === 402
        ? await diagnose402(asked, response, options, { ports, facts })
        : { findings: [diagnoseUnpriced(response)] }
    return conclude({ resource, status, ...found })
  } finally {
    discard(response)
  }
}

type Found = { readonly findings: readonly Finding[]; readonly quote?: Quote | undefined }

async function diagnose402(
  asked: AskedRequest,
  response: Response,
  { facilitator, origin }: DiagnoseOptions,
  { ports: own, facts }: { readonly ports: Ports; readonly facts: ChainFacts },
): Promise<Found> {
  // What is odd is a finding here.
  const ports: Ports = { ...own, warn: () => undefined }
  const exchange = toExchange(toHttpRequest(asked, response))
  const priced = await tryOr(async () => {
    const terms = await exchange.read(ports, { asItIs: true })
    return 'free' in terms ? undefined : read(exchange, terms, ports)
  })
  if ('error' in priced) return { findings: [toErrorFinding(priced.error)] }
  if (priced.value === undefined) return { findings: [await diagnoseOther402(response, asked)] }
  const { call, challenge } = priced.value
  if (challenge === undefined) return { findings: [toErrorFinding(priced.value.fault)] }
  const findings: Finding[] = [...diagnosePlace(challenge, response), ...diagnoseClock(challenge, response, ports)]
  const secure = await tryOr(async () => assertSecure(call, ports))
  if ('error' in secure) findings.push(toErrorFinding(secure.error))
  const seconds = ports.circuit.openFor(call.origin)
  if (seconds > 0) findings.push(toFinding(ORIGIN_PAUSED, { origin: call.origin, seconds }))
  const isV1 = challenge.envelope.x402Version === 1
  if (origin !== undefined) {
    const headers = isV1
      ? { payment: 'X-PAYMENT', receipt: 'X-PAYMENT-RESPONSE' }
      : { payment: 'PAYMENT-SIGNATURE', receipt: 'PAYMENT-RESPONSE' }
    const inHeader = hasTermsInHeader(response)
    findings.push(...(await diagnoseCors(asked, response, { origin, inHeader, ...headers })))
  }
  const priceless = await tryOr(() => quote(exchange, ports, facts.findToken))
  if ('error' in priceless) return { findings: [...findings, toErrorFinding(priceless.error)] }
  const quoted = priceless.value
  const { kinds, findings: ofOffers } = diagnoseOffers(challenge, quoted, { ports, facts })
  findings.push(...ofOffers, ...diagnoseNetworks(kinds, challenge, facts))
  findings.push(...diagnoseRefusal(quoted, ofOffers))
  if (facilitator !== undefined) findings.push(...(await diagnoseFacilitator(facilitator, kinds, asked)))
  const index = quoted?.taken?.index
  const judged = index === undefined ? undefined : judgeOffer(challenge, index, ports)
  if (judged !== undefined && !('reason' in judged)) findings.push(...(await diagnoseWallet(judged, challenge)))
  return { findings, quote: quoted }
}

/** That none can be paid is said of each, unless a policy of the client's dropped them. */
function diagnoseRefusal(quoted: Quote | undefined, ofOffers: readonly Finding[]): Finding[] {
  const refusal = quoted?.refusal
  const isSaid = refusal?.code === 'NO_PAYABLE_OFFER' && ofOffers.some(({ blocks }) => blocks)
  return refusal === undefined || isSaid ? [] : [toErrorFinding(refusal)]
}

function diagnoseOffers(
  challenge: Challenge,
  quoted: Quote | undefined,
  { ports, facts }: { readonly ports: Ports; readonly facts: ChainFacts },
): { readonly kinds: readonly AskedKind[]; readonly findings: readonly Finding[] } {
  const isPayable = quoted?.taken !== undefined
  const diagnosed = [...challenge.envelope.accepts.keys()]
    .slice(0, MAX_OFFERS)
    .map((index) => diagnoseOffer(challenge, index, { ports, facts, isPayable }))
  return {
    // Of the offer that is paid, what the facilitator lacks blocks.
    kinds: diagnosed.flatMap(({ kind }) =>
      kind === undefined ? [] : [{ ...kind, place: { ...kind.place, blocks: blocksIfLacking(kind, quoted) } }],
    ),
    findings: diagnosed.flatMap(({ findings }) => findings),
  }
}

function blocksIfLacking({ place }: AskedKind, quoted: Quote | undefined): boolean {
  return quoted?.taken === undefined || place.offer === quoted.taken.index
}

/** Where terms stand that other buyers may not find. */
function diagnosePlace({ envelope }: Challenge, response: Response): Finding[] {
  const isOld = isAged({ header: (name) => response.headers.get(name) })
  const cached = isOld ? [toFinding(CACHED_TERMS, {})] : []
  if (hasTermsInHeader(response)) return cached
  return [...cached, envelope.x402Version === 1 ? toFinding(V1_BODY_ONLY, {}) : toFinding(TERMS_IN_BODY, {})]
}

function hasTermsInHeader({ headers }: Response): boolean {
  return (headers.get(PAYMENT_REQUIRED_HEADER)?.trim() ?? '') !== ''
}

/** What the network and a busy seller can cause, in seconds. */
const CLOCK_TOLERANCE_SECONDS = 30

function diagnoseClock({ envelope }: Challenge, response: Response, { clock }: Ports): Finding[] {
  const theirs = readHttpDate(response.headers.get('date') ?? '')
  // A cache keeps the date of what it holds.
  if (theirs === undefined || isAged({ header: (name) => response.headers.get(name) })) return []
  const ahead = Math.round(clock.nowSeconds() - theirs)
  const seconds = Math.abs(ahead)
  if (seconds < CLOCK_TOLERANCE_SECONDS) return []
  const lives = envelope.accepts.map((entry) => Number(Reflect.get(new Object(entry), 'maxTimeoutSeconds')))
  const blocks = ahead < 0 && lives.every((life) => life <= seconds)
  return [toFinding(CLOCK_OFF, { seconds, side: ahead > 0 ? 'ahead of' : 'behind' }, { blocks })]
}

function diagnoseNetworks(kinds: readonly AskedKind[], { envelope }: Challenge, facts: ChainFacts): Finding[] {
  const networks = [...new Set(kinds.map(({ network }) => network))]
  const isOnlyTest = kinds.length === envelope.accepts.length && networks.every((network) => facts.isTest(network))
  return isOnlyTest && networks.length > 0 ? [toFinding(ONLY_TESTNET, { networks: networks.join(', ') })] : []
}

function conclude({
  resource,
  status,
  quote: quoted,
  findings,
}: Found & Pick<Diagnosis, 'resource' | 'status'>): Diagnosis {
  const isBlocked = findings.some(({ blocks }) => blocks)
  const cost =
    isBlocked || (status === 402 && quoted?.cost !== 'payable') ? 'refused' : status === 402 ? 'payable' : 'free'
  const price = quoted?.taken?.dollars ?? quoted?.taken?.price
  const headline = {
    free: `${resource} costs nothing.`,
    payable: `${resource} would be paid${price === undefined ? '' : ` for ${price}`}.`,
    refused: `${resource} can’t be paid.`,
  }[cost]
  return Object.freeze({
    resource,
    status,
    cost,
    quote: quoted,
    findings: Object.freeze([...findings]),
    text: writeFindings(headline, findings),
  })
}

function readOptions(url: string | URL, options: DiagnoseOptions): AskedRequest {
  assertOptions(options, 'diagnose', ['fetch', 'init', 'facilitator', 'origin', 'timeoutMs'])
  const { fetch = globalThis.fetch, init, facilitator, origin, timeoutMs = 10_000 } = options
  if (!URL.canParse(String(url)) || !/^https?:/i.test(String(url))) throw invalidOption('url', 'an http(s) address')
  if (typeof fetch !== 'function') throw invalidOption('diagnose.fetch', 'a fetch function')
  if (init !== undefined && (typeof init !== 'object' || init === null))
    throw invalidOption('diagnose.init', 'an object')
  if (facilitator !== undefined && (!URL.canParse(facilitator) || !/^https?:/i.test(facilitator))) {
    throw invalidOption('diagnose.facilitator', 'an http(s) address')
  }
  if (origin !== undefined && (!URL.canParse(origin) || new URL(origin).origin !== origin)) {
    throw invalidOption('diagnose.origin', "an origin, such as 'https://shop.example'")
  }
  const isTime = typeof timeoutMs === 'number' && timeoutMs > 0 && timeoutMs < 2 ** 31
  if (!isTime) throw invalidOption('diagnose.timeoutMs', 'a positive number of milliseconds')
  return { url: String(url), init, fetch: (...request) => fetch(...request), timeoutMs }
}

/** Errors of ours are findings; all others are thrown. */
async function tryOr<T>(run: () => Promise<T>): Promise<{ readonly value: T } | { readonly error: X402Error }> {
  try {
    return { value: await run() }
  } catch (error) {
    if (isX402Error(error) && error.code !== 'UNKNOWN_OPTION' && error.code !== 'INVALID_OPTION') return { error }
    throw error
  }
}
