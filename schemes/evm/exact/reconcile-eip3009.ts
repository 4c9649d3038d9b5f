import type { ChainVerdict, Described } from '../../../src/scheme.js'
import type { RpcSource } from '../read-rpc-sources.js'
import { type OnChain, reconcileAuthorization } from '../reconcile-authorization.js'
import { findEnd, readIsUsed, toTopics } from './eip3009-token.js'
import { readEip3009Key } from './read-eip3009-key.js'

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
      return findEnd(await chain.readLogs({ address: key.asset, topics: toTopics(key), from, to }), key)
    },
  }
  return reconcileAuthorization(sources, chainId, onChain, timeoutMs)
}
