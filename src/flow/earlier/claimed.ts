import type { Call } from '../../payment/call.js'
import type { Payment } from '../../payment/payment.js'
import type { Ports } from '../../payment/ports.js'
import { brandSigned, type Signed } from '../../payment/steps.js'
import type { Earlier } from '../authorize.js'
import { noteOutcome } from '../note.js'

/** What is left for a call to do: to present the payment that was found, or to make a new one. */
export type Resumed = { readonly signed: Signed } | ({ readonly signed: undefined } & Earlier)

/** The payment was let go, and something was found out: looking again at once tells what is left to do. */
export const LOOK_AGAIN = Symbol('look again')

/** What a call has found out about earlier payments while it looked. */
export type Known = {
  /** Those of which whoever approves agreed that they are presented again, by their ids. */
  readonly agreed: Set<string>
  /** Those that can't be presented any more, and for which the same may be bought again if someone agrees to that. */
  readonly past: Payment[]
}

/**
 * Ends a claim, so that others may present the payment, and returns it as it is now. A ledger that fails is asked again: a payment that
 * stays claimed blocks its purchase for everyone.
 */
export function endClaim(payment: Payment, ports: Ports): Promise<Payment> {
  return noteOutcome(payment, { type: 'freed' }, ports)
}

/**
 * Prepares an earlier payment to be presented again.
 *
 * @returns `undefined` when its signature is gone.
 */
export function toSigned(payment: Payment, call: Call): Signed | undefined {
  const { presentation, payer } = payment
  return presentation && brandSigned({ call, payment, presentation, payer, signature: undefined })
}
