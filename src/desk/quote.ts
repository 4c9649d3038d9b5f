import { isX402Error, type X402Error } from '../errors/x402-error.js'
import { createCapError, createRefusalError } from '../flow/authorize.js'
import { isAllowed, type Judged, judgeOffer } from '../flow/judge-offer.js'
import { listAllowances } from '../flow/list-allowances.js'
import type { Assessment, Cap, Exchange, Limits, Ports } from '../flow/ports.js'
import { readChallenge } from '../flow/read-challenge.js'
import { select } from '../flow/select.js'
import type { Challenge, Selected } from '../flow/steps.js'
import type { TokenAllowance } from '../payment/scheme.js'
import { formatPrice, isAmount } from '../wire/amount.js'
import { isJsonObject } from '../wire/json.js'

/** What a resource costs now, without having paid for it. */
export type Quote = {
  /** Method and address, without credentials, query and fragment. */
  readonly resource: string
  /** Every offer of the 402, in the seller's order. */
  readonly offers: readonly QuotedOffer[]
  /** The offer that would be paid; `undefined` when none can be. */
  readonly taken: QuotedOffer | undefined
  /**
   * Whether an offer can be signed for, and the limits allow it at this moment. Hooks, whoever approves, the circuit and `pinPayTo` are
   * asked by a call only, and may refuse it still.
   */
  readonly payable: boolean
  /** Why it isn't payable: the error that a call would end with. */
  readonly refusal: X402Error | undefined
}

/** One offer, as a person reads it. */
export type QuotedOffer = {
  readonly index: number
  readonly scheme: string | undefined
  readonly network: string | undefined
  readonly asset: string | undefined
  readonly payTo: string | undefined
  /** Atomic units. */
  readonly amount: string | undefined
  /** Such as `0.01 USDC`; `undefined` when nobody knows the asset. */
  readonly price: string | undefined
  /** Such as `$0.01`; `undefined` when the asset isn't known to be worth a dollar. */
  readonly dollars: string | undefined
  /** What others could take by what would be signed, in atomic units, and what limits count; `undefined` where it can't be signed. */
  readonly exposure: string | undefined
  /** What may be signed beside the payment, where the chain says that it is needed. */
  readonly allowances: readonly TokenAllowance[]
  /** Why it would not be taken; `undefined` for the one that would be. */
  readonly reason: string | undefined
}

/**
 * Reads what a 402 asks for and says what would be done about it. Nothing is reserved and nothing signed.
 *
 * @returns The quote, or `undefined` when the 402 isn't x402.
 * @throws {@link ChallengeError} when the 402 can't be read; nothing was signed.
 */
export async function quote(exchange: Exchange, ports: Ports): Promise<Quote | undefined> {
  const reading = await readChallenge(exchange, ports)
  if (reading === undefined) return undefined
  if (reading.challenge === undefined) throw reading.fault
  const { challenge } = reading
  const { selected, refusal: unselectable } = await trySelect(challenge, ports)
  const refusal = unselectable ?? (selected && (await findRefusal(selected, ports)))
  const reasons = new Map(selected?.considered().map(({ index, reason }) => [index, reason]))
  const offers = [...challenge.envelope.accepts.keys()].map((index) =>
    quoteOffer(challenge, index, ports, reasons.get(index)),
  )
  const taken = selected && offers[selected.offer.index]
  return Object.freeze({ resource: challenge.call.resource, offers, taken, payable: refusal === undefined, refusal })
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

/** What the limits would say to `authorize` now, without reserving. */
async function findRefusal(selected: Selected, ports: Ports): Promise<X402Error | undefined> {
  const { assessment } = selected
  if ('refusal' in assessment) return createRefusalError(selected, assessment.refusal)
  for (const cap of assessment.caps) {
    const { held, spent, count } = await ports.ledger.spent(cap)
    if (isExceeded(cap, held + spent, count, assessment)) {
      return createCapError(selected, { refusedBy: cap, held, spent })
    }
  }
  return undefined
}

function isExceeded(
  cap: Cap,
  counted: bigint,
  count: number,
  { charges }: Extract<Assessment, { caps: unknown }>,
): boolean {
  const added = charges.find(({ unit }) => unit === cap.unit)
  if (added === undefined) return false
  return (
    (cap.amount !== undefined && counted + added.amount > cap.amount) ||
    (cap.count !== undefined && count + 1 > cap.count)
  )
}

function quoteOffer(challenge: Challenge, index: number, ports: Ports, passedOver: string | undefined): QuotedOffer {
  const entry = challenge.envelope.accepts[index]
  const said = isJsonObject(entry) ? entry : {}
  const judged = judgeOffer(challenge, index, ports)
  const amount = said['amount'] ?? said['maxAmountRequired']
  return Object.freeze({
    index,
    scheme: challenge.call.quote(said['scheme']),
    network: challenge.call.quote(said['network']),
    asset: challenge.call.quote(said['asset']),
    payTo: challenge.call.quote(said['payTo']),
    amount: isAmount(amount) ? amount : undefined,
    ...('reason' in judged ? NO_PRICE : toPrices(judged, challenge.call.limits)),
    exposure: 'reason' in judged ? undefined : String(judged.exposure),
    allowances: 'reason' in judged ? [] : toAllowances(judged, challenge),
    reason: 'reason' in judged ? judged.reason : (passedOver ?? (isAllowed(judged) ? undefined : refusalOf(judged))),
  })
}

function toAllowances({ offer, registration }: Judged, { envelope }: Challenge): readonly TokenAllowance[] {
  return listAllowances(registration.scheme, offer.requirements, envelope.extensions)
}

const NO_PRICE = { price: undefined, dollars: undefined }

function toPrices({ offer, assessment }: Judged, limits: Limits): Pick<QuotedOffer, 'price' | 'dollars'> {
  const dollars = assessment.dollars === undefined ? undefined : limits.format('usd', assessment.dollars)
  const { symbol, decimals } = assessment
  return { price: formatPrice(BigInt(offer.requirements.amount), symbol, decimals), dollars }
}

function refusalOf({ assessment }: Judged): string | undefined {
  return 'refusal' in assessment ? assessment.refusal.because : undefined
}
