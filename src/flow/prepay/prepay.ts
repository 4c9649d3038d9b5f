import { PRICE_CHANGED } from '../../errors/catalogue/rejection.js'
import { fail } from '../../errors/fail.js'
import { isX402Error, type X402Error } from '../../errors/x402-error.js'
import type { Exchange, PayableRequest } from '../../payment/exchange.js'
import { moneyOf, type Payment } from '../../payment/payment.js'
import type { Ports, Prices, Recalled } from '../../payment/ports.js'
import type { Selected } from '../../payment/steps.js'
import { paymentOf } from '../../payment/summary.js'
import { isSameAddress } from '../../wire/address.js'
import { isJsonObject } from '../../wire/json.js'
import { cite } from '../../wire/seller-text.js'
import { isStillOffered } from '../earlier/presented.js'
import { isGood } from '../judge.js'
import { assess } from '../offer.js'
import { type Progress, pay, payOnce, payReserved, tellRefused } from '../pay.js'
import { type ReadChallenge, read } from '../read.js'
import { reserveOffer } from '../reserve/reserved-offer.js'
import { select } from '../select.js'

/** The ports of a client that remembers prices. */
export type PrepayPorts = Ports & { readonly prices: Prices }

/**
 * Pays for a request before it's asked to, at the price that is remembered: the payment travels with the first request. Whatever memory alone would
 * refuse is asked of the seller, who may have changed their mind.
 *
 * @returns The seller's response, with its payment attached; `undefined` when nothing was sent, and the seller has to be asked.
 * @throws The error of the step that refused, as `pay` does; {@link PaymentRejectedError} `PRICE_CHANGED` when the seller asks for other terms: the
 * payment is in doubt.
 */
export async function prepay<Native extends object>(
  request: PayableRequest<Native>,
  ports: PrepayPorts,
): Promise<Native | undefined> {
  const { given } = request
  const recalled = ports.prices.recall({ method: given.method, url: given.asked })
  if (recalled === undefined) return undefined
  const progress: Progress = { answered: undefined, hasLeft: false }
  let challenged: ReadChallenge | undefined
  try {
    challenged = read(request, { url: given.asked, terms: { value: recalled.envelope } }, ports, true)
    const bought = await payOnce(challenged, request, ports, progress)
    learn(challenged, progress, bought, ports)
    return bought
  } catch (error) {
    if (isToBeAsked(error, progress)) return undefined
    if (challenged !== undefined) ports.prices.forget(challenged.call)
    const { rejected } = progress
    if (challenged === undefined || rejected === undefined || !isX402Error(error) || isSame(rejected))
      throw tellRefused(error, progress, ports)
    return goOn({ recalled, challenged, rejected, error }, request, ports)
  }
}

/**
 * Pays a 402, and remembers its price if something was delivered at it.
 *
 * @throws As `pay`.
 */
export async function payAndLearn<Native extends object>(
  exchange: Exchange<Native>,
  ports: PrepayPorts,
): Promise<Native> {
  let begun: { readonly challenged: ReadChallenge; readonly progress: Progress } | undefined
  try {
    const bought = await pay(exchange, ports, (challenged, progress) => {
      begun = { challenged, progress }
    })
    if (begun !== undefined) learn(begun.challenged, begun.progress, bought, ports)
    return bought
  } catch (error) {
    // What was refused before anything left says nothing of the price.
    if (begun?.progress.hasLeft) ports.prices.forget(begun.challenged.call)
    throw error
  }
}

/**
 * Refusals by what is remembered alone: the price may have fallen since, the call may be free, and a 402 of the seller's own is what a caller is
 * shown. What a person or a hook refused is refused.
 */
const ASK: readonly string[] = [
  'ASSET_NOT_ALLOWED',
  'BODY_NOT_REPLAYABLE',
  'CIRCUIT_OPEN',
  'CLIENT_DRAINED',
  'FROZEN',
  'HOST_HEADER_DIFFERS',
  'HOST_NOT_ALLOWED',
  'INSECURE_TRANSPORT',
  'LIMIT_COUNT',
  'LIMIT_PER_PAYMENT',
  'LIMIT_TOTAL',
  'LIMIT_WINDOW',
  'NETWORK_NOT_ALLOWED',
  'NO_OFFERS',
  'NO_PAYABLE_OFFER',
  'PAYEE_CHANGED',
  'PAYEE_NOT_ALLOWED',
  'PAYMENT_HEADER_PRESENT',
  'REQUEST_UNFIT',
  'TAG_NOT_ALLOWED',
  'TERMS_CHANGED_WHILE_PAID',
  'TRANSPORT_MAY_REDIRECT',
]

