import { ABORTED_IN_FLIGHT } from '../../errors/catalogue/delivery.js'
import { PRICE_CHANGED } from '../../errors/catalogue/rejection.js'
import { fail } from '../../errors/fail.js'
import { isX402Error, type X402Error } from '../../errors/x402-error.js'
import { toAbortName } from '../../payment/abort.js'
import type { Exchange, PayableRequest, Prepaid } from '../../payment/exchange.js'
import { loadPart } from '../../payment/part.js'
import { moneyOf, type Payment } from '../../payment/payment.js'
import type { Ports, Prices, Recalled } from '../../payment/ports.js'
import type { Selected } from '../../payment/steps.js'
import { attachRefusal, paymentOf } from '../../payment/summary.js'
import { isSameAddress } from '../../wire/address.js'
import { isJsonObject } from '../../wire/json.js'
import { cite } from '../../wire/seller-text.js'
import { isStillOffered, listSignedChanges } from '../earlier/presented.js'
import { isGood } from '../judge.js'
import { assess } from '../offer.js'
import {
  type Progress,
  pay,
  payChallenge,
  payOnce,
  presentNow,
  type Rejection,
  signAndDrain,
  tellRefused,
} from '../pay.js'
import { hasSchema, type ReadChallenge, read, withTerms } from '../read.js'
import { reserveOffer } from '../reserve/reserved-offer.js'
import { isPaidElsewhere, isToBeAsked, isUnsent } from './refusals.js'

/** The ports of a client that remembers prices. */
export type PrepayPorts = Ports & { readonly prices: Prices }

/**
 * Pays for a request before it's asked to, at the price that is remembered: the payment travels with the first request. Whatever memory alone would
 * refuse is asked of the seller, who may have changed their mind.
 *
 * @returns What became of it; a response has its payment attached.
 * @throws As `pay`, once the payment has left, and where the call was aborted; {@link PaymentRejectedError} `PRICE_CHANGED` when the seller asks for
 * other terms: the payment is in doubt.
 */
export async function prepay<Native extends object>(
  request: PayableRequest<Native>,
  ports: PrepayPorts,
): Promise<Prepaid<Native>> {
  const { given } = request
  if (given.signal?.aborted) return undefined // the platform refuses it, and no one is asked to approve it
  const recalled = ports.prices.recall({ method: given.method, url: given.asked })
  if (recalled === undefined) return undefined
  const progress: PrepayProgress = { answered: undefined, hasLeft: false }
  let challenged: ReadChallenge | undefined
  try {
    challenged = read(request, { url: given.asked, terms: { value: recalled.envelope } }, ports, true)
    await request.assertAllowed?.(recalled.envelope)
    // The new terms are a part of the call: those that joined it get what comes of them, and a client that drains waits for it.
    const bought = await payOnce(challenged, request, ports, progress, (reading) =>
      payOrGoOn(reading, recalled, request, ports, progress),
    )
    // What the seller asked for instead has held once at most, so it isn't remembered yet.
    if (progress.changed !== true) learn(challenged, progress, bought, ports)
    return bought
  } catch (error) {
    const isAsked = isToBeAsked(error, progress)
    // One that carries a payment already is another client's to pay for.
    if (challenged !== undefined && isAsked && !isPaidElsewhere(error)) ports.prices.setAside(challenged.call)
    if (isAsked) return undefined
    if (challenged !== undefined && progress.hasLeft) ports.prices.forget(challenged.call)
    tellRefused(error, progress, ports)
    if (isX402Error(error) && isUnsent(error, progress)) return error
    throw error
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
    message: `${call.resource} was prepaid, and the response has no good receipt, or delivers nothing: payment ${id} is ${money}. The route may be free or gone, so its seller is asked for the price again.`,
  })
}

/** Whether the seller still makes the offer that was paid: then it refused the payment, not its price. */
function isSame({ asked, payment }: Rejection): boolean {
  return isStillOffered(payment, asked)
}

/** Pays at the remembered price; where the seller asks for other terms, ends the call or goes on with those, as its caller said. */
async function payOrGoOn<Native extends object>(
  challenged: ReadChallenge,
  recalled: Recalled,
  request: PayableRequest<Native>,
  ports: PrepayPorts,
  progress: PrepayProgress,
): Promise<Native> {
  try {
    return await payChallenge(challenged, request, ports, progress)
  } catch (error) {
    const { rejected } = progress
    if (rejected === undefined || !isX402Error(error) || error.code !== 'PAYMENT_REJECTED' || isSame(rejected))
      throw error
    ports.prices.forget(challenged.call)
    progress.changed = true
    const native = error.response as Native // what was judged came from this request
    const changed = { challenged, rejected, native }
    const mayPay = recalled.onChange === 'pay-new' && !rejected.isPending && moneyOf(rejected.payment) === 'in-doubt'
    if (!mayPay) throw createChangedError(changed, undefined)
    progress.answered = { native, drain: async () => undefined, letGo: () => request.discard(native) }
    return await payNew(changed, request, ports, progress)
  }
}

