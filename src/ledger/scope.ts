import type { NewRecord, Scope } from '../flow/ports.js'
import { toAddressKey } from '../wire/address.js'

/** Whether a payment is among those that a scope names. */
export function isInScope(record: NewRecord, { host, payTo, tag }: Scope): boolean {
  return (
    (host === undefined || host === record.host) &&
    (payTo === undefined || toAddressKey(payTo) === toAddressKey(record.payTo)) &&
    (tag === undefined || record.tags.includes(tag))
  )
}
