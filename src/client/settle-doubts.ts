import { ConfigurationError, isX402Error } from '../errors.js'
import type { Filter, LedgerRecord, Ports } from '../flow/ports.js'
import { findScheme, type Reconciled, toDescribed, toRequirements } from '../flow/reconcile.js'

/**
 * Cancels a payment in doubt on the chain, so that it can never be spent, and releases it.
 *
 * @throws {@link ConfigurationError} `NOT_IN_DOUBT` or `CANNOT_CANCEL`, and nothing changes. What the scheme throws: the money is settled
 * where that says so, else still in doubt.
 */
export async function cancelPayment(id: string, ports: Ports): Promise<Reconciled> {
  const record = await findRecord(id, { states: ['sent'] }, ports)
  const described = toDescribed(record)
  const scheme = findScheme(record, ports)
  if (described === undefined || scheme?.cancel === undefined) {
    throw new ConfigurationError(`The scheme of payment ${id} can't cancel on ${record.network}.`, {
      code: 'CANNOT_CANCEL',
      money: 'in-doubt',
      hint: 'Give the scheme an RPC and a sender; see docs/guides/evm.md.',
    })
  }
  try {
    const { transaction } = await scheme.cancel(described, toRequirements(record))
    await ports.ledger.move(id, ['sent'], 'released', { transaction })
    return { id, money: 'released', transaction }
  } catch (error) {
    // It was spent meanwhile: the chain says so, and the record with it.
    if (isX402Error(error) && error.money === 'settled') await ports.ledger.move(id, ['sent'], 'settled', {})
    throw error
  }
}

/**
 * Gives up on ever getting what a payment bought: its purchase may be made anew. The money stays counted.
 *
 * @throws {@link ConfigurationError} `NOT_IN_DOUBT` when nothing of it is missing; the money stays where it is.
 */
export async function forgetPayment(id: string, ports: Ports): Promise<void> {
  const record = await findRecord(id, { states: ['sent', 'settled'], delivery: 'lost' }, ports)
  await ports.ledger.move(id, [record.state], record.state, { delivery: 'answered' })
}

async function findRecord(id: string, filter: Filter, ports: Ports): Promise<LedgerRecord> {
  for await (const record of ports.ledger.list(filter)) if (record.id === id) return record
  throw new ConfigurationError(`No payment ${id} is in doubt.`, {
    code: 'NOT_IN_DOUBT',
    hint: '`client.inDoubt()` lists those that are.',
  })
}
