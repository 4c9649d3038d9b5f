import type { ChainVerdict, Described } from '../../../src/payment/scheme.js'
import { type End, type OnChain, reconcileAuthorization } from '../chain/authorization.js'
import type { EvmChain } from '../chain/chain.js'
import type { RpcSource } from '../chain/rpc-sources.js'
import { readTransactionHash } from '../chain/transaction.js'
import { type Eip3009Key, findEnd, readEip3009Key, readIsUsed, toTopics } from './token.js'

/**
 * Asks every source what became of an authorization by EIP-3009, which the token remembers.
 *
 * @param timeoutMs - How long one answer may take.
 * @returns `unknown` when a source fails, whatever the reason, or when they disagree.
 */
export async function reconcileEip3009(
  sources: readonly RpcSource[],
  chainId: number,
  described: Described,
  timeoutMs?: number,
): Promise<ChainVerdict> {
  const { validUntilSeconds } = described
  const key = readEip3009Key(described)
  if (key === undefined || !Number.isSafeInteger(validUntilSeconds)) return { verdict: 'unknown' }
  const onChain: OnChain = {
    validUntilSeconds,
    readIsUsed: (chain, block) => readIsUsed(chain, key, block),
    async findEnd(chain, from, to) {
      // Where it can't be asked for by its name, the events tell.
      const canceled = await readCancellation(chain, described.cancellation, key).catch(() => undefined)
      if (canceled !== undefined) return canceled
      return findEnd(await chain.readLogs({ address: key.asset, topics: toTopics(key), from, to }), key)
    },
  }
  return reconcileAuthorization(sources, chainId, onChain, timeoutMs)
}

/** What we sent is found by its name, also where the source refuses to search events. */
async function readCancellation(chain: EvmChain, sent: string | undefined, key: Eip3009Key): Promise<End | undefined> {
  const transaction = readTransactionHash(sent)
  const receipt = transaction && (await chain.readReceipt(transaction))
  const end = receipt?.isSuccess ? findEnd(receipt.logs, key) : undefined
  return end?.by === 'cancellation' && end.transaction === transaction ? end : undefined
}
