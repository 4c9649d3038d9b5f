/** Digits behind the point in which limits count dollars and symbols: units of 10^-18, as most tokens can have. */
export const ATTO_DECIMALS = 18

/**
 * Writes atomic units of an asset in units of 10^-18 of the whole.
 *
 * Assets with more digits round up: a limit may count a hair too much, never too little.
 *
 * @param amount - Atomic units.
 * @param decimals - How many of their digits stand behind the point.
 */
export function toAtto(amount: bigint, decimals: number): bigint {
  if (decimals <= ATTO_DECIMALS) return amount * 10n ** BigInt(ATTO_DECIMALS - decimals)
  const divisor = 10n ** BigInt(decimals - ATTO_DECIMALS)
  return (amount + divisor - 1n) / divisor
}
