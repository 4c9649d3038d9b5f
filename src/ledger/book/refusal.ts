import type { Cap, LedgerRecord, NewRecord, Reservation } from '../../flow/ports.js'
import { type Claimant, findOpen } from '../../payment/purchase.js'
import { amountIn, isInScope } from './charges.js'
import { createWindow, type Sums } from './window.js'

/** Which cap refused a payment, and what counts against it. */
export type Refusal = Exclude<Reservation, { readonly id: string }>

/**
 * Finds the first cap that refuses a new payment.
 *
 * A payment that a cap doesn't count, since it costs nothing in the cap's unit, isn't in its scope or is another purchase, is never
 * refused by it.
 *
 * @param record - What is to be paid.
 * @param caps - All caps that hold for it.
 * @param countAgainst - Tells what counts against a cap already; asked only about caps that count the payment. What it reads must not
 *   change until the payment is written down.
 * @returns What `reserve` answers, or `undefined` when every cap has room for the payment.
 */
export function findRefusal(
  record: NewRecord,
  caps: readonly Cap[],
  countAgainst: (cap: Cap) => Sums,
): Refusal | undefined {
  for (const cap of caps) {
    const amount = amountCounted(cap, record)
    if (amount === undefined) continue
    const { held, spent, count, open } = countAgainst(cap)
    const isFull =
      (cap.amount !== undefined && held + spent + amount > cap.amount) ||
      (cap.count !== undefined && count + 1 > cap.count)
    if (isFull) return { refusedBy: cap, held, spent, ...(open && { open }) }
  }
  return undefined
}

/** What a cap counts of a payment; `undefined` where it doesn't count it. */
function amountCounted({ unit, scope, purchase }: Cap, record: NewRecord): bigint | undefined {
  if (purchase !== undefined) return purchase.purchase === record.purchase ? 0n : undefined
  return isInScope(record, scope) ? amountIn(unit, record) : undefined
}

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
