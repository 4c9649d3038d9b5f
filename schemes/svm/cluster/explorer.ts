import type { Network } from '../../../src/wire/network.js'
import { decodeBase58 } from '../wire/base58.js'
import { SIGNATURE_BYTES } from '../wire/transaction.js'
import { explorerQueryOf } from './clusters.js'

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
