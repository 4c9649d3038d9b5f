import { DeliveryError, PaymentRejectedError } from '../step-errors.js'
import { ConfigurationError } from '../x402-error.js'

const BY_ANOTHER =
  'Refused to pay: a call like this one, with another credential or account, has paid and not received anything, and its payment can still be taken.'

/**
 * @page This key was paid for and delivered, and
 * [`purchaseFor`](concepts/where-the-money-is.md#what-the-same-purchase-is) isn't over yet. `error.facts.payment`
 * names the payment that bought it, and `error.facts['again at']` says when the key buys again. Money: `untouched`.
 * For another purchase, use another key.
 */
export const ALREADY_BOUGHT = {
  code: 'ALREADY_BOUGHT',
  kind: DeliveryError,
  money: 'untouched',
  sentence: 'Refused to pay again: this key was paid for, and what it bought was delivered.',
  hint: 'Nothing was signed by this call. Give another purchase another key, or call again once `purchaseFor` is over.',
} as const

/**
 * @page An earlier payment for this purchase can no longer be presented, and nothing proves that it wasn't spent.
 * Money: `in-doubt`. `error.facts['again at']` says when the same call will buy again by itself; without it, it never
 * will. You can:
 *
 * - ask the chain with `client.reconcile()`,
 * - give up with `client.forget(id)`,
 * - say yes when `approve` is shown `perhapsPaid`,
 * - set `resign` to `'when-over'`, or, with a scheme that has an RPC, to `'when-proven-unspent'`. The chain can prove
 *   it dead a minute after its end, at the earliest.
 *
 * Money: `untouched` if the payment belongs to a call like this one, with another token, cookie or account, and can
 * still be taken: it may or may not be yours. Call again at the time in `again at`, give the call a tag or a key, or
 * say with [`buyers`](concepts/where-the-money-is.md#what-the-same-purchase-is) whether your callers are one or many.
 * Under a key this holds until the purchase is over, even once the payment can't be taken: pay from the account that
 * paid, or give up with `client.forget(id)`.
 */
export const PAID_PERHAPS = {
  code: 'PAID_PERHAPS',
  kind: DeliveryError,
  money: 'in-doubt',
  sentence:
    'Refused to pay again: an earlier payment for this purchase can no longer be presented, and nothing proves that it was not spent.',
} as const

/** Thrown when a call looks like one with an open payment, which may be another buyer's. */
export const PAID_PERHAPS_BY_ANOTHER = {
  code: 'PAID_PERHAPS',
  kind: DeliveryError,
  money: 'untouched',
  sentence: BY_ANOTHER,
  hint: "Nothing was signed by this call. If tokens and cookies change between your tries, set `buyers: 'one'`; if callers are many, set `buyers: 'many'`, or give each a tag or a key.",
} as const

/** For a restricted client, whose user can't set `buyers`. */
export const PAID_PERHAPS_BY_ANOTHER_RESTRICTED = {
  code: 'PAID_PERHAPS',
  kind: DeliveryError,
  money: 'untouched',
  sentence: BY_ANOTHER,
  hint: 'Nothing was signed by this call. Call again then, or name the purchase by a key.',
} as const

/** Thrown when another account has paid under the same key: that names its purchase for good, also once its payment can't be taken. */
export const PAID_PERHAPS_UNDER_KEY = {
  code: 'PAID_PERHAPS',
  kind: DeliveryError,
  money: 'untouched',
  sentence: 'Refused to pay: another account has paid under this key, and has not received anything.',
} as const

/**
 * @page An earlier payment for this purchase is still open, and the seller now asks for other terms. This call signed
 * nothing. Money: `in-doubt`, or `settled`. This ends when that payment does: see [where the money
 * is](concepts/where-the-money-is.md#how-doubt-ends).
 */
export const TERMS_CHANGED_WHILE_PAID = {
  code: 'TERMS_CHANGED_WHILE_PAID',
  kind: DeliveryError,
  sentence:
    'Refused to pay again: an earlier payment for this purchase is still open, and the seller now asks for other terms.',
  hint: 'See node_modules/pay402/docs/concepts/where-the-money-is.md for how a payment in doubt ends.',
} as const

