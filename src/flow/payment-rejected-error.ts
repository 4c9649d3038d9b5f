import { X402Error } from '../errors.js'

/** Codes of {@link PaymentRejectedError}. */
export type PaymentRejectedErrorCode = 'ALLOWANCE_REQUIRED' | 'PAID_NOT_DELIVERED' | 'PAYMENT_REJECTED'

/**
 * The seller answered the paid request with another 402, or with a 412 that says that an allowance is missing. Its word doesn't prove that the money is safe: the authorization
 * left the process, stays counted, and is never signed a second time by itself. The seller's answer is `response`.
 */
export class PaymentRejectedError extends X402Error<PaymentRejectedErrorCode> {
  static override readonly kind: string = 'PaymentRejectedError'
}
