import { isX402Error, type X402Error } from '../errors/x402-error.js'
import { listAllowances } from '../flow/allowances.js'
import { foresee } from '../flow/approvers/foreseen.js'
import { createOfferError, createRefusedError, createReplacedError } from '../flow/limit-errors.js'
import { assess, isAllowed, type Judged, judgeOffer } from '../flow/offer.js'
import { hasSchema, read } from '../flow/read.js'
import { select } from '../flow/select.js'
import { createUnfitError, findMisfit } from '../flow/seller-schema/misfit.js'
import type { Exchange } from '../payment/exchange.js'
import { LIMITS } from '../payment/ledger.js'
import type { Ports } from '../payment/ports.js'
import type { SchemeNetworkClient, TokenAllowance } from '../payment/scheme.js'
import type { Challenge, Selected } from '../payment/steps.js'
import { type ShownTerms, toTerms, writePrice } from '../payment/terms.js'
import { isAmount } from '../wire/amount.js'
import { isJsonObject } from '../wire/json.js'
import { readRequirements } from '../wire/requirements.js'

/** What a resource costs now, without having paid for it. */
export type Quote = {
  /** Method and address, without credentials, query and fragment. */
  readonly resource: string
  /** What is sold, in the seller's words: one line, bounded, without invisible characters. Show it as a quotation; it proves nothing. */
  readonly description: string | undefined
  /** Every offer of the 402, in the seller's order. */
  readonly offers: readonly QuotedOffer[]
  /** The offer that would be paid; `undefined` when none can be. */
  readonly taken: QuotedOffer | undefined
  /**
   * What a call would come to at this moment:
   *
   * - `'free'`: the seller asks for no money, and responds with a `2xx` or `3xx`.
   * - `'payable'`: an offer can be signed for, and the limits allow it. Hooks, the person who approves, the circuit and `pinPayTo` are
   *   asked only by a call, and may still refuse it.
   * - `'refused'`: it wouldn't be paid. `refusal` says why, unless the 402 isn't x402: a call returns that one as it came, and
   *   `client.diagnose` says what it is.
   * - `'unknown'`: the response is an error other than a 402, such as a `404` or `500`. It says nothing about a price.
   */
  readonly cost: 'free' | 'payable' | 'refused' | 'unknown'
  /** Whether someone must say yes first: a call asks the `approve` of the limits, or waits for a desk. `false` where nothing would be paid. */
  readonly needsApproval: boolean
  /** Why it would be refused: the error that a call would end with. */
  readonly refusal: X402Error | undefined
}

/** Finds a token that is known to be worth a dollar, on any chain: no scheme has to be registered for it. */
type FindKnownToken = NonNullable<SchemeNetworkClient['findDefaultAsset']>

/** One offer, as a person reads it: what the seller wrote, even if it can't be paid. A known token has its price without a signer for it, too. */
export type QuotedOffer = { readonly [Fact in keyof ShownTerms]: string | undefined } & {
  readonly index: number
  /** What others could take by what would be signed, in atomic units, and what limits count; `undefined` where it can't be signed. */
  readonly exposure: string | undefined
  /** What may be signed along with the payment, if the chain says that it is needed. */
  readonly allowances: readonly TokenAllowance[]
  /** Why it would not be taken; `undefined` for the one that would be. */
  readonly reason: string | undefined
}

/**
 * Reads what a 402 asks for and says what would be done about it. Nothing is reserved and nothing signed.
 *
 * @param findKnownToken - Prices offers that no registered scheme can judge.
 * @returns The quote, or `undefined` when the 402 isn't x402.
 * @throws {@link ChallengeError} when the 402 can't be read; nothing was signed.
 */
export async function quote(
  exchange: Exchange,
  ports: Ports,
  findKnownToken: FindKnownToken,
): Promise<Quote | undefined> {
  const asked = await exchange.read({ trust: ports.trust, warn: ports.warn }, { asItIs: true })
  if ('free' in asked) return undefined
  const reading = read(exchange, asked, ports)
  if (reading.challenge === undefined) throw reading.fault
  const { challenge } = reading
  const areKnown = await ports.followLimits(await ports.ledger.get(LIMITS.kind, LIMITS.key))
  const { selected, refusal: unselectable } = await trySelect(challenge, ports)
  const refusal =
    unselectable ??
    (await findUnfit(challenge, exchange, ports)) ??
    (selected && (areKnown ? await findRefusal(selected, ports) : createReplacedError(selected, 'unreadable')))
  const reasons = new Map(selected?.considered().map(({ index, reason }) => [index, reason]))
  const offers = [...challenge.envelope.accepts.keys()].map((index) =>
    quoteOffer(challenge, index, { ports, findKnownToken }, reasons.get(index)),
  )
  return Object.freeze({
    resource: challenge.call.resource,
    description: readDescription(challenge, selected?.offer.index ?? 0),
    offers,
    taken: selected && offers[selected.offer.index],
    cost: refusal === undefined ? 'payable' : 'refused',
    needsApproval: refusal === undefined && selected !== undefined && asksAnyone(selected),
    refusal,
  })
}

