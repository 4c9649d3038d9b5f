import type { Payment } from '../../payment/payment.js'
import { type Claimant, mayStandInTheWay } from '../../payment/purchase.js'
import type { Entry } from './places.js'

/** Payments by the two names of their purchase, for as long as they may stand in the way of another one. */
export type OpenPayments = {
  /** To be told of each payment that is new or moved; `formerly` is the exact name that it had. */
  update(entry: Entry, formerly?: string): void
  /** To be told of each payment that kept its key from buying again, and doesn't any more. */
  remove(entry: Entry): void
  /** All under either name of a purchase, in the order in which they were reserved. */
  of(names: Pick<Claimant, 'purchase' | 'coarse'>): readonly Payment[]
}

const NONE: readonly Payment[] = /* @__PURE__ */ Object.freeze([])

/** Creates an empty index, so that a claim looks at one purchase and never at all payments. */
export function createOpenPayments(): OpenPayments {
  const byName = new Map<string, Set<Entry>>()

  function put(name: string, entry: Entry, isIn: boolean): void {
    const some = byName.get(name)
    if (isIn) byName.set(name, (some ?? new Set()).add(entry))
    else if (some?.delete(entry) && some.size === 0) byName.delete(name)
  }

  return {
    update(entry, formerly) {
      const { payment } = entry
      const { purchase, coarse } = payment.call
      const isIn = mayStandInTheWay(payment)
      if (formerly !== undefined && formerly !== purchase) put(formerly, entry, false)
      put(purchase, entry, isIn)
      if (coarse !== undefined && coarse !== purchase) put(coarse, entry, isIn)
    },
    remove(entry) {
      const { purchase, coarse } = entry.payment.call
      for (const name of [purchase, coarse]) if (name !== undefined) put(name, entry, false)
    },
    of({ purchase, coarse }) {
      if (byName.size === 0) return NONE
      const names = coarse === undefined || coarse === purchase ? [purchase] : [coarse, purchase]
      const found = new Set(names.flatMap((name) => [...(byName.get(name) ?? [])]))
      // What one name holds doesn't tell how its payments stand to those of another.
      return [...found].sort((one, other) => one.place - other.place).map(({ payment }) => payment)
    },
  }
}
