import { formatUnits } from 'viem'

/** Millionths of a dollar as a person writes them: `10000n` is `$0.01`. */
export function toDollars(atomic: bigint): string {
  const [whole = '0', fraction = ''] = formatUnits(atomic, 6).split('.')
  return `${whole.startsWith('-') ? '-' : ''}$${whole.replace('-', '')}.${fraction.padEnd(2, '0')}`
}

/** A time span as a person reads it: `48 ms`, `1.3 s`. */
export function toDuration(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`
}

/** The ends of a long hex string: enough to recognize it, too little to use it. */
export function shorten(hex: string): string {
  return hex.length <= 14 ? hex : `${hex.slice(0, 6)}…${hex.slice(-4)}`
}

/** A moment as a clock shows it, and how far away it is. */
export function toMoment(unixSeconds: number, nowSeconds: number): string {
  const clock = new Date(unixSeconds * 1000).toISOString().slice(11, 19)
  return `${clock} UTC, in ${Math.round(unixSeconds - nowSeconds)} s`
}
