import { NOT_IN_DOUBT, PAYMENT_NOT_KEPT } from '../errors/catalogue/earlier-payment.js'
import { fail } from '../errors/fail.js'
import { noteAndTell } from '../flow/note.js'
import type { Filter } from '../payment/ledger.js'
import type { Payment } from '../payment/payment.js'
import type { Ports } from '../payment/ports.js'
import { isOpen } from '../payment/purchase.js'

/**
 * Finds a payment about which something is still open.
 *
 * @param id - From `payment.id` or `client.inDoubt()`.
 * @param filter - What must be true of it.
 * @throws {@link ConfigurationError} `NOT_IN_DOUBT`, or `PAYMENT_NOT_KEPT` where the ledger dropped it; nothing changes.
 */
export async function findPayment(id: string, filter: Filter, { ledger }: Ports): Promise<Payment> {
  for await (const payment of ledger.list(filter)) if (payment.id === id) return payment
  const isDropped = await ledger.isDropped?.(id)
  throw fail(isDropped ? PAYMENT_NOT_KEPT : NOT_IN_DOUBT, { words: { payment: id } })
}

/**
 * Gives up on ever getting what a payment bought: its purchase may be made again. The money stays counted.
 *
 * @throws {@link ConfigurationError} `NOT_IN_DOUBT` when nothing of it is missing, `PAYMENT_NOT_KEPT`; the money stays where it is.
 */
export async function forgetPayment(id: string, ports: Ports): Promise<void> {
  const payment = await findPayment(id, { states: ['sent', 'settled'] }, ports)
  const isWaitedFor = payment.delivery === 'none' && !payment.forgotten
  if (!isOpen(payment) && !isWaitedFor) throw fail(NOT_IN_DOUBT, { words: { payment: id } })
  await noteAndTell(id, { type: 'forgotten' }, ports)
}
