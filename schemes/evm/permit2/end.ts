import type { End } from '../chain/authorization.js'
import { type EvmChain, type EvmLog, toQuantity } from '../chain/chain.js'
import { type Hex, toWord } from '../hex.js'
import { PERMIT2 } from './contracts.js'
import { findInvalidation, type Permit2Nonce, readIsNonceUsed, toInvalidationTopics } from './nonce.js'
import { readSettlement } from './settlement.js'

/** `Transfer(address indexed from,address indexed to,uint256 value)`, hashed. Source: EIP-20. */
const TRANSFER = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'

/** Most transfers to one recipient that are looked into; beyond them a payment that was used up counts as spent. */
const MAX_TRANSFERS = 64

/** What was to be moved, and to whom. */
export type Permit2Payment = { readonly nonce: Permit2Nonce; readonly asset: Hex; readonly payTo: Hex }

/**
 * Finds how an authorization was used up, in these blocks, both ends included.
 *
 * Permit2 has an event for a cancellation and none for a payment, and a cancellation also "succeeds" when the payment came first. So a
 * payment is found by the token's transfers to the recipient, and a cancellation is believed only where no transfer before it is left
 * that could be the payment.
 *
 * @returns `undefined` where the events don't tell, which counts as a payment.
 */
export async function findPermit2End(
  chain: EvmChain,
  { nonce, asset, payTo }: Permit2Payment,
  from: number,
  to: number,
): Promise<End | undefined> {
  const topics = [TRANSFER, `0x${toWord(nonce.owner)}`, `0x${toWord(payTo)}`] satisfies Hex[]
  const [invalidations, transfers] = await Promise.all([
    chain.readLogs({ address: PERMIT2, topics: toInvalidationTopics(nonce), from, to }),
    chain.readLogs({ address: asset, topics, from, to }),
  ])
  if (transfers.length > MAX_TRANSFERS) return undefined
  const { payment, unexplained } = await sortOut(chain, nonce, transfers)
  if (payment !== undefined) return payment
  const canceled = findInvalidation(invalidations, nonce)
  if (canceled === undefined) return undefined
  const earlier = unexplained.filter(({ blockNumber }) => blockNumber <= canceled.blockNumber)
  const isProven = earlier.length === 0 || (await wasUnusedBefore(chain, nonce, canceled, earlier))
  if (!isProven) return undefined
  return { by: 'cancellation', blockNumber: canceled.blockNumber, transaction: canceled.transaction }
}

type SortedOut = { readonly payment: End | undefined; readonly unexplained: readonly EvmLog[] }

/**
 * Tells the payment from other payments to the same recipient, and from transfers of which nothing is known.
 *
 * A call explains one transfer: a recipient that its token calls back can settle a second payment within the first.
 */
async function sortOut(chain: EvmChain, nonce: Permit2Nonce, transfers: readonly EvmLog[]): Promise<SortedOut> {
  const calls = await Promise.all(transfers.map(({ transaction }) => chain.readTransaction(transaction)))
  const unexplained: EvmLog[] = []
  const explained = new Set<Hex>()
  for (const [index, transfer] of transfers.entries()) {
    const call = calls[index]
    const settlement = call && readSettlement(call)
    if (settlement?.owner !== nonce.owner.toLowerCase()) {
      unexplained.push(transfer)
    } else if (settlement.nonce === nonce.nonce) {
      const { blockNumber, transaction } = transfer
      return { payment: { by: 'payment', blockNumber, transaction, amount: settlement.amount }, unexplained: [] }
    } else if (explained.has(transfer.transaction)) {
      unexplained.push(transfer)
    } else {
      explained.add(transfer.transaction)
    }
  }
  return { payment: undefined, unexplained }
}

/** The state just before the cancellation, and no transfer in its own block. */
async function wasUnusedBefore(
  chain: EvmChain,
  nonce: Permit2Nonce,
  { blockNumber }: EvmLog,
  earlier: readonly EvmLog[],
): Promise<boolean> {
  if (earlier.some((transfer) => transfer.blockNumber === blockNumber)) return false
  return !(await readIsNonceUsed(chain, nonce, toQuantity(blockNumber - 1)))
}
