import type { Draft, Payment } from '../../payment/payment.js'
import { isPinning } from '../../payment/purchase.js'
import { isSameAddress } from '../../wire/address.js'
import { toWildcard } from '../../wire/network.js'
import type { Entry } from './places.js'

/** Where each origin was first paid, in each namespace of networks: known without a look at any payment. */
export type Pins = {
  add(payment: Payment): void
  replace(before: Payment, after: Payment): void
  /** Remembers a payment that isn't among the entries any more, and is never released. */
  archive(entry: Entry): void
  /** The address that an origin is pinned to, where a payment would go to another. */
  findOther(draft: Pick<Draft, 'call' | 'terms'>): string | undefined
}

/** The address of the first payment that pins, how many such payments go there, and whether others go elsewhere. */
type Pin = { readonly payTo: string; count: number; isOnly: boolean }

/** The first of an origin's payments that isn't among the entries any more: it is never released, so what came after it decides nothing. */
type Fixed = { readonly place: number; readonly payTo: string }

/**
 * Creates the pins of one ledger.
 *
 * @param entries - Tells the payments that the ledger has whole, oldest first. They are looked at only when the first payment of an origin
 *   that was paid at two addresses is released.
 */
export function createPins(entries: () => Iterable<Entry>): Pins {
  const pins = new Map<string, Pin>()
  const fixed = new Map<string, Fixed>()

  function add(payment: Payment): void {
    if (isPinning(payment)) count(toKey(payment), payment.terms.payTo)
  }

  function count(key: string, payTo: string): void {
    const pin = pins.get(key)
    if (pin === undefined) pins.set(key, { payTo, count: 1, isOnly: true })
    else if (isSameAddress(pin.payTo, payTo)) pin.count += 1
    else pin.isOnly = false
  }

  function readAgain(key: string): void {
    let first = fixed.get(key)
    pins.delete(key)
    for (const { place, payment } of entries()) {
      if (toKey(payment) !== key) continue
      if (first !== undefined && first.place < place) {
        count(key, first.payTo)
        first = undefined
      }
      add(payment)
    }
    if (first !== undefined) count(key, first.payTo)
  }

  return {
    add,
    replace(before, after) {
      const isNow = isPinning(after)
      if (isPinning(before) === isNow) return
      const key = toKey(after)
      const pin = pins.get(key)
      if (isNow) {
        // An earlier one decides, although it was delivered later.
        if (pin === undefined || isSameAddress(pin.payTo, after.terms.payTo)) add(after)
        else readAgain(key)
        return
      }
      if (pin === undefined || !isSameAddress(pin.payTo, after.terms.payTo)) return
      pin.count -= 1
      if (!pin.isOnly) readAgain(key)
      else if (pin.count === 0) pins.delete(key)
    },
    archive({ place, payment }) {
      if (!isPinning(payment)) return
      const key = toKey(payment)
      const first = fixed.get(key)
      if (first === undefined || place < first.place) fixed.set(key, { place, payTo: payment.terms.payTo })
    },
    findOther(draft) {
      const pin = pins.get(toKey(draft))
      return pin === undefined || isSameAddress(pin.payTo, draft.terms.payTo) ? undefined : pin.payTo
    },
  }
}

function toKey({ call, terms }: Pick<Draft, 'call' | 'terms'>): string {
  return `${call.origin} ${toWildcard(terms.network)}`
}
