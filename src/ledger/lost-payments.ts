import type { LedgerRecord } from '../flow/ports.js'
import { toAddressKey } from '../protocol/address.js'
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
    find(purchase, payers) {
      const keys = payers.map(toAddressKey)
      return purchases.get(purchase)?.findLast(
        // Schemes from elsewhere don't say who pays: their payments are presented again rather than signed anew.
        ({ record: { claimed, payer } }) => !claimed && (payer === undefined || keys.includes(toAddressKey(payer))),
      )
    },
  }
}

function isLost({ state, delivery }: LedgerRecord): boolean {
  return (state === 'sent' || state === 'settled') && delivery === 'lost'
}
