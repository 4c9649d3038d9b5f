import type { LedgerRecord } from '../../flow/ports.js'
import { type Claimant, isClosed } from '../../payment/purchase.js'
import type { Entry } from './window.js'

/** Payments by the two names of their purchase, from when they are reserved until they are delivered, given up or released. */
export type OpenPayments = {
  /** To be told of each payment that is new or moved; `formerly` is the exact name that it had. */
  update(entry: Entry, formerly?: string): void
  /** All under either name of a purchase, in the order in which they were reserved. */
  of(names: Pick<Claimant, 'purchase' | 'coarse'>): readonly LedgerRecord[]
}

/** Creates an empty index, so that a claim looks at one purchase and never at all payments. */
export function createOpenPayments(): OpenPayments {
  const byName = new Map<string, Set<Entry>>()
  /** How many came before each, since what one name holds doesn't tell how its payments stand to those of another. */
  const places = new Map<Entry, number>()
  let next = 0

  function put(name: string, entry: Entry, isIn: boolean): void {
    const some = byName.get(name)
    if (isIn) byName.set(name, (some ?? new Set()).add(entry))
    else if (some?.delete(entry) && some.size === 0) byName.delete(name)
  }

  const toPlace = (entry: Entry) => places.get(entry) ?? 0

  return {
    update(entry, formerly) {
      const { record } = entry
      const isIn = !isClosed(record)
      if (formerly !== undefined && formerly !== record.purchase) put(formerly, entry, false)
      if (!isIn) places.delete(entry)
      else if (!places.has(entry)) places.set(entry, next++)
      put(record.purchase, entry, isIn)
      if (record.coarse !== undefined && record.coarse !== record.purchase) put(record.coarse, entry, isIn)
    },
    of({ purchase, coarse }) {
      const names = coarse === undefined || coarse === purchase ? [purchase] : [coarse, purchase]
      const entries = [...new Set(names.flatMap((name) => [...(byName.get(name) ?? [])]))]
      return entries.sort((one, other) => toPlace(one) - toPlace(other)).map(({ record }) => record)
    },
  }
}
