import { isX402Error, type X402Error } from '../errors/x402-error.js'
import { listAllowances } from '../flow/allowances.js'
import { createOfferError, createRefusedError } from '../flow/limit-errors.js'
import { isAllowed, type Judged, judgeOffer } from '../flow/offer.js'
import { read } from '../flow/read.js'
import { select } from '../flow/select.js'
import type { Exchange } from '../payment/exchange.js'
import { type Cap, FREEZE } from '../payment/ledger.js'
import type { Assessment } from '../payment/limits.js'
import type { Ports } from '../payment/ports.js'
import type { TokenAllowance } from '../payment/scheme.js'
import type { Challenge, Selected } from '../payment/steps.js'
import { type ShownTerms, writePrice } from '../payment/terms.js'
import { isAmount } from '../wire/amount.js'
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

/** One offer, as a person reads it: what the seller wrote, also where it can't be paid. */
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
 * @returns The quote, or `undefined` when the 402 isn't x402.
 * @throws {@link ChallengeError} when the 402 can't be read; nothing was signed.
 */
export async function quote(exchange: Exchange, ports: Ports): Promise<Quote | undefined> {
  const asked = await exchange.read({ trust: ports.trust, warn: ports.warn }, { asItIs: true })
  if ('free' in asked) return undefined
  const reading = read(exchange, asked, ports)
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
  if ('refusal' in assessment) return createOfferError(selected, assessment.refusal)
  const frozen = await ports.ledger.get(FREEZE.kind, FREEZE.key)
  if (frozen !== undefined) return createRefusedError(selected, { by: 'frozen', value: frozen }, ports)
  for (const cap of assessment.caps) {
    const { held, spent, count } = await ports.ledger.spent(cap)
    if (isExceeded(cap, held + spent, count, assessment)) {
      return createRefusedError(selected, { by: 'cap', cap, held, spent }, ports)
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
    scheme: challenge.call.cite(said['scheme']),
    network: challenge.call.cite(said['network']),
    asset: challenge.call.cite(said['asset']),
    payTo: challenge.call.cite(said['payTo']),
    amount: isAmount(amount) ? amount : undefined,
    ...('reason' in judged ? NO_PRICE : writePrice(judged.offer.terms.amount, judged.assessment.notation)),
    exposure: 'reason' in judged ? undefined : String(judged.exposure),
    allowances: 'reason' in judged ? [] : toAllowances(judged, challenge),
    reason: 'reason' in judged ? judged.reason : (passedOver ?? (isAllowed(judged) ? undefined : refusalOf(judged))),
  })
}

function toAllowances({ offer, registration }: Judged, { envelope }: Challenge): readonly TokenAllowance[] {
  return listAllowances(registration.scheme, offer.requirements, envelope.extensions)
}

const NO_PRICE = { price: undefined, dollars: undefined }

function refusalOf({ assessment }: Judged): string | undefined {
  return 'refusal' in assessment ? assessment.refusal.because : undefined
}
