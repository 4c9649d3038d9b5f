import { ConfigurationError } from '../errors.js'
import type { Filter, LedgerRecord, Ports } from '../flow/ports.js'

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
export function createNotInDoubt(id: string): ConfigurationError {
  return new ConfigurationError(`No payment ${id} is in doubt.`, {
    code: 'NOT_IN_DOUBT',
    hint: '`client.inDoubt()` lists those that are.',
  })
}
