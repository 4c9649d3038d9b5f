import { X402Error } from '../errors.js'

/** Codes of {@link ReceiptError}. */
export type ReceiptErrorCode = 'RECEIPT_MALFORMED' | 'RECEIPT_MISSING'

/** A receipt was asked for and there is none that can be read. It says nothing about the money: that stays in doubt. */
export class ReceiptError extends X402Error<ReceiptErrorCode> {
  static override readonly kind: string = 'ReceiptError'
}
