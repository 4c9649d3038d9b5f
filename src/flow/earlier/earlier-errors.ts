import {
  ALREADY_BOUGHT,
  BUY_AGAIN,
  BUY_AGAIN_RESTRICTED,
  BUY_AGAIN_THEN,
  BUY_AGAIN_THEN_RESTRICTED,
  CLIENT_DRAINED,
  PAID_BEFORE_NOT_DELIVERED,
  PAID_PERHAPS,
  PAID_PERHAPS_BY_ANOTHER,
  PAID_PERHAPS_BY_ANOTHER_RESTRICTED,
  PAID_PERHAPS_UNDER_KEY,
  TERMS_CHANGED_WHILE_PAID,
} from '../../errors/catalogue/earlier-payment.js'
import { fail } from '../../errors/fail.js'
import type { DeliveryError, PaymentRejectedError } from '../../errors/step-errors.js'
import type { Call } from '../../payment/call.js'
import { moneyOf, type Payment } from '../../payment/payment.js'
import type { Ports } from '../../payment/ports.js'
import { aliveUntilSeconds, boughtUntilSeconds, overAtSeconds } from '../../payment/purchase.js'
import { cite } from '../../wire/seller-text.js'

/**
 * The error of a purchase whose payment can no longer be presented, and may have been spent.
 *
 * @param overAt - When the purchase may be made again, in seconds since 1970; `undefined` when that never comes by itself.
 */
export function createPaidError(
  { resource }: Call,
  payment: Payment,
  overAt: number | undefined,
  ports: Ports,
): DeliveryError | PaymentRejectedError {
  const given = describeEarlier(resource, payment, overAt, ports)
  return payment.state === 'settled' ? fail(PAID_BEFORE_NOT_DELIVERED, given) : fail(PAID_PERHAPS, given)
}

/** What is known of the earlier payment, and how its purchase can be made again. */
function describeEarlier(
  resource: string,
  { id, terms, transaction, status }: Payment,
  overAt: number | undefined,
  { isRestricted }: Ports,
) {
  const facts = {
    resource,
    network: cite(terms.network),
    payment: id,
    transaction: transaction && cite(transaction),
    'answered with': status === undefined ? undefined : String(status),
    'again at': overAt === undefined ? undefined : toTime(overAt),
  }
  const [never, then] = isRestricted ? [BUY_AGAIN_RESTRICTED, BUY_AGAIN_THEN_RESTRICTED] : [BUY_AGAIN, BUY_AGAIN_THEN]
  return { facts, hint: overAt === undefined ? never : then }
}

/** The error of a purchase whose payment is open while the seller asks for other terms. */
export function createTermsChangedError({ resource }: Call, payment: Payment): DeliveryError {
  const { id, terms, transaction } = payment
  const facts = { resource, network: cite(terms.network), payment: id, transaction: transaction && cite(transaction) }
  return fail(TERMS_CHANGED_WHILE_PAID, { money: moneyOf(payment), facts })
}

/** The error of a call that looks like one with an open payment, which may be another buyer's. */
export function createForeignError({ resource }: Call, payment: Payment, ports: Ports): DeliveryError {
  const { isRestricted } = ports
  if (payment.call.isKeyed) {
    const { facts, hint } = describeEarlier(
      resource,
      payment,
      overAtSeconds(payment, ports.resign === 'when-over'),
      ports,
    )
    return fail(PAID_PERHAPS_UNDER_KEY, { facts, hint })
  }
  const until = toTime(aliveUntilSeconds(payment))
  const facts = { resource, network: cite(payment.terms.network), 'again at': until }
  return fail(isRestricted ? PAID_PERHAPS_BY_ANOTHER_RESTRICTED : PAID_PERHAPS_BY_ANOTHER, { facts })
}

/** The error of a key that was paid for and delivered, and doesn't buy again yet. */
export function createBoughtError({ resource }: Call, payment: Payment): DeliveryError {
  const { id, terms, transaction } = payment
  const until = boughtUntilSeconds(payment)
  return fail(ALREADY_BOUGHT, {
    facts: {
      resource,
      network: cite(terms.network),
      payment: id,
      transaction: transaction && cite(transaction),
      'again at': until === undefined ? undefined : toTime(until),
    },
  })
}

/** The error of a call that would buy something while its client is being drained. */
export function createDrainedError({ resource }: Pick<Call, 'resource'>): DeliveryError {
  return fail(CLIENT_DRAINED, { facts: { resource } })
}

function toTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString()
}
