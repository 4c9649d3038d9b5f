import type { Draft, Payment } from '../../payment/payment.js'
import { isSameAddress } from '../../wire/address.js'
import { toWildcard } from '../../wire/network.js'
import type { Entry } from './window.js'

/** Where each origin was first paid, in each namespace of networks: known without a look at any payment. */
export type Pins = {
  add(payment: Payment): void
  replace(before: Payment, after: Payment): void
  /** The address that an origin is pinned to, where a payment would go to another. */
  findOther(draft: Pick<Draft, 'call' | 'terms'>): string | undefined
}

/** The address of the first payment that wasn't released, how many such payments go there, and whether others go elsewhere. */
type Pin = { readonly payTo: string; count: number; isOnly: boolean }

/**
 * Creates the pins of one ledger.
 *
 * @param entries - All payments, oldest first; kept by the ledger. They are looked at only when the first payment of an origin that was paid
 *   at two addresses is released.
 */
export function createPins(entries: readonly Entry[]): Pins {
  const pins = new Map<string, Pin>()

  function add(payment: Payment): void {
    if (payment.call.origin === '' || payment.state === 'released') return
    const key = toKey(payment)
    const pin = pins.get(key)
    if (pin === undefined) pins.set(key, { payTo: payment.terms.payTo, count: 1, isOnly: true })
    else if (isSameAddress(pin.payTo, payment.terms.payTo)) pin.count += 1
    else pin.isOnly = false
  }

  function readAgain(key: string): void {
    pins.delete(key)
    for (const { payment } of entries) if (toKey(payment) === key) add(payment)
  }

  return {
    add,
    replace(before, after) {
      if (before.state === after.state || after.state !== 'released') return
      const key = toKey(after)
      const pin = pins.get(key)
      if (pin === undefined || !isSameAddress(pin.payTo, after.terms.payTo)) return
      pin.count -= 1
      if (!pin.isOnly) readAgain(key)
      else if (pin.count === 0) pins.delete(key)
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
