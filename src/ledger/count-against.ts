import type { Cap, LedgerRecord } from '../flow/ports.js'
import { type Claimant, findOpen } from '../payment/purchase.js'
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
 * @returns What is held, what is spent, and how many payments that are. Of a cap on one purchase, whether anything of it is
 *   open, and what.
 */
export function countAgainst(cap: Cap, records: Iterable<LedgerRecord>, nowSeconds: number): Sums {
  if (cap.purchase !== undefined) return countOpen(cap.purchase, records)
  const window = createWindow(cap.unit, cap.windowSeconds, nowSeconds)
  for (const record of records) if (isInScope(record, cap.scope)) window.push({ record })
  return window.read(nowSeconds)
}

function countOpen(claimant: Claimant, records: Iterable<LedgerRecord>): Sums {
  const open = findOpen(records, claimant)
  return { held: 0n, spent: 0n, count: open === undefined ? 0 : 1, open }
}
