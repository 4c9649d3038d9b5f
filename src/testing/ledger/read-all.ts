import type { Filter, Ledger, LedgerRecord } from '../../flow/ports.js'

/** All that a ledger lists. */
export async function readAll(ledger: Ledger, filter: Filter = {}): Promise<readonly LedgerRecord[]> {
  const records: LedgerRecord[] = []
  for await (const record of ledger.list(filter)) records.push(record)
  return records
}