function asksAnyone({ assessment }: Selected): boolean {
  return 'approvals' in assessment && (assessment.approvals ?? []).length > 0
}

/** In protocol 1 each offer describes the resource by itself. */
function readDescription({ call, envelope }: Challenge, index: number): string | undefined {
  const entry = envelope.accepts[index]
  return call.cite(envelope.resource?.['description'] ?? (isJsonObject(entry) ? entry['description'] : undefined))
}

async function trySelect(
  challenge: Challenge,
  ports: Ports,
): Promise<{ selected: Selected | undefined; refusal: X402Error | undefined }> {
  try {
    return { selected: await select(challenge, ports), refusal: undefined }
  } catch (error) {
    if (isX402Error(error)) return { selected: undefined, refusal: error }
    throw error
  }
}

/** What the seller's own schema would say to the request. */
async function findUnfit(challenge: Challenge, exchange: Exchange, { trust }: Ports): Promise<X402Error | undefined> {
  if (trust.sellerSchema !== 'refuse' || !hasSchema(challenge)) return undefined
  const { problem } = await findMisfit(challenge, exchange)
  return problem === undefined ? undefined : createUnfitError(challenge, problem)
}

/** What the limits would say to `authorize` now, without reserving. */
async function findRefusal(selected: Selected, ports: Ports): Promise<X402Error | undefined> {
  const { assessment } = selected
  if ('refusal' in assessment) return createOfferError(selected, assessment.refusal)
  const refused = await foresee(selected, ports)
  if (refused === undefined) return undefined
  // Followed a moment ago, so that they were replaced once more.
  if (refused.by === 'limits') return createReplacedError(selected, 'often')
  return createRefusedError(selected, refused, ports)
}

type Pricing = { readonly ports: Ports; readonly findKnownToken: FindKnownToken }

function quoteOffer(
  challenge: Challenge,
  index: number,
  { ports, findKnownToken }: Pricing,
  passedOver: string | undefined,
): QuotedOffer {
  const entry = challenge.envelope.accepts[index]
  const said = isJsonObject(entry) ? entry : {}
  const judged = judgeOffer(challenge, index, ports)
  const amount = said['amount'] ?? said['maxAmountRequired']
  return Object.freeze({
    index,
    scheme: challenge.call.cite(said['scheme']),
    network: challenge.call.cite(said['network']),
    asset: challenge.call.cite(said['asset']),
    payTo: challenge.call.cite(said['payTo']),
    amount: isAmount(amount) ? amount : undefined,
    ...('reason' in judged
      ? priceUnsigned(challenge, entry, findKnownToken)
      : writePrice(judged.offer.terms.amount, judged.assessment.notation)),
    exposure: 'reason' in judged ? undefined : String(judged.exposure),
    allowances: 'reason' in judged ? [] : toAllowances(judged, challenge),
    reason: 'reason' in judged ? judged.reason : (passedOver ?? (isAllowed(judged) ? undefined : refusalOf(judged))),
  })
}

function toAllowances({ offer, registration }: Judged, { envelope }: Challenge): readonly TokenAllowance[] {
  return listAllowances(registration.scheme, offer.requirements, envelope.extensions)
}

const NO_PRICE = { price: undefined, dollars: undefined }

/** What an offer costs that can't be signed for, if its token is known here or to the limits. */
function priceUnsigned(
  { call, envelope }: Challenge,
  entry: unknown,
  findKnownToken: FindKnownToken,
): Pick<ShownTerms, 'price' | 'dollars'> {
  const read = readRequirements(entry, envelope.x402Version)
  if ('problem' in read) return NO_PRICE
  const terms = toTerms(read.value)
  const known = findKnownToken(terms.asset, terms.network)
  return writePrice(terms.amount, assess(terms, terms.amount, known, call).notation)
}

function refusalOf({ assessment }: Judged): string | undefined {
  return 'refusal' in assessment ? assessment.refusal.because : undefined
}
