import type { X402Error } from '../errors/x402-error.js'
import { moneyOf } from '../payment/payment.js'
import type { Ports } from '../payment/ports.js'
import type { Signed } from '../payment/steps.js'
import type { PaymentSummary } from '../payment/summary.js'
import { showTerms } from '../payment/terms.js'
import { isGood, type Judgement } from './judge.js'
import { noteUnsettled } from './note.js'
import { createRejection, type Rejected } from './sent-errors.js'

/**
 * Tells the circuit and the scheme what a judged response means, once the ledger knows it.
 *
 * @param attach - Attaches the payment to the response. It's called before the response is watched: V8 reads the members of a watched one slowly
 *   once anything is added to it.
 * @returns The payment as callers see it; its `error` is why the seller rejected it.
 */
export function concludeResponse(
  rejected: Rejected,
  ports: Ports,
  attach?: (summary: PaymentSummary) => unknown,
): PaymentSummary {
  const { signed, judgement } = rejected
  const { call, payment } = signed
  const summary = summarize(signed, judgement, judgement.isRejected ? createRejection(rejected, ports) : undefined)
  attach?.(summary)
  // A 4xx that took no money is an honest response, which says nothing against the seller.
  if (judgement.delivery === 'delivered') noteDelivered(rejected, ports)
  else if (judgement.delivery !== 'answered' || isGood(judgement.receipt)) {
    ports.circuit.note(call.origin, payment.id, false)
  }
  if (payment.allowances !== undefined && payment.allowances.length > 0) void noteUnsettled(payment, judgement, ports)
  return summary
}

/** Where the head doesn't say whether the body is empty, or whether it comes, that is found out when somebody reads it. */
function noteDelivered({ response, signed }: Rejected, { circuit }: Ports): void {
  const { call, payment } = signed
  const { isEmpty, watchBody } = response
  if (isEmpty === undefined) watchBody?.(circuit.presume(call.origin, payment.id))
  else circuit.note(call.origin, payment.id, !isEmpty)
}

/** What is known of a payment, without anything that someone could spend. */
export function summarize(
  { call, payment, payer }: Signed,
  { receipt, transaction, delivery }: Omit<Partial<Judgement>, 'delivery'> & Pick<PaymentSummary, 'delivery'>,
  error?: X402Error,
): PaymentSummary {
  const { id, terms, notation } = payment
  const shown = Object.assign(showTerms(terms, notation), { resource: call.resource, payer })
  return { id, money: moneyOf(payment), delivery, terms: shown, receipt, transaction, error }
}
