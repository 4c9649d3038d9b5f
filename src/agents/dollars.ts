/** Dollars as a person or a model writes them. */
const DOLLARS = /^\$?(\d{1,15})(?:\.(\d{1,18}))?$/

/** Whether a value is money as the tools take it from their operator: `'$0.10'`. */
export function isDollars(value: unknown): value is `$${string}` {
  return typeof value === 'string' && value.startsWith('$') && DOLLARS.test(value)
}

/**
 * Reads dollars that a model wrote, with or without the sign.
 *
 * @returns As options take it, or `undefined` when it isn't an amount of money.
 */
export function readDollars(text: string): `$${string}` | undefined {
  const bare = text.trim().replace(/ ?(USD|USDC)$/i, '')
  return DOLLARS.test(bare) ? `$${bare.replace(/^\$/, '')}` : undefined
}

/** The least of several amounts; `undefined` is no amount. */
export function leastOf(...amounts: readonly (string | undefined)[]): string | undefined {
  return amounts.reduce(
    (least, one) => (least === undefined || (one !== undefined && isAbove(least, one)) ? one : least),
    undefined,
  )
}

/** Whether one amount is more than another. Both were read before. */
export function isAbove(one: string, other: string): boolean {
  return toAtto(one) > toAtto(other)
}

function toAtto(dollars: string): bigint {
  const [, whole = '0', fraction = ''] = DOLLARS.exec(dollars) ?? []
  return BigInt(whole + fraction.padEnd(18, '0'))
}
