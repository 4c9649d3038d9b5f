import type { Cap, NewRecord, Reservation } from '../flow/ports.js'
import { amountIn } from './charge.js'
import { isInScope } from './scope.js'
import type { Sums } from './window.js'

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
