import { ConfigurationError } from '../errors/x402-error.js'
import type { Filter, LedgerRecord, Ports } from '../flow/ports.js'
import { isOpen } from '../payment/purchase.js'

/**
 * Finds a payment about which something is still open.
 *
 * @param id - From `payment.id` or `client.inDoubt()`.
 * @param filter - What must be true of it.
 * @throws {@link ConfigurationError} `NOT_IN_DOUBT`, and nothing changes.
 */
export async function findPayment(id: string, filter: Filter, { ledger }: Ports): Promise<LedgerRecord> {
  for await (const record of ledger.list(filter)) if (record.id === id) return record
  throw createNotInDoubt(id)
}

/** The error of a payment about which nothing is open. */
function createNotInDoubt(id: string): ConfigurationError {
  return new ConfigurationError(`No payment ${id} is in doubt.`, {
    code: 'NOT_IN_DOUBT',
    hint: '`client.inDoubt()` lists those that are.',
  })
}

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
