import { X402Error } from '../errors.js'

/** Codes of {@link DeliveryError}. */
export type DeliveryErrorCode =
  | 'ABORTED'
  | 'ANSWER_LOST'
  | 'BODY_NOT_REPLAYABLE'
  | 'LEDGER_UNAVAILABLE'
  | 'PAID_PERHAPS'
  | 'PAYMENT_HEADER_PRESENT'
  | 'PURCHASE_KEY_REUSED'
  | 'PURCHASE_UNDER_WAY'
  | 'REDIRECTED'
  | 'REDIRECTED_ELSEWHERE'
  | 'TERMS_CHANGED_WHILE_PAID'

/**
 * The paid request can't be sent, or its answer didn't arrive. `money` tells which: `untouched` or `signed` where nothing left,
 * `in-doubt` where a payment did, `settled` where that one's receipt came before. Of a purchase that another call makes, it tells
 * where that call's money is.
 */
export class DeliveryError extends X402Error<DeliveryErrorCode> {
  static override readonly kind: string = 'DeliveryError'
}
