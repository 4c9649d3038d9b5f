import type { Ledger } from '../../../src/payment/ledger.js'

/** A ledger that is another one from when a test says so: as where a database comes back, or a disk is mended. */
export function createSwitch(first: Ledger): { readonly ledger: Ledger; turnTo(next: Ledger): void } {
  let now = first
  const ledger = new Proxy(first, {
    get(_, name) {
      const member: unknown = Reflect.get(now, name)
      return typeof member === 'function' ? member.bind(now) : member
    },
  })
  return {
    ledger,
    turnTo(next) {
      now = next
    },
  }
}
