import type { DefaultAsset, SchemeNetworkClient } from '../src/payment/scheme.js'
import { isSameAddress, toAddressKey } from '../src/wire/address.js'
import type { Network } from '../src/wire/network.js'

/** What one family of chains knows. */
type Family = { listKnownAssets(): readonly (DefaultAsset & { network: Network })[] }

/** By family, so that each list stays with its chains. */
const FAMILIES: readonly (() => Promise<Family>)[] = [
  () => import('./evm/assets/known-assets.js'),
  () => import('./svm/assets/known-assets.js'),
]

/** Finds known tokens of every family of chains. */
export type KnownTokens = {
  /** The token at this address, if it is known there. */
  readonly find: NonNullable<SchemeNetworkClient['findDefaultAsset']>
  /** The one network on which a token is known at this address; `undefined` where there are several or none. */
  findNetwork(asset: string): { readonly network: Network; readonly symbol: string } | undefined
}

/** Loads the lists of known tokens of every family of chains, so that a price can be shown before there is a wallet to pay it. */
export async function loadKnownTokens(): Promise<KnownTokens> {
  const families = await Promise.all(FAMILIES.map((load) => load()))
  const all = families.flatMap((family) => family.listKnownAssets())
  const tokens = new Map(
    all.map(({ network, asset, symbol, decimals }) => [toKey(network, asset), { asset, symbol, decimals }]),
  )
  return {
    find: (asset, network) => tokens.get(toKey(network, asset)),
    findNetwork(asset) {
      const [found, ...others] = all.filter((token) => isSameAddress(token.asset, asset))
      return found === undefined || others.length > 0 ? undefined : { network: found.network, symbol: found.symbol }
    },
  }
}

function toKey(network: Network, asset: string): string {
  return `${network}/${toAddressKey(asset)}`
}
