import type { Network } from '../../src/wire/network.js'
import type { DefaultAsset } from '../../src/scheme.js'
import type { EvmDesk } from './evm-desk.js'
import { readAddress } from './read-address.js'
import { readChainId } from './read-chain-id.js'

/** The dollar-pegged token at this address, if it is a known one. */
export function findKnownAsset({ book }: EvmDesk, asset: string, network: Network): DefaultAsset | undefined {
  const chainId = readChainId(network)
  const address = readAddress(asset)
  if (chainId === undefined || 'problem' in address) return undefined
  const known = book(chainId, address.value)
  return known && { asset: address.value, decimals: known.decimals, symbol: known.symbol }
}