type PrepayProgress = Progress & {
  /** The seller asked for other terms than those that were prepaid. */
  changed?: boolean
}

/** A prepaid call that the seller answered with other terms. */
type Changed<Native = object> = {
  readonly challenged: ReadChallenge
  readonly rejected: Rejection
  /** The seller's new 402. */
  readonly native: Native
}

/**
 * Pays the new terms, within limits that allow both payments together.
 *
 * @throws {@link PaymentRejectedError} `PRICE_CHANGED`, in doubt, whatever kept the second payment from leaving: the first one has left.
 */
async function payNew<Native extends object>(
  changed: Changed<Native>,
  request: PayableRequest<Native>,
  ports: PrepayPorts,
  progress: Progress,
): Promise<Native> {
  const { challenged, rejected } = changed
  try {
    const challenge = withTerms(challenged, rejected.asked)
    await request.assertAllowed?.(rejected.asked)
    if (hasSchema(challenge)) {
      const { assertFits } = await loadPart(import('../seller-schema/misfit.js'))
      await assertFits(challenge, request, ports)
    }
    const judge = (selected: Selected) => {
      const both = judgeBoth(selected, rejected.payment)
      if (both === undefined) throw createChangedError(changed, undefined)
      return both
    }
    const earlier = { payments: [rejected.payment], isPerhaps: false, endsWhenSigned: true }
    const reserved = await reserveOffer(challenge, earlier, ports, { judge })
    if (!('authorized' in reserved)) throw createChangedError(changed, undefined)
    const signed = await signAndDrain(reserved, request, ports, progress)
    // Not before: until something was signed, the same call finds the first payment, and pays nothing new.
    const { noteBoughtAgain } = await loadPart(import('../approval.js')) // loaded by now, with who was asked
    await noteBoughtAgain(earlier.payments, signed.call, ports)
    return await presentNow(signed, request, ports, progress, reserved.hooks)
  } catch (cause) {
    // The new payment has left, and its own error says what came of it.
    if (progress.answered === undefined) throw cause
    if (isX402Error(cause) && cause.code === 'PRICE_CHANGED') throw cause
    throw createChangedError(changed, cause)
  }
}

/**
 * Holds what both authorizations come to against the limits, as if it were one payment. Two assets have no sum.
 *
 * @returns The offer, about which everyone is asked who is asked about both; `undefined` where the limits refuse.
 */
function judgeBoth(selected: Selected, { terms, exposure: before }: Payment): Selected | undefined {
  const { offer, exposure, registration, challenge, assessment } = selected
  const { network, asset } = offer.terms
  if (network !== terms.network || !isSameAddress(asset, terms.asset)) return undefined
  const both = exposure + (before === 'unread' ? terms.amount : before)
  const assessed = assess(offer.terms, both, registration.scheme.findDefaultAsset?.(asset, network), challenge.call)
  if ('refusal' in assessed) return undefined
  const { approvals } = assessed
  return 'refusal' in assessment ? selected : { ...selected, assessment: { ...assessment, approvals } }
}

function createChangedError({ challenged, rejected, native }: Changed, cause: unknown): X402Error {
  const { resource, signal } = challenged.call
  const { asked, payment } = rejected
  const money = moneyOf(payment)
  if (signal?.aborted) {
    const facts = { resource, payment: payment.id }
    return fail(ABORTED_IN_FLIGHT, { money, facts, name: toAbortName(signal.reason), cause: signal.reason })
  }
  const prices = asked.accepts.map((entry) =>
    isJsonObject(entry) ? (entry['amount'] ?? entry['maxAmountRequired']) : '',
  )
  const changes = findChanges(payment, asked)
  const error = fail(PRICE_CHANGED, {
    money,
    facts: {
      resource,
      network: cite(payment.terms.network),
      payment: payment.id,
      prepaid: `${payment.terms.amount} units`,
      'asked for': `${cite(prices.map(String).join(', '))} units`,
      changed: changes.length === 0 ? undefined : changes.join(', '),
      'valid until':
        payment.validUntilSeconds === undefined ? undefined : new Date(payment.validUntilSeconds * 1000).toISOString(),
      'not paid because': isX402Error(cause) ? cause.shortMessage : undefined,
    },
    response: native,
    cause,
  })
  attachRefusal(native, error)
  return error
}

/** Names what is signed and differs in the offer that is nearest to the one that was paid: amounts alone don't tell that a recipient changed. */
function findChanges({ presentation }: Payment, { accepts }: Rejection['asked']): readonly string[] {
  const paid = presentation?.entry
  if (!isJsonObject(paid)) return []
  const all = accepts.filter(isJsonObject).map((entry) => listSignedChanges(entry, paid))
  return all.reduce((nearest, one) => (one.length < nearest.length ? one : nearest), all[0] ?? [])
}
