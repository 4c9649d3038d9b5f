import type { Ports } from '../flow/ports.js'
import { isOpen } from '../payment/purchase.js'
import { createNotInDoubt, findPayment } from './find-payment.js'

/**
 * Gives up on ever getting what a payment bought: its purchase may be made anew. The money stays counted.
 *
 * @throws {@link ConfigurationError} `NOT_IN_DOUBT` when nothing of it is missing; the money stays where it is.
 */
export async function forgetPayment(id: string, ports: Ports): Promise<void> {
  const record = await findPayment(id, { states: ['sent', 'settled'] }, ports)
  if (!isOpen(record)) throw createNotInDoubt(id)
  await ports.ledger.move(id, [record.state], record.state, { forgotten: true })
}
