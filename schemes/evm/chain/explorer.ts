import type { Network } from '../../../src/wire/network.js'
import { readChainId } from '../chain-id.js'

/** Explorers by chain id. Source: `blockExplorers.default` of viem's `viem/chains` 2.57.1, to which the tests hold it. */
const EXPLORERS: { readonly [chainId: number]: string } = {
  1: 'etherscan.io',
  10: 'optimistic.etherscan.io',
  130: 'uniscan.xyz',
  137: 'polygonscan.com',
  143: 'monadscan.com',
  146: 'sonicscan.org',
  480: 'worldscan.org',
  999: 'hyperevmscan.io',
  1301: 'sepolia.uniscan.xyz',
  1328: 'testnet.seiscan.io',
  1329: 'seiscan.io',
  8453: 'basescan.org',
  42161: 'arbiscan.io',
  42220: 'celoscan.io',
  43113: 'testnet.snowtrace.io',
  43114: 'snowtrace.io',
  80002: 'amoy.polygonscan.com',
  84532: 'sepolia.basescan.org',
  421614: 'sepolia.arbiscan.io',
  11142220: 'celo-sepolia.blockscout.com',
  11155111: 'sepolia.etherscan.io',
  11155420: 'optimism-sepolia.blockscout.com',
}

/**
 * Where a person can look at a transaction.
 *
 * @param transaction - Its hash; often the seller's word, so anything but 32 bytes in hex makes no link.
 * @returns `undefined` also for networks whose explorer isn't known.
 */
export function toExplorerUrl(transaction: string, network: Network): string | undefined {
  const host = EXPLORERS[readChainId(network) ?? 0]
  return host !== undefined && /^0x[0-9a-fA-F]{64}$/.test(transaction) ? `https://${host}/tx/${transaction}` : undefined
}
