import { X402Error, type X402ErrorOptions } from './x402-error.js'

/** Codes of {@link ChallengeError}. */
export type ChallengeErrorCode =
  | 'CHALLENGE_MALFORMED'
  | 'CHALLENGE_REDIRECTED'
  | 'INSECURE_TRANSPORT'
  | 'REQUEST_UNFIT'
  | 'RESOURCE_MISMATCH'
  | 'TERMS_FROM_CACHE'
  | 'UNSUPPORTED_VERSION'
  | 'URL_NOT_ABSOLUTE'

/** A 402 means x402, but can't be paid the way it is. Nothing was signed; the 402 itself is `response`. */
export class ChallengeError extends X402Error<ChallengeErrorCode> {
  static override readonly kind: string = 'ChallengeError'
}

/** Why an offer was not taken. */
export type Considered = {
  /** Its place in `accepts`. */
  readonly index: number
  /** As the seller wrote it, cleaned and bounded; any text. */
  readonly scheme: string | undefined
  /** As the seller wrote it, cleaned and bounded; any text. */
  readonly network: string | undefined
  readonly reason: string
}

/** Codes of {@link SelectionError}. */
export type SelectionErrorCode = 'NO_OFFERS' | 'NO_PAYABLE_OFFER' | 'POLICY_FAILED' | 'REFUSED_BY_HOOK'

/** No offer was taken: none can be paid by this client, or a policy or a hook stopped it. Nothing was signed. */
export class SelectionError extends X402Error<SelectionErrorCode> {
  static override readonly kind: string = 'SelectionError'

  readonly #considered: () => readonly Considered[]

  constructor(
    shortMessage: string,
    options: X402ErrorOptions<SelectionErrorCode> & { considered?: (() => readonly Considered[]) | undefined },
  ) {
    super(shortMessage, options)
    this.#considered = options.considered ?? (() => [])
  }

  /** Why each offer was not taken, in the seller's order. */
  get considered(): readonly Considered[] {
    return this.#considered()
  }
}

/** Codes of {@link LimitError}. */
export type LimitErrorCode =
  | 'APPROVAL_PENDING'
  | 'ASKED_TOO_OFTEN'
  | 'ASSET_NOT_ALLOWED'
  | 'CIRCUIT_OPEN'
  | 'FROZEN'
  | 'HOST_NOT_ALLOWED'
  | 'HOST_OUT_OF_REACH'
  | 'HOST_UNKNOWN'
  | 'LEDGER_UNAVAILABLE'
  | 'LIMITS_REPLACED'
  | 'LIMITS_UNREADABLE'
  | 'LIMIT_COUNT'
  | 'LIMIT_PER_PAYMENT'
  | 'LIMIT_TOTAL'
  | 'LIMIT_WINDOW'
  | 'NETWORK_NOT_ALLOWED'
  | 'NOT_APPROVED'
  | 'PAYEE_CHANGED'
  | 'PAYEE_NOT_ALLOWED'
  | 'PROPOSAL_CHANGED'
  | 'PROPOSAL_USED'
  | 'TAG_NOT_ALLOWED'

/** A limit refuses the payment, or can't be checked. Nothing was signed. */
export class LimitError extends X402Error<LimitErrorCode> {
  static override readonly kind: string = 'LimitError'
}

/** Codes of {@link SigningError}. */
export type SigningErrorCode =
  | 'ABORTED'
  | 'ALLOWANCE_REQUIRED'
  | 'EXTENSION_FAILED'
  | 'REFUSED_BY_HOOK'
  | 'SIGNED_MORE'
  | 'SIGNED_OTHER_TERMS'
  | 'SIGNED_TOO_LATE'
  | 'SIGNER_FAILED'
  | 'SIGNING_REJECTED'

/** The signer failed, or signed something else. Nothing left the process. */
export class SigningError extends X402Error<SigningErrorCode> {
  static override readonly kind: string = 'SigningError'
}

/** Codes of {@link DeliveryError}. */
export type DeliveryErrorCode =
  | 'JOB_ELSEWHERE'
  | 'JOB_NOT_DONE'
  | 'JOB_UNPAID'
  | 'ABORTED'
  | 'ALREADY_BOUGHT'
  | 'ANSWER_LOST'
  | 'BODY_NOT_REPLAYABLE'
  | 'CLIENT_DRAINED'
  | 'COPY_FELL_BEHIND'
  | 'HOST_HEADER_DIFFERS'
  | 'LEDGER_UNAVAILABLE'
  | 'MCP_SERVER_CHANGED'
  | 'PAID_PERHAPS'
  | 'PAYMENT_HEADER_PRESENT'
  | 'PURCHASE_KEY_REUSED'
  | 'PURCHASE_UNDER_WAY'
  | 'REDIRECTED'
  | 'REDIRECTED_ELSEWHERE'
  | 'TERMS_CHANGED_WHILE_PAID'
  | 'TRANSPORT_MAY_REDIRECT'

/**
 * The paid request can't be sent, or its response didn't arrive. `money` tells which: `untouched` or `signed` when nothing left,
 * `in-doubt` when a payment did, `settled` when a receipt for that payment came earlier. If another call is making the purchase, it tells
 * where that call's money is.
 */
export class DeliveryError extends X402Error<DeliveryErrorCode> {
  static override readonly kind: string = 'DeliveryError'
}

/** Codes of {@link PaymentRejectedError}. */
export type PaymentRejectedErrorCode =
  | 'ALLOWANCE_REQUIRED'
  | 'PAID_NOT_DELIVERED'
  | 'PAYMENT_REJECTED'
  | 'PRICE_CHANGED'

/**
 * The seller responded to the paid request with another 402, or with a 412 which says that an allowance is missing. That doesn't prove that
 * the money is safe: the authorization left the process, stays counted, and is never signed a second time by itself. The seller's response is
 * `response`.
 */
export class PaymentRejectedError extends X402Error<PaymentRejectedErrorCode> {
  static override readonly kind: string = 'PaymentRejectedError'
}

/** Codes of {@link ReceiptError}. */
export type ReceiptErrorCode = 'RECEIPT_MALFORMED' | 'RECEIPT_MISSING'

/** A receipt was asked for and there is none that can be read. It says nothing about the money: that stays in doubt. */
export class ReceiptError extends X402Error<ReceiptErrorCode> {
  static override readonly kind: string = 'ReceiptError'
}
