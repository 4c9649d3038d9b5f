import type { Cap, LedgerRecord } from '../flow/ports.js'
import { isInScope } from './scope.js'
import { createWindow, type Sums } from './window.js'

/**
 * Counts what records count against a cap, by looking at each of them.
 *
 * It's meant for ledgers that keep their records elsewhere and read those that a cap may count. The ledgers of this package keep running
 * sums instead.
 *
 * @param cap - The cap.
 * @param records - Every record that the cap may count, in any order; others among them do no harm.
 * @param nowSeconds - The later of the clock and the newest record of the ledger, so that a clock set back frees nothing.
 * @returns What is held, what is spent, and how many payments that are.
 */
export function countAgainst(cap: Cap, records: Iterable<LedgerRecord>, nowSeconds: number): Sums {
  const window = createWindow(cap.unit, cap.windowSeconds, nowSeconds)
  for (const record of records) if (isInScope(record, cap.scope)) window.push({ record })
  return window.read(nowSeconds)
}