/** How a purchase that was paid for can be made again: only by the caller, or also by waiting. */
export const BUY_AGAIN =
  'Call `client.forget(id)` to buy it again. See node_modules/pay402/docs/concepts/where-the-money-is.md for how a payment in doubt ends.'

export const BUY_AGAIN_THEN =
  'Call again then, or `client.forget(id)` to buy it now. See node_modules/pay402/docs/concepts/where-the-money-is.md for how a payment in doubt ends.'

/** As {@link BUY_AGAIN}, for a restricted client, which can't forget a payment. */
export const BUY_AGAIN_RESTRICTED =
  "Ask this client's owner, who can look up what became of it, and give it up so that it can be bought again."

/** As {@link BUY_AGAIN_THEN}, for a restricted client. */
export const BUY_AGAIN_THEN_RESTRICTED =
  "Call again then, or ask this client's owner, who can give it up so that it can be bought again now."

/** About an earlier payment of the purchase: this call signed nothing. */
export const PAID_BEFORE_NOT_DELIVERED = {
  code: 'PAID_NOT_DELIVERED',
  kind: PaymentRejectedError,
  money: 'settled',
  sentence: 'Refused to pay again: an earlier payment for this purchase was taken, and what it bought did not arrive.',
} as const

/**
 * @page The payment's scheme can't cancel it on its chain. Give the scheme an RPC and a sender. Money: `in-doubt`.
 */
export const CANNOT_CANCEL = {
  code: 'CANNOT_CANCEL',
  kind: ConfigurationError,
  money: 'in-doubt',
  sentence: "The scheme of payment {payment} can't cancel on {network}.",
  hint: 'Give the scheme an RPC and a sender; see node_modules/pay402/docs/guides/evm.md.',
} as const

/**
 * @page No payment with that id is in doubt. `client.inDoubt()` lists those that are. `client.verifyReceipt` takes
 * settled ones, too.
 */
export const NOT_IN_DOUBT = {
  code: 'NOT_IN_DOUBT',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'No payment {payment} is in doubt.',
  hint: '`client.inDoubt()` lists those that are.',
} as const

/**
 * @page The payment is over, and its ledger no longer keeps it. A ledger in memory keeps the newest 10,000 payments
 * that are over (`createMemoryLedger({ keep })`), and the sums of older ones. A [ledger in a file](guides/ledger.md)
 * drops nothing.
 */
export const PAYMENT_NOT_KEPT = {
  code: 'PAYMENT_NOT_KEPT',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'The payment {payment} is over, and its ledger no longer keeps it: only what it counts is left.',
  hint: 'A ledger in a file (`createFileLedger`) drops nothing; `createMemoryLedger({ keep })` says how many a ledger in memory keeps.',
} as const

/**
 * @page `client.begin(id)` opens a payment that left, and whose response didn't come. The message says why this one
 * isn't, and `money` where its money is: `untouched` where this client knows no such payment. A restricted client
 * opens only what it paid itself, a client with a name only what was paid under that name, and each only what it has
 * an account for. See [after a crash](guides/own-transport.md#after-a-crash).
 */
export const CANNOT_REOPEN = {
  code: 'CANNOT_REOPEN',
  kind: ConfigurationError,
  sentence: "Payment {payment} can't be opened again: {why}.",
  hint: 'Nothing was signed. `client.payments()` lists what this client paid, and where the money is.',
} as const

/** Someone may still be waiting for its response. */
export const UNDER_WAY_ELSEWHERE = {
  code: 'PURCHASE_UNDER_WAY',
  kind: DeliveryError,
  sentence: "The payment can't be opened now: another call presents it, or waits for its response.",
  hint: 'Nothing was signed. Open it once that call is over, or its process is gone. What is begun under a key can be opened at any time.',
} as const

/**
 * @page `client.drain()` was called, as before a process ends: nothing more is bought by this client, and by those that it
 * restricted. Money: `untouched`. Make the call again in another process; what was paid before and not received is
 * presented again there, on the same ledger.
 */
export const CLIENT_DRAINED = {
  code: 'CLIENT_DRAINED',
  kind: DeliveryError,
  money: 'untouched',
  sentence: 'Refused to pay: this client was drained, and buys nothing more.',
  hint: 'Make the call again in the process that takes over. Free calls and quotes go on here.',
} as const
