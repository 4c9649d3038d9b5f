import {
  ABORTED_IN_FLIGHT,
  ANSWER_LOST,
  ANSWER_UNREAD,
  LEDGER_UNAVAILABLE_TO_SEND,
  REDIRECTED,
  REDIRECTED_ELSEWHERE,
} from '../errors/catalogue/delivery.js'
import {
  PAID_NOT_DELIVERED,
  PAID_NOT_DELIVERED_RESTRICTED,
  PAYMENT_REJECTED,
  REJECTED_FOR_ALLOWANCE,
  REJECTION_HINTS,
} from '../errors/catalogue/rejection.js'
import { fail } from '../errors/fail.js'
import type { DeliveryError, PaymentRejectedError } from '../errors/step-errors.js'
import { toAbortName } from '../payment/abort.js'
import type { PaidResponse, PayableRequest } from '../payment/exchange.js'
import { moneyOf, type Payment } from '../payment/payment.js'
import type { Ports } from '../payment/ports.js'
import type { Signed } from '../payment/steps.js'
import { toRequirements } from '../payment/terms.js'
import type { ReasonKind } from '../wire/reasons.js'
import { cite } from '../wire/seller-text.js'
import type { Judgement } from './judge.js'

/*
 * The errors of a payment that was sent. They are never loaded on demand: throwing an error must not depend on the network.
 */

function toErrorFacts({ call, payment }: Signed) {
  return { resource: call.resource, payment: payment.id }
}

/** The error of a paid request that got no response. */
export function createLostError(
  cause: unknown,
  signed: Signed,
  { lostHint }: Pick<PayableRequest, 'lostHint'>,
): DeliveryError {
  const { signal } = signed.call
  const { hint } = ANSWER_LOST
  const given = {
    money: moneyOf(signed.payment),
    facts: toErrorFacts(signed),
    hint: lostHint === undefined ? hint : `${hint} ${lostHint}`,
  }
  if (!signal?.aborted) return fail(ANSWER_LOST, { ...given, cause })
  return fail(ABORTED_IN_FLIGHT, { ...given, name: toAbortName(signal.reason), cause: signal.reason })
}

/** The error of a paid request whose response could not be read. */
export function createUnreadError(cause: unknown, signed: Signed): DeliveryError {
  return fail(ANSWER_UNREAD, { money: moneyOf(signed.payment), facts: toErrorFacts(signed), cause })
}

/** The error of a payment that a redirect would have carried elsewhere. */
export function createRedirectError(elsewhere: string | undefined, { call, payment }: Signed): DeliveryError {
  return fail(elsewhere === undefined ? REDIRECTED : REDIRECTED_ELSEWHERE, {
    money: moneyOf(payment),
    facts: { resource: call.resource, 'redirected to': elsewhere && cite(elsewhere), payment: payment.id },
  })
}

/** The error of a payment that the ledger could not write down as sent; `after` says whether it has left all the same, by another process. */
export function createUnwrittenError(cause: unknown, signed: Signed, after: Payment): DeliveryError {
  const money = signed.signature === undefined || after.state === 'sent' ? 'in-doubt' : 'signed'
  return fail(LEDGER_UNAVAILABLE_TO_SEND, { money, facts: toErrorFacts(signed), cause })
}

/** A payment that the seller rejected, by asking for a payment again or by saying that it can't take this one. */
export type Rejected = {
  readonly signed: Signed
  readonly response: PaidResponse
  readonly judgement: Judgement
  /** The status of the response before this one. */
  readonly statusBefore: number | undefined
}

/** The error of a payment that the seller rejected. */
export function createRejection(
  { signed, response, judgement, statusBefore }: Rejected,
  ports: Ports,
): PaymentRejectedError {
  const { reason, said } = judgement
  const { payment } = signed
  const isSpent = reason === 'already-spent'
  const hints: Partial<Record<ReasonKind, string>> = REJECTION_HINTS
  const row = isSpent ? PAID_NOT_DELIVERED : reason === 'allowance' ? REJECTED_FOR_ALLOWANCE : PAYMENT_REJECTED
  return fail(row, {
    money: moneyOf(payment),
    facts: {
      resource: signed.call.resource,
      network: cite(payment.terms.network),
      payment: payment.id,
      'answered before': isSpent && statusBefore !== undefined ? String(statusBefore) : undefined,
      ...(reason === 'allowance' && toMissingAllowance(signed, ports)),
      'seller says': said && cite(said),
      'our clock': isSpent ? undefined : response.describeSkew(ports.clock.nowSeconds()),
    },
    hint: isSpent && ports.isRestricted ? PAID_NOT_DELIVERED_RESTRICTED : hints[reason],
    response: response.native,
  })
}

/** The allowance that is missing: which token, for whom, how much. */
function toMissingAllowance(signed: Signed, ports: Ports): Record<string, string | undefined> {
  const { asset, amount } = signed.payment.terms
  return { token: cite(asset), spender: findSpender(signed, ports), needed: `${amount} units` }
}

/** Finds who would take the tokens; `undefined` when the scheme can't read its payload back. */
function findSpender({ presentation, payment }: Signed, { schemes, clock }: Ports): string | undefined {
  const { terms, payer } = payment
  const { scheme, network } = terms
  const registration = schemes.find({ scheme, network, x402Version: 2, spoken: undefined, payer })
  const { payload } = presentation.payload
  try {
    return registration?.scheme.describe?.(payload, toRequirements(terms), clock.nowSeconds())?.spender
  } catch {
    return undefined // the error tells the rest
  }
}
