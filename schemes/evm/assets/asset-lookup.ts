import { assertOptions, invalidOption } from '../../../src/errors/options.js'
import type { Network } from '../../../src/wire/network.js'
import { readAddress } from '../address.js'
import { readChainId } from '../chain-id.js'
import type { Hex } from '../hex.js'
import { isDomainText } from './domain-text.js'
import { type KnownAsset, listKnownAssets } from './known-assets.js'

/** Looks a token up by its chain and its address in canonical spelling. */
export type AssetLookup = (chainId: number, asset: Hex) => KnownAsset | undefined

/** More decimals than any dollar has; `decimals()` of a token is a byte, but 10^255 is nobody's dollar. */
const MAX_DECIMALS = 36

const TEXT = [isDomainText, 'a text of 1 to 64 printable characters'] as const

/** What each field must be. */
const FIELDS: Record<keyof KnownAsset, readonly [isRight: (value: unknown) => boolean, must: string]> = {
  network: [(value) => readChainId(value) !== undefined, '`eip155:` and a chain id'],
  asset: [(value) => 'value' in readAddress(value), 'an address'],
  symbol: TEXT,
  decimals: [
    (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_DECIMALS,
    'a whole number',
  ],
  name: TEXT,
  version: TEXT,
  assetTransferMethod: [(value) => value === undefined || value === 'permit2', "'permit2' or absent"],
}

/**
 * Creates the list of dollar-pegged tokens that one scheme knows: the built-in ones, and those that its user adds.
 *
 * @param taught - What the user adds; where it names a built-in token, the user is right.
 * @throws {@link ConfigurationError} `INVALID_OPTION` or `UNKNOWN_OPTION`.
 */
export function createAssetLookup(taught: readonly KnownAsset[] = []): AssetLookup {
  if (!Array.isArray(taught)) throw invalidOption('assets', 'an array')
  const own = index(taught.map((asset, position) => readAsset(asset, `assets[${position}]`)))
  return (chainId, asset) => {
    const key = toKey(`eip155:${chainId}`, asset)
    builtIn ??= index(listKnownAssets())
    return own.get(key) ?? builtIn.get(key)
  }
}

/** The address of the one known token that goes by a symbol on a chain; without a symbol, of the one that there is. */
export type SymbolLookup = (chainId: number, symbol: string | undefined) => string | undefined

/**
 * Creates the search by symbol among the same tokens as {@link createAssetLookup} knows. A symbol that two of them share names neither: which
 * one a seller means would be a guess.
 *
 * @param taught - As read by {@link createAssetLookup}.
 */
export function createSymbolLookup(taught: readonly KnownAsset[] = []): SymbolLookup {
  const own = taught.map(({ network, asset, symbol }) => ({ network, asset, symbol }))
  return (chainId, symbol) => {
    const found = new Map<string, string>()
    for (const known of [...own, ...listKnownAssets()]) {
      const isIt = symbol === undefined || known.symbol.toLowerCase() === symbol.toLowerCase()
      if (isIt && known.network === `eip155:${chainId}`) found.set(known.asset.toLowerCase(), known.asset)
    }
    const [only] = found.values()
    return found.size === 1 ? only : undefined
  }
}

/** Made when the first token is looked up, not when the module is loaded. */
let builtIn: ReadonlyMap<string, KnownAsset> | undefined

function index(assets: readonly KnownAsset[]): ReadonlyMap<string, KnownAsset> {
  return new Map(assets.map((known) => [toKey(known.network, known.asset), known]))
}

function toKey(network: Network, asset: string): string {
  return `${network}/${asset.toLowerCase()}`
}

function readAsset(taught: KnownAsset, where: string): KnownAsset {
  assertOptions(taught, where, Object.keys(FIELDS))
  for (const [field, [isRight, must]] of Object.entries(FIELDS)) {
    if (!isRight(Reflect.get(taught, field))) throw invalidOption(`${where}.${field}`, must)
  }
  // A copy, so that the caller's object can be changed without changing what is signed.
  return { ...taught }
}
