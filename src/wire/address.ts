/** An address as records and limits are keyed by it: hex without capitals, others as they stand. */
export function toAddressKey(address: string): string {
  return /^0x/i.test(address) ? address.toLowerCase() : address
}

/** Whether two addresses are one, whatever the case of hex. */
export function isSameAddress(a: string, b: string): boolean {
  return a === b || toAddressKey(a) === toAddressKey(b)
}
