import type { MoneyState, X402Error } from '../errors/x402-error.js'
import type { Job } from './job/job.js'
import type { Delivery } from './payment.js'
import type { Receipt } from './ports.js'
import type { ShownTerms } from './terms.js'

/** What was paid for one call, and where the money is. Read it with `paymentOf(response)`. */
export type PaymentSummary<Native extends object = object> = {
  /** The ledger's id of the payment; `undefined` when nothing was reserved. */
  readonly id: string | undefined
  readonly money: MoneyState
  readonly delivery: Delivery
  /** What was approved and signed; `undefined` when no offer was taken. */
  readonly terms: PaidTerms | undefined
  readonly receipt: Receipt | undefined
  /** The transaction that the receipt names; the seller's word until checked on the chain. */
  readonly transaction: string | undefined
  /** Why nothing was paid, or why the seller refused the payment. */
  readonly error: X402Error | undefined
  /** What the seller only accepted, with a `202`: waits for it without a second payment. `undefined` when it doesn't say where to ask. */
  readonly job?: Job<Native> | undefined
}

/** The terms of a payment as they were signed. */
export type PaidTerms = ShownTerms & {
  readonly resource: string
  readonly payer: string | undefined
}

const PAYMENT = Symbol.for('pay402.payment')

/**
 * Tells what was paid for a response.
 *
 * @example
 * ```ts
 * const response = await paidFetch('https://api.example.com/weather')
 * paymentOf(response)?.money //=> 'settled'
 * ```
 *
 * @param response - A `Response` of a wrapped fetch, or a clone of one.
 * @returns The payment, or why there is none (`error`, with `refusals: 'return'`); `undefined` when the response cost nothing.
 */
export function paymentOf<Native extends object>(response: Native): PaymentSummary<Native> | undefined {
  const attached = Reflect.get(response, PAYMENT) as PaymentSummary<Native> | undefined // only attachPayment writes this symbol
  return (
    attached ??
    (Object.isExtensible(response) ? undefined : (alongside.get(response) as PaymentSummary<Native> | undefined))
  ) // its own
}

/** Payments of responses that nothing can be attached to: another library's fetch may freeze its own. */
const alongside = new WeakMap<object, PaymentSummary>()

/** Attaches the payment of one response to a copy of it. */
export function copyPayment<A extends object>(from: object, to: A): A {
  const payment = paymentOf(from)
  return payment === undefined ? to : attachPayment(to, payment)
}

/** Attaches a refusal to the 402 that was not paid. A 402 to a paid request already has its payment, and is given what the call ended with. */
export function attachRefusal<A extends object>(response: A, error: X402Error): A {
  const payment = paymentOf(response)
  if (payment !== undefined) {
    const isOther = payment.error !== undefined && payment.error !== error
    return isOther ? attachPayment(response, { ...payment, error }) : response
  }
  const nothing = { id: undefined, terms: undefined, receipt: undefined, transaction: undefined }
  return attachPayment(response, { ...nothing, money: error.money, delivery: 'none', error })
}

/** Attaches a payment to a response, where {@link paymentOf} finds it, even from another copy of the package. */
export function attachPayment<A extends object>(response: A, payment: PaymentSummary): A {
  const value = Object.freeze(payment)
  // Nothing is thrown: the response may be paid, and an error would lose it (R7).
  if (!Reflect.defineProperty(response, PAYMENT, { value, configurable: true })) {
    alongside.set(response, value)
    return response
  }
  const clone: unknown = Reflect.get(response, 'clone')
  if (typeof clone === 'function') {
    const isOwn = Object.hasOwn(response, 'clone')
    // An inherited `clone` is looked up when it's called: a response that is watched by then has another one.
    const copy = () => (isOwn ? clone : Object.getPrototypeOf(response).clone).call(response)
    const value = () => attachPayment(copy(), payment)
    Reflect.defineProperty(response, 'clone', { value, configurable: true, writable: true })
  }
  return response
}
