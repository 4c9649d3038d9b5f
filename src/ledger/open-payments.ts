import type { LedgerRecord } from '../flow/ports.js'
import { type Claimant, isClosed } from '../payment/purchase.js'
import type { Entry } from './window.js'

/** Payments by the two names of their purchase, from when they are reserved until they are delivered, given up or released. */
export type OpenPayments = {
  /** To be told of each payment that is new, moved or claimed; `formerly` is the exact name that it had. */
  update(entry: Entry, formerly?: string): void
  /** All under either name of a purchase; those that moved last stand last. */
  of(names: Pick<Claimant, 'purchase' | 'coarse'>): readonly LedgerRecord[]
}

/** Creates an empty index, so that a claim looks at one purchase and never at all payments. */
export function createOpenPayments(): OpenPayments {
  const byName = new Map<string, Set<Entry>>()

  function put(name: string, entry: Entry, isIn: boolean): void {
    const some = byName.get(name)
    some?.delete(entry)
    if (isIn) byName.set(name, (some ?? new Set()).add(entry))
    else if (some?.size === 0) byName.delete(name)
  }

  return {
    update(entry, formerly) {
      const { record } = entry
      const isIn = !isClosed(record)
      if (formerly !== undefined && formerly !== record.purchase) put(formerly, entry, false)
      put(record.purchase, entry, isIn)
      if (record.coarse !== undefined && record.coarse !== record.purchase) put(record.coarse, entry, isIn)
    },
    of({ purchase, coarse }) {
      const names = coarse === undefined || coarse === purchase ? [purchase] : [coarse, purchase]
      const entries = new Set(names.flatMap((name) => [...(byName.get(name) ?? [])]))
      return [...entries].map(({ record }) => record)
    },
  }
}
