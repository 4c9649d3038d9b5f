import { assertOptions, invalidOption } from '../errors/options.js'
import type { Unit } from '../payment/payment.js'
import type { Network } from '../wire/network.js'
import type { Limit } from './limit.js'
import { readAtomicUnits, readMoneyText } from './money.js'
import { readList } from './read-list.js'
import { readAssetUnit } from './units.js'

/** An asset that may be spent in addition to those that the schemes know. */
export type AssetLimit = {
  /** As CAIP-2 names it: `'eip155:8453'`. */
  network: Network
  /** The token's contract or mint. */
  asset: string
  /**
   * Most that one payment may cost in this asset, instead of the general `perPayment`: atomic units as a bigint or a string of
   * digits, or `'$0.10'` or `'0.10 EURC'` where the asset's `peg` or `symbol` is given. @default the general `perPayment`
   */
  perPayment?: string | bigint | undefined
  /** How the asset is called: in errors, and in limits such as `'5 EURC'`. Needs `decimals`. */
  symbol?: string | undefined
  /** How many digits of its atomic units stand behind the point, 0 to 255, as its contract says. */
  decimals?: number | undefined
  /** Makes dollar limits apply: one whole unit counts as a dollar. Needs `symbol` and `decimals`. @default not pegged */
  peg?: 'usd' | undefined
}

/** An {@link AssetLimit} that was read. */
export type AllowedAsset = {
  readonly unit: Unit
  /** Closed: it prices this asset or refuses it. */
  readonly perPayment: Limit | undefined
  readonly symbol: string | undefined
  readonly decimals: number | undefined
  readonly isPegged: boolean
}

const KEYS = ['network', 'asset', 'perPayment', 'symbol', 'decimals', 'peg']

/**
 * Reads the list of assets that may be spent beside the known ones.
 *
 * @param input - Untrusted.
 * @returns The assets by their unit.
 * @throws {@link ConfigurationError} naming the entry and what is wrong with it.
 */
export function readAssetLimits(input: unknown): ReadonlyMap<Unit, AllowedAsset> {
  const assets = new Map<Unit, AllowedAsset>()
  readList(input, 'limits.assets', (entry, where) => {
    const asset = readAssetLimit(entry, where)
    if (assets.has(asset.unit)) throw invalidOption(where, 'of an asset that no other entry names')
    assets.set(asset.unit, asset)
  })
  return assets
}

function readAssetLimit(entry: unknown, where: string): AllowedAsset {
  assertOptions(entry, where, KEYS)
  const unit = readAssetUnit(entry, where)
  const { perPayment, symbol, decimals, peg } = entry
  if (symbol !== undefined && !isSymbol(symbol))
    throw invalidOption(`${where}.symbol`, 'up to 32 characters without a space')
  if (decimals !== undefined && !isDecimals(decimals))
    throw invalidOption(`${where}.decimals`, 'an integer from 0 to 255')
  if (peg !== undefined && (peg !== 'usd' || symbol === undefined || decimals === undefined)) {
    throw invalidOption(`${where}.peg`, "'usd', beside a symbol and decimals")
  }
  return {
    unit,
    perPayment: perPayment === undefined ? undefined : readPerPayment(perPayment, unit, `${where}.perPayment`),
    symbol,
    decimals,
    isPegged: peg === 'usd',
  }
}

function readPerPayment(input: unknown, unit: Unit, where: string): Limit {
  const isText = typeof input === 'string' && !/^\d+$/.test(input)
  const allowed = isText ? readMoneyText(input, where) : { unit, amount: readAtomicUnits(input, where) }
  return { where, allows: [allowed], isClosed: true }
}

function isSymbol(value: unknown): value is string {
  return typeof value === 'string' && /^\S{1,32}$/.test(value)
}

/** Source: the `decimals` of ERC-20 contracts and of SPL mints are one byte. */
function isDecimals(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 255
}
