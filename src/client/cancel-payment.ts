import { ConfigurationError, isX402Error } from '../errors.js'
import type { Ports } from '../flow/ports.js'
import { findScheme, type Reconciled, toDescribed, toRequirements } from '../flow/reconcile.js'
import { findPayment } from './find-payment.js'

/**
 * Cancels a payment in doubt on the chain, so that it can never be spent, and releases it.
 *
 * @throws {@link ConfigurationError} `NOT_IN_DOUBT` or `CANNOT_CANCEL`, and nothing changes. What the scheme throws: the money is settled
 * where that says so, else still in doubt.
 */
export async function cancelPayment(id: string, ports: Ports): Promise<Reconciled> {
  const record = await findPayment(id, { states: ['sent'] }, ports)
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
