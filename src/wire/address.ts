/** An address as payments and limits are keyed by it: hex in lower case, any other as it is. */
export function toAddressKey(address: string): string {
  return /^0x/i.test(address) ? address.toLowerCase() : address
}

/** Whether two addresses are one, whatever the case of hex. */
export function isSameAddress(a: string, b: string): boolean {
  return a === b || toAddressKey(a) === toAddressKey(b)
}
