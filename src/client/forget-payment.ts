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
  // One whose response is waited for may be one of which the ledger was never told what became.
  const isWaitedFor = record.delivery === 'none' && record.forgotten !== true
  if (!isOpen(record) && !isWaitedFor) throw createNotInDoubt(id)
  const lost = isWaitedFor ? ({ delivery: 'lost' } as const) : {}
  await ports.ledger.move(id, [record.state], record.state, { ...lost, forgotten: true })
}
