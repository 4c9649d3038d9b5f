import { X402Error } from '../errors.js'

/** Codes of {@link LimitError}. */
export type LimitErrorCode =
  | 'ASSET_NOT_ALLOWED'
  | 'LEDGER_UNAVAILABLE'
  | 'LIMIT_COUNT'
  | 'LIMIT_PER_PAYMENT'
  | 'LIMIT_TOTAL'
  | 'LIMIT_WINDOW'

/** A limit refuses the payment, or can't be checked. Nothing was signed. */
export class LimitError extends X402Error<LimitErrorCode> {
  static override readonly kind: string = 'LimitError'
}
