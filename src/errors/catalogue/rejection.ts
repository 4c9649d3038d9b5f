import { PaymentRejectedError } from '../step-errors.js'

/** @page The seller didn't take the payment; `error.facts['seller says']` has its reason. Money: `in-doubt`. */
export const PAYMENT_REJECTED = {
  code: 'PAYMENT_REJECTED',
  kind: PaymentRejectedError,
  sentence: 'The seller responded to the payment with another 402.',
  hint: 'The authorization left this process and stays counted: the seller’s word does not prove that it is unspent.',
} as const

/**
 * @page A call that was [prepaid](guides/one-trip.md) was answered with other terms: `error.facts.changed` names what differs, and the response is the
 * seller's new `402`. Money: `in-doubt`. The authorization counts until the chain proves it dead, which it can a minute after `valid until`;
 * `client.reconcile()` asks, and with `resign: 'when-proven-unspent'` the same call does. Until then that fails with `TERMS_CHANGED_WHILE_PAID` or
 * `PAID_PERHAPS`. Another purchase on the route is asked its price again.
 */
export const PRICE_CHANGED = {
  code: 'PRICE_CHANGED',
  kind: PaymentRejectedError,
  sentence: 'The seller asks for other terms than those that were prepaid.',
  hint: 'The authorization stays counted until the chain proves it dead, which `client.reconcile()` asks a minute after its end. `prepay: [{ onChange: "pay-new" }]` pays the new terms at once, within limits that count both.',
} as const

/** What can be done about a payment that was rejected, if the seller's reason tells. */
export const REJECTION_HINTS = {
  pending: 'Call again: the same payment is presented, never a second one.',
  'short-of-money': 'Fund the wallet; the authorization stays counted, since it can still be spent.',
  clock: 'Set the clock of this machine, or tell the seller that its clock is off; the authorization stays counted.',
  'undeployed-wallet':
    'The wallet is a contract that is not deployed yet, and the facilitator won’t deploy it: deploy it, which its first transaction does, and pay again. The authorization stays counted.',
} as const

export const REJECTED_FOR_ALLOWANCE = {
  code: 'ALLOWANCE_REQUIRED',
  kind: PaymentRejectedError,
  sentence: 'The seller can’t take the payment: the payer has not allowed the tokens to be moved.',
  hint: 'Allow it once, as docs/guides/evm.md#allowances shows, and call again: the same payment is presented. It stays counted.',
} as const

/**
 * @page The seller says that this payment was already taken, and doesn't deliver; or an earlier payment for this
 * purchase is settled, brought nothing, and can no longer be presented. Money: `in-doubt`, or `settled` if that is
 * known. `answered before` and `answered with` are the earlier status. Ask the seller for what you paid for.
 * `client.forget(id)` lets you buy it again; `again at` says when the same call will by itself.
 */
export const PAID_NOT_DELIVERED = {
  code: 'PAID_NOT_DELIVERED',
  kind: PaymentRejectedError,
  sentence: 'The seller says that this payment was already taken, and does not deliver what it paid for.',
  hint: 'Ask the seller for what was paid; `client.forget(id)` allows buying it again.',
} as const

/** The hint of {@link PAID_NOT_DELIVERED} for a restricted client, which can't forget a payment. */
export const PAID_NOT_DELIVERED_RESTRICTED =
  "Ask the seller for what was paid, or this client's owner, who can give it up so that it can be bought again."
