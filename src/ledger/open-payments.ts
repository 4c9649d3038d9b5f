import type { LedgerRecord } from '../flow/ports.js'
import { isClaimable, isLost } from './is-claimable.js'
import { isOver } from './record.js'
import type { Entry } from './window.js'

/** Payments by their purchase, from when they are reserved until they are answered or released. */
export type OpenPayments = {
  /** To be told of each payment that is new or moved. */
  update(entry: Entry): void
  /** The payment of this purchase that was lost last, that nobody is presenting, and that one of `payers` made. */
  findLost(purchase: string, payers: readonly string[]): Entry | undefined
  /** All of this purchase. */
  of(purchase: string): readonly LedgerRecord[]
}

/** Creates an empty index, so that a claim looks at one purchase and never at all payments. */
export function createOpenPayments(): OpenPayments {
  const lost = createIndex()
  const underWay = createIndex()
  return {
    update(entry) {
      const { record } = entry
      lost.put(entry, isLost(record))
      underWay.put(entry, !isLost(record) && !isOver(record))
    },
    findLost: (purchase, payers) =>
      [...lost.read(purchase)].findLast(({ record }) => isClaimable(record, purchase, payers)),
    of: (purchase) => [...lost.read(purchase), ...underWay.read(purchase)].map(({ record }) => record),
  }
}

/** Some payments by their purchase; those that were put last stand last. */
function createIndex() {
  const purchases = new Map<string, Set<Entry>>()
  return {
    put(entry: Entry, isIn: boolean): void {
      const { purchase } = entry.record
      const some = purchases.get(purchase)
      some?.delete(entry)
      if (isIn) purchases.set(purchase, (some ?? new Set()).add(entry))
      else if (some?.size === 0) purchases.delete(purchase)
    },
    read: (purchase: string): Iterable<Entry> => purchases.get(purchase) ?? [],
  }
}
