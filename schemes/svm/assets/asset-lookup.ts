import { assertOptions, invalidOption } from '../../../src/errors/options.js'
import type { Network } from '../../../src/wire/network.js'
import { type Address, readAddress } from '../address.js'
import { publicRpcOf, readCluster } from '../cluster/clusters.js'
import { type BuiltInAsset, type KnownAsset, listKnownAssets } from './known-assets.js'

/** The dollar-pegged tokens that one scheme knows. */
export type AssetLookup = {
  /** What is known of a mint. Only of built-in ones is the token program known. */
  find(network: Network, mint: Address): KnownAsset | BuiltInAsset | undefined
  /** The mint of the one token that goes by a symbol on a cluster; without a symbol, of the one that there is. */
  findMint(network: Network, symbol: string | undefined): string | undefined
  /**
   * Whether the mint is known on some other cluster and not on this public one: here it is another token, or none. A local cluster may
   * be a copy of any.
   */
  isOfAnotherCluster(network: Network, mint: Address): boolean
}

/** Source: SPL Token, `Mint.decimals` is one byte; more digits than any dollar has. */
const MAX_DECIMALS = 36

const TEXT = /^[\x20-\x7e]{1,64}$/

/**
 * Creates the list of known tokens: the built-in ones, and those that its user adds.
 *
 * @param taught - What the user adds; where it names a built-in token, the user is right.
 * @throws {@link ConfigurationError} `INVALID_OPTION` or `UNKNOWN_OPTION`.
 */
export function createAssetLookup(taught: readonly KnownAsset[] = []): AssetLookup {
  if (!Array.isArray(taught)) throw invalidOption('assets', 'an array')
  const own = index(taught.map((asset, position) => readAsset(asset, `assets[${position}]`)))
  const all = () => {
    builtIn ??= index(listKnownAssets())
    return builtIn
  }
  const find: AssetLookup['find'] = (network, mint) => own.get(toKey(network, mint)) ?? all().get(toKey(network, mint))
  return {
    find,
    findMint(network, symbol) {
      const isIt = (known: KnownAsset) =>
        known.network === network && (symbol === undefined || known.symbol.toLowerCase() === symbol.toLowerCase())
      // A symbol that two of them share names neither: which one a seller means would be a guess.
      const found = new Set([...own.values(), ...all().values()].filter(isIt).map(({ asset }) => asset))
      const [only] = found
      return found.size === 1 ? only : undefined
    },
    isOfAnotherCluster: (network, mint) =>
      publicRpcOf(network) !== undefined &&
      find(network, mint) === undefined &&
      [...all().values(), ...own.values()].some(({ asset }) => asset === mint),
  }
}

/** Made when the first token is looked up, not when the module is loaded. */
let builtIn: ReadonlyMap<string, BuiltInAsset> | undefined

function index<Known extends KnownAsset>(assets: readonly Known[]): ReadonlyMap<string, Known> {
  return new Map(assets.map((known) => [toKey(known.network, known.asset), known]))
}

function toKey(network: Network, mint: Address): string {
  return `${network}/${mint}`
}

function readAsset(taught: KnownAsset, where: string): KnownAsset {
  assertOptions(taught, where, ['network', 'asset', 'symbol', 'decimals'])
  const { network, asset, symbol, decimals } = taught
  if (readCluster(network) === undefined) {
    throw invalidOption(`${where}.network`, '`solana:` and the first 32 characters of a genesis hash')
  }
  if ('problem' in readAddress(asset)) throw invalidOption(`${where}.asset`, 'the address of a mint')
  if (!TEXT.test(symbol)) throw invalidOption(`${where}.symbol`, 'a text of 1 to 64 printable characters')
  if (!Number.isInteger(decimals) || decimals < 0 || decimals > MAX_DECIMALS) {
    throw invalidOption(`${where}.decimals`, `a whole number up to ${MAX_DECIMALS}`)
  }
  // A copy, so that the caller's object can be changed without changing what is known.
  return { network, asset, symbol, decimals }
}
