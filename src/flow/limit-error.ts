import { X402Error } from '../errors.js'

/** Codes of {@link LimitError}. */
export type LimitErrorCode =
  | 'ASSET_NOT_ALLOWED'
  | 'CIRCUIT_OPEN'
  | 'HOST_NOT_ALLOWED'
  | 'HOST_UNKNOWN'
  | 'LEDGER_UNAVAILABLE'
  | 'LIMIT_COUNT'
  | 'LIMIT_PER_PAYMENT'
  | 'LIMIT_TOTAL'
  | 'LIMIT_WINDOW'
  | 'NETWORK_NOT_ALLOWED'
  | 'NOT_APPROVED'
  | 'PAYEE_CHANGED'
  | 'PAYEE_NOT_ALLOWED'

/** A limit refuses the payment, or can't be checked. Nothing was signed. */
export class LimitError extends X402Error<LimitErrorCode> {
  static override readonly kind: string = 'LimitError'
}
