/** Hex addresses are the same in any case of their letters; others are compared as they stand. */
export function isSameAddress(a: string, b: string): boolean {
  return a === b || (a.startsWith('0x') && a.toLowerCase() === b.toLowerCase())
}
