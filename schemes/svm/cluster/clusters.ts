import type { Network } from '../../../src/wire/network.js'
import { decodeBase58 } from '../wire/encoding.js'
import { SIGNATURE_BYTES } from '../wire/transaction.js'

/** Source: CAIP-2 for Solana: the first 32 characters of the genesis hash in base58. */
const REFERENCE = /^solana:([1-9A-HJ-NP-Za-km-z]{32})$/

/** The three clusters of the Solana Foundation. Source: `@x402/svm` 2.27.0, and Solana documentation, "Clusters". */
export const MAINNET = '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'
export const DEVNET = 'EtWTRABZaYq6iMfeYKouRu166VU2xqa1'
export const TESTNET = '4uhcVJyU9pJkvQyS88uRDiswHXSCkY3z'

/** The same, as CAIP-2 names them; by the names of `@x402/svm` 2.27. */
export const SOLANA_MAINNET_CAIP2 = `solana:${MAINNET}` as const
/** See {@link SOLANA_MAINNET_CAIP2}. */
export const SOLANA_DEVNET_CAIP2 = `solana:${DEVNET}` as const
/** See {@link SOLANA_MAINNET_CAIP2}. */
export const SOLANA_TESTNET_CAIP2 = `solana:${TESTNET}` as const

/** Their public endpoints, shared by everybody and limited; and how the explorer names them. */
const PUBLIC: { readonly [cluster: string]: { readonly rpc: string; readonly explorer: string } } = {
  [MAINNET]: { rpc: 'https://api.mainnet-beta.solana.com', explorer: '' },
  [DEVNET]: { rpc: 'https://api.devnet.solana.com', explorer: '?cluster=devnet' },
  [TESTNET]: { rpc: 'https://api.testnet.solana.com', explorer: '?cluster=testnet' },
}

/** The cluster that a network names, by the start of its genesis hash; `undefined` when it isn't one of Solana. */
export function readCluster(network: unknown): string | undefined {
  return typeof network === 'string' ? REFERENCE.exec(network)?.[1] : undefined
}

/** The endpoint that anybody may ask; local clusters have none. */
export function publicRpcOf(network: Network): string | undefined {
  return PUBLIC[readCluster(network) ?? '']?.rpc
}

/** What is added to an explorer's address to see this cluster; `undefined` where it shows none. */
function explorerQueryOf(network: Network): string | undefined {
  return PUBLIC[readCluster(network) ?? '']?.explorer
}

/**
 * Where a person can look at a transaction.
 *
 * @param transaction - Its first signature; often the seller's word, so anything but 64 bytes in base58 makes no link.
 * @returns `undefined` also for local clusters.
 */
export function toExplorerUrl(transaction: string, network: Network): string | undefined {
  const query = explorerQueryOf(network)
  if (query === undefined || decodeBase58(transaction, SIGNATURE_BYTES) === undefined) return undefined
  return `https://explorer.solana.com/tx/${transaction}${query}`
}
