import type { Scope } from '../../payment/ledger.js'
import type { Payment } from '../../payment/payment.js'
import { isAddressLabel } from '../../payment/purchase-name.js'
import { toAddressKey } from '../../wire/address.js'
import { toMark } from './resources.js'

/** The hosts, recipients and tags that payments of a ledger have: of any other nothing counts. */
export type Names = {
  add(payment: Pick<Payment, 'call' | 'terms'>): void
  /** Whether payments may be in a scope, leaving aside the resource. */
  has(scope: Scope): boolean
}

/** Creates the names of a ledger without payments. Most payments have those of others, and cost three looks. */
export function createNames(): Names {
  const hosts = new Set<string>()
  /** As they were written, and as they are compared. */
  const recipients = new Set<string>()
  const tags = new Set<string | number>()
  return {
    add({ call, terms }) {
      hosts.add(call.host)
      if (!recipients.has(terms.payTo)) recipients.add(terms.payTo).add(toAddressKey(terms.payTo))
      for (const tag of call.tags) tags.add(toKept(tag))
    },
    has: ({ host, payTo, tag }) =>
      (host === undefined || hosts.has(host)) &&
      (payTo === undefined || recipients.has(toAddressKey(payTo))) &&
      (tag === undefined || tags.has(toKept(tag))),
  }
}

/** Of addresses there are as many as payments, so that their text isn't kept. */
function toKept(tag: string): string | number {
  return isAddressLabel(tag) ? toMark(tag) : tag
}
