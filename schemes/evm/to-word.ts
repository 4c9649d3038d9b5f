import type { Hex } from './hex.js'

/** A value at the end of its word of 32 bytes, without `0x`, as contracts take it. */
export function toWord(value: Hex | bigint): string {
  return (typeof value === 'bigint' ? value.toString(16) : value.slice(2).toLowerCase()).padStart(64, '0')
}
