import type { DefaultAsset, SchemeNetworkClient } from '../src/payment/scheme.js'
import { toAddressKey } from '../src/wire/address.js'
import type { Network } from '../src/wire/network.js'

/** What one family of chains knows. */
type Family = { listKnownAssets(): readonly (DefaultAsset & { network: Network })[] }

/** By family, so that each list stays with its chains. */
const FAMILIES: readonly (() => Promise<Family>)[] = [
  () => import('./evm/assets/known-assets.js'),
  () => import('./svm/assets/known-assets.js'),
]

/**
 * Loads the lists of known tokens of every family of chains, so that a price can be shown before there is a wallet to pay it.
 *
 * @returns What finds a token by its address and network; `undefined` for any other.
 */
export async function loadKnownTokens(): Promise<NonNullable<SchemeNetworkClient['findDefaultAsset']>> {
  const families = await Promise.all(FAMILIES.map((load) => load()))
  const tokens = new Map(
    families
      .flatMap((family) => family.listKnownAssets())
      .map(({ network, asset, symbol, decimals }) => [toKey(network, asset), { asset, symbol, decimals }]),
  )
  return (asset, network) => tokens.get(toKey(network, asset))
}

function toKey(network: Network, asset: string): string {
  return `${network}/${toAddressKey(asset)}`
}
