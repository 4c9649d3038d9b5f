import { type ChainVerdict, type Described, MAX_VALIDITY_SECONDS } from '../../../src/scheme.js'
import { createEvmChain, type EvmBlock, type EvmChain, toQuantity } from '../evm-chain.js'
import { createEvmRpc, isRefusal, RPC_TIMEOUT_MS } from '../evm-rpc.js'
import { findBlockAt } from '../find-block-at.js'
import type { RpcSource } from '../read-rpc-sources.js'
import { type Eip3009End, type Eip3009Key, findEnd, readIsUsed, toTopics } from './eip3009-token.js'
import { readEip3009Key } from './read-eip3009-key.js'

/** How far the clock that an authorization was signed by may be from the chain's, in seconds, for its event to be found. */
const CLOCK_SLACK_SECONDS = 600

/**
 * Asks every source what became of an authorization, and believes them by what a lie would cost.
 *
 * "Spent" needs one source: at worst money stays counted. Anything else needs all of them, since a payment that is wrongly called dead
 * is signed again.
 *
 * @param timeoutMs - How long one answer may take.
 * @returns `unknown` when a source fails, whatever the reason, or when they disagree.
 */
export async function reconcileEip3009(
  sources: readonly RpcSource[],
  chainId: number,
  described: Described,
  timeoutMs = RPC_TIMEOUT_MS,
): Promise<ChainVerdict> {
  const { validUntilSeconds } = described
  const key = readEip3009Key(described)
  if (key === undefined || !Number.isSafeInteger(validUntilSeconds)) return { verdict: 'unknown' }
  const chains = sources.map((source) => createEvmChain(createEvmRpc(source, timeoutMs), chainId))
  const verdicts = await Promise.all(chains.map((chain) => judge(chain, key, validUntilSeconds).catch(toUnknown)))
  const spent = verdicts.filter(({ verdict }) => verdict === 'spent')
  const [first, ...others] = spent.length > 0 ? spent : verdicts
  if (first === undefined || others.some(({ verdict }) => verdict !== first.verdict)) return { verdict: 'unknown' }
  return [first, ...others].find(({ transaction }) => transaction !== undefined) ?? first
}

/** What one source says. */
async function judge(chain: EvmChain, key: Eip3009Key, validUntilSeconds: number): Promise<ChainVerdict> {
  const [isUsed, final] = await Promise.all([readIsUsed(chain, key, 'latest'), chain.readFinalBlock()])
  if (isUsed) return judgeEnd(await findEndOf(chain, key, validUntilSeconds), final)
  // By the chain's own clock, and only once no reorganization can set it back: ours proves nothing.
  if (final === undefined || final.timestamp <= validUntilSeconds) return { verdict: 'unspent' }
  // Asked again as of that block, since `latest` may have been answered by a node that is behind.
  if (!(await readIsUsedSince(chain, key, final))) return { verdict: 'unspent-and-dead' }
  return judgeEnd(await findEndOf(chain, key, validUntilSeconds), final)
}

function judgeEnd(end: Eip3009End | undefined, final: EvmBlock | undefined): ChainVerdict {
  if (end === undefined) return { verdict: 'spent' }
  const { by, blockNumber, transaction } = end
  if (by === 'payment') return { verdict: 'spent', transaction }
  const isFinal = final !== undefined && blockNumber <= final.number
  return { verdict: isFinal ? 'unspent-and-dead' : 'unspent', transaction }
}

/** The state at a block, or at the newest one, by its number, where the node has dropped so old a state: it holds that block too. */
async function readIsUsedSince(chain: EvmChain, key: Eip3009Key, block: EvmBlock): Promise<boolean> {
  try {
    return await readIsUsed(chain, key, toQuantity(block.number))
  } catch (error) {
    if (!isRefusal(error)) throw error
    const latest = await chain.readBlock('latest')
    if (latest.number < block.number) throw error
    return readIsUsed(chain, key, toQuantity(latest.number))
  }
}

/** How a used authorization ended; `undefined` when the source has no events to show, which counts as a payment. */
async function findEndOf(chain: EvmChain, key: Eip3009Key, validUntil: number): Promise<Eip3009End | undefined> {
  try {
    const latest = await chain.readBlock('latest')
    const [from, to] = await Promise.all([
      findBlockAt(chain, latest, validUntil - MAX_VALIDITY_SECONDS - CLOCK_SLACK_SECONDS),
      findBlockAt(chain, latest, validUntil + CLOCK_SLACK_SECONDS),
    ])
    if (from === undefined || to === undefined) return undefined
    return findEnd(await chain.readLogs({ address: key.asset, topics: toTopics(key), from, to }), key)
  } catch {
    return undefined // many nodes refuse to search events, and that it was used is known without them
  }
}

function toUnknown(): ChainVerdict {
  return { verdict: 'unknown' }
}
