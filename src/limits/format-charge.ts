import type { Charge } from '../flow/ports.js'
import { formatUnits } from '../wire/amount.js'
import { ATTO_DECIMALS } from './atto.js'

/** How an asset is written, where anybody knows it. */
export type Notation = { readonly symbol?: string | undefined; readonly decimals?: number | undefined }

/**
 * Writes what is counted as a person reads it: `$0.10`, `0.10 USDC`, or atomic units with the asset.
 *
 * @param charge - The amount and its unit.
 * @param notation - Of the asset, if the unit is one.
 */
export function formatCharge({ unit, amount }: Charge, { symbol, decimals }: Notation = {}): string {
  if (unit === 'usd') return `$${formatUnits(amount, ATTO_DECIMALS)}`
  const slash = unit.indexOf('/')
  const kind = unit.slice(0, slash)
  if (kind === 'symbol') return `${formatUnits(amount, ATTO_DECIMALS)} ${unit.slice(slash + 1)}`
  if (kind === 'payments') return `${amount} ${amount === 1n ? 'payment' : 'payments'}`
  if (symbol === undefined || decimals === undefined) return `${amount} units of ${unit}`
  return `${formatUnits(amount, decimals)} ${symbol}`
}
