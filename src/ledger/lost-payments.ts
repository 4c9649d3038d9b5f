import { isClaimable, isLost } from './is-claimable.js'
import type { Entry } from './window.js'

/** Payments that were sent and whose answer is lost, by their purchase: those that the same request may present again. */
export type LostPayments = {
  /** To be told of each payment that moved. */
  update(entry: Entry): void
  /** The payment of this purchase that was lost last, that nobody is presenting, and that one of `payers` made. */
  find(purchase: string, payers: readonly string[]): Entry | undefined
}

/** Creates an empty index, so that a claim looks at one purchase and never at all payments. */
export function createLostPayments(): LostPayments {
  const purchases = new Map<string, Entry[]>()
  return {
    update(entry) {
      const { purchase } = entry.record
      const others = purchases.get(purchase)?.filter((other) => other !== entry) ?? []
      if (isLost(entry.record)) others.push(entry)
      if (others.length > 0) purchases.set(purchase, others)
      else purchases.delete(purchase)
    },
    find: (purchase, payers) =>
      purchases.get(purchase)?.findLast(({ record }) => isClaimable(record, purchase, payers)),
  }
}
