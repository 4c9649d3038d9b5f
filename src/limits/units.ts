import { invalidOption } from '../errors/options.js'
import type { Charge, Unit } from '../payment/payment.js'
import type { Notation } from '../payment/terms.js'
import { toAddressKey } from '../wire/address.js'
import { formatUnits } from '../wire/amount.js'
import type { JsonObject } from '../wire/json.js'
import { isNetwork, type Network } from '../wire/network.js'

/** The unit in which atomic units of an asset are counted. */
export function toAssetUnit(network: Network, asset: string): Unit {
  return `${network}/${toAddressKey(asset)}`
}

/**
 * Reads which asset a part of the options names.
 *
 * @param fields - Untrusted: `network` and `asset`.
 * @param where - What the part is called in the options.
 * @throws {@link ConfigurationError} `INVALID_OPTION`.
 */
export function readAssetUnit({ network, asset }: JsonObject, where: string): Unit {
  if (!isNetwork(network)) throw invalidOption(`${where}.network`, 'a CAIP-2 network id')
  if (typeof asset !== 'string' || asset === '') throw invalidOption(`${where}.asset`, "a token's address")
  return toAssetUnit(network, asset)
}

/** Digits behind the point in which limits count dollars and symbols: units of 10^-18, as most tokens can have. */
const ATTO_DECIMALS = 18

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