function isToBeAsked(error: unknown, { hasLeft }: Progress): boolean {
  return !hasLeft && isX402Error(error) && ASK.includes(error.code)
}

/** Remembers what was paid, or forgets the route: without a receipt, no one knows whether the seller asked for anything. */
function learn({ call, challenge }: ReadChallenge, { entry }: Progress, bought: object, ports: PrepayPorts): void {
  const { receipt, delivery, id, money } = paymentOf(bought) ?? {}
  if (challenge === undefined || entry === undefined) return
  if (delivery === 'delivered' && receipt !== undefined && isGood(receipt)) {
    ports.prices.remember(call, { ...challenge.envelope, error: undefined, accepts: [entry] })
    return
  }
  ports.prices.forget(call)
  if (!challenge.isRemembered) return
  ports.warn({
    code: 'PREPAID_WITHOUT_RECEIPT',
    message: `${call.resource} was prepaid, and the response has no receipt: payment ${id} is ${money}. The route may be free or gone, so its seller is asked for the price again.`,
  })
}

/** A payment that was answered with a 402. */
type RejectedPayment = NonNullable<Progress['rejected']>

/** Whether the seller still makes the offer that was paid: then it refused the payment, not its price. */
function isSame({ asked, payment }: RejectedPayment): boolean {
  return isStillOffered(payment, asked)
}

/** A prepaid call that the seller answered with other terms. */
type Changed = {
  readonly recalled: Recalled
  readonly challenged: ReadChallenge
  readonly rejected: RejectedPayment
  /** The refusal, whose response is the seller's new 402. */
  readonly error: X402Error
}

/**
 * Ends a prepaid call whose price changed, or pays the new one, if the caller said so.
 *
 * @throws {@link PaymentRejectedError} `PRICE_CHANGED`, in doubt; the error of the step that refused the new terms.
 */
async function goOn<Native extends object>(
  { recalled, challenged, rejected, error }: Changed,
  request: PayableRequest<Native>,
  ports: PrepayPorts,
): Promise<Native> {
  const native = error.response as Native // what was judged came from this request
  const { given } = request
  const progress: Progress = {
    answered: { native, drain: async () => undefined, letGo: () => request.discard(native) },
    hasLeft: false,
  }
  try {
    const { challenge } = read(request, { url: given.asked, terms: { value: rejected.asked } }, ports)
    if (recalled.onChange === 'refuse' || challenge === undefined)
      throw createChangedError(challenged, rejected, native)
    const selected = await select(challenge, ports)
    if (!isWithinLimits(selected, rejected.payment)) throw createChangedError(challenged, rejected, native)
    const reserved = await reserveOffer(challenge, { payments: [rejected.payment], isPerhaps: false }, ports)
    if (!('authorized' in reserved)) throw createChangedError(challenged, rejected, native)
    return await payReserved(reserved, request, ports, progress)
  } catch (cause) {
    throw tellRefused(cause, progress, ports)
  }
}

/** Whether the limits allow what both authorizations come to, as if it were one payment. Two assets have no sum. */
function isWithinLimits(
  { offer, exposure, registration, challenge }: Selected,
  { terms, exposure: before }: Payment,
): boolean {
  const { network, asset } = offer.terms
  if (network !== terms.network || !isSameAddress(asset, terms.asset)) return false
  const both = exposure + (before === 'unread' ? terms.amount : before)
  const assessment = assess(offer.terms, both, registration.scheme.findDefaultAsset?.(asset, network), challenge.call)
  return !('refusal' in assessment)
}

function createChangedError({ call }: ReadChallenge, { asked, payment }: RejectedPayment, response: object): X402Error {
  const prices = asked.accepts.map((entry) =>
    isJsonObject(entry) ? (entry['amount'] ?? entry['maxAmountRequired']) : '',
  )
  return fail(PRICE_CHANGED, {
    money: moneyOf(payment),
    facts: {
      resource: call.resource,
      network: cite(payment.terms.network),
      payment: payment.id,
      prepaid: `${payment.terms.amount} units`,
      'asked for': cite(prices.map(String).join(', ')),
      'valid until':
        payment.validUntilSeconds === undefined ? undefined : new Date(payment.validUntilSeconds * 1000).toISOString(),
    },
    response,
  })
}
