import type { NewRecord, Scope } from '../flow/ports.js'

/** Whether a payment is among those that a scope names. */
export function isInScope(record: NewRecord, { host, payee, tag }: Scope): boolean {
  return (
    (host === undefined || host === record.host) &&
    (payee === undefined || toAddressKey(payee) === toAddressKey(record.payee)) &&
    (tag === undefined || record.tags.includes(tag))
  )
}

/**
 * An address as it is compared: hexadecimal ones in lower case, since their capitals are only a checksum. All others are
 * told apart by their capitals.
 */
export function toAddressKey(address: string): string {
  return /^0x/i.test(address) ? address.toLowerCase() : address
}
