import { DeliveryError, PaymentRejectedError } from '../errors/step-errors.js'
import { aliveUntilSeconds } from '../payment/purchase.js'
import { cite } from '../wire/seller-text.js'
import { moneyOf } from './money-of.js'
import type { LedgerRecord, Ports } from './ports.js'
import type { Call } from './steps.js'

const ENDS = 'See docs/concepts/where-the-money-is.md for how a payment in doubt ends.'

/**
 * The error of a purchase that was paid, whose payment can no longer be presented, and of which nothing proves that it was not spent.
 *
 * @param overAt - When the purchase may be made again, in seconds since 1970; `undefined` for never by itself.
 */
export function createPaidError(
  { resource }: Call,
  record: LedgerRecord,
  overAt: number | undefined,
): DeliveryError | PaymentRejectedError {
  const { network, id, transaction, status, state } = record
  const facts = {
    resource,
    network: cite(network),
    payment: id,
    transaction: transaction && cite(transaction),
    'answered with': status === undefined ? undefined : String(status),
    'again at': overAt === undefined ? undefined : toTime(overAt),
  }
  const hint = `${overAt === undefined ? 'Call `client.forget(id)` to buy it again' : 'Call again then, or `client.forget(id)` to buy it now'}. ${ENDS}`
  if (state === 'settled') {
    const message =
      'Refused to pay again: an earlier payment for this purchase was taken, and what it bought did not arrive.'
    return new PaymentRejectedError(message, { code: 'PAID_NOT_DELIVERED', money: 'settled', facts, hint })
  }
  return new DeliveryError(
    'Refused to pay again: an earlier payment for this purchase can no longer be presented, and nothing proves that it was not spent.',
    { code: 'PAID_PERHAPS', money: 'in-doubt', facts, hint },
  )
}

/** The error of a purchase whose payment is open while the seller asks for other terms. */
export function createTermsChangedError({ resource }: Call, record: LedgerRecord): DeliveryError {
  const { network, id, transaction, state } = record
  return new DeliveryError(
    'Refused to pay again: an earlier payment for this purchase is still open, and the seller now asks for other terms.',
    {
      code: 'TERMS_CHANGED_WHILE_PAID',
      money: moneyOf(state),
      facts: { resource, network: cite(network), payment: id, transaction: transaction && cite(transaction) },
      hint: ENDS,
    },
  )
}

/** The error of a call that looks like one whose payment is open, though it isn't known to be the same buyer's. */
export function createForeignError({ resource }: Call, record: LedgerRecord, { isRestricted }: Ports): DeliveryError {
  const until = aliveUntilSeconds(record)
  return new DeliveryError(
    'Refused to pay: a call like this one, with another credential or account, has paid and not received anything, and its payment can still be taken.',
    {
      code: 'PAID_PERHAPS',
      money: 'untouched',
      facts: { resource, network: cite(record.network), 'again at': toTime(until) },
      hint: isRestricted
        ? 'Nothing was signed by this call. Call again then, or name the purchase by a key.'
        : "Nothing was signed by this call. If tokens and cookies change between your tries, set `buyers: 'one'`; if callers are many, set `buyers: 'many'`, or give each a tag or a key.",
    },
  )
}

function toTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString()
}
