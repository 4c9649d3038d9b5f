declare const amountBrand: unique symbol

/** Atomic units of an asset, as a decimal string: a positive integer below 2^256, no sign, no leading zero, no exponent. */
export type Amount = string & { readonly [amountBrand]: true }

/** 2^256 has 78 digits. */
const DECIMAL_INTEGER = /^[1-9][0-9]{0,77}$/
const MAX_UINT256 = 2n ** 256n - 1n

/** Whether `value` is an amount that a payment can be signed for. Zero isn't: nobody asks to be paid nothing. */
export function isAmount(value: unknown): value is Amount {
  // The pattern bounds the digits first: BigInt of a 200,000-digit string would cost seconds.
  return typeof value === 'string' && DECIMAL_INTEGER.test(value) && (value.length < 78 || BigInt(value) <= MAX_UINT256)
}

/** Orders two amounts without parsing them: negative when `a` is less than `b`. */
export function compareAmounts(a: Amount, b: Amount): number {
  if (a.length !== b.length) return a.length - b.length
  return a < b ? -1 : a === b ? 0 : 1
}

/**
 * Writes atomic units as a person reads them.
 *
 * @example
 * ```ts
 * formatUnits(1_500_000n, 6) //=> '1.50'
 * ```
 *
 * @param units - Atomic units.
 * @param decimals - How many of the digits stand behind the point.
 * @returns The decimal number, with at least two digits behind the point.
 */
export function formatUnits(units: bigint, decimals: number): string {
  const digits = units.toString().padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '')
  return `${whole}.${fraction.padEnd(2, '0')}`
}

/** Writes a price as a person reads it, such as `0.02 USDC`; `undefined` where nobody knows the asset. */
export function formatPrice(
  units: bigint,
  symbol: string | undefined,
  decimals: number | undefined,
): string | undefined {
  return symbol === undefined || decimals === undefined ? undefined : `${formatUnits(units, decimals)} ${symbol}`
}
