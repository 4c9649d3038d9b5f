import { type ChainVerdict, MAX_VALIDITY_SECONDS } from '../../../src/payment/scheme.js'
import type { Hex } from '../hex.js'
import { createEvmChain, type EvmBlock, type EvmChain, type FinalBlock, toQuantity } from './chain.js'
import { createEvmRpc, isRefusal, RPC_TIMEOUT_MS } from './rpc.js'
import type { BlockTag, RpcSource } from './rpc-sources.js'

/** How far the clock that an authorization was signed by may be from the chain's, in seconds, for its event to be found. */
const CLOCK_SLACK_SECONDS = 600

/** What can be asked of a chain about one authorization, whatever contract remembers it. Members throw when the source fails. */
export type OnChain = {
  /** The last second in which it can be used. */
  readonly validUntilSeconds: number
  /** Whether it is used up at a block, by a payment or by a cancellation. */
  readIsUsed(chain: EvmChain, block: BlockTag): Promise<boolean>
  /** How it was used up, by the events in these blocks, both ends included; `undefined` when they don't tell. */
  findEnd(chain: EvmChain, from: number, to: number): Promise<End | undefined>
}

/** How an authorization was used up, and where. */
export type End = {
  readonly by: 'payment' | 'cancellation'
  readonly blockNumber: number
  readonly transaction: Hex
  /** What a payment took, where that is proven. */
  readonly amount?: bigint | undefined
}

/**
 * Asks every source what became of an authorization, and believes them by what a lie would cost.
 *
 * "Spent" needs one source: at worst money stays counted. Anything else needs all of them, since a payment that is wrongly called dead
 * is signed again, and one that is said to have taken less is counted as less. The caller believes neither before its own clock has
 * passed the end.
 *
 * @param timeoutMs - How long one answer may take.
 * @returns `unknown` when a source fails, whatever the reason, or when they disagree.
 */
export async function reconcileAuthorization(
  sources: readonly RpcSource[],
  chainId: number,
  onChain: OnChain,
  timeoutMs = RPC_TIMEOUT_MS,
): Promise<ChainVerdict> {
  const chains = sources.map((source) => createEvmChain(createEvmRpc(source, timeoutMs), chainId))
  const verdicts = await Promise.all(chains.map((chain) => judge(chain, onChain).catch(toUnknown)))
  const spent = verdicts.filter(({ verdict }) => verdict === 'spent')
  const [first, ...others] = spent.length > 0 ? spent : verdicts
  if (first === undefined || others.some(({ verdict }) => verdict !== first.verdict)) return { verdict: 'unknown' }
  const named = [first, ...others].find(({ transaction }) => transaction !== undefined)
  const isCanceled = verdicts.every((one) => one.canceled === true && one.transaction === first.transaction)
  const isAgreed = verdicts.every(({ amount }) => amount === first.amount) && first.amount !== undefined
  return {
    verdict: first.verdict,
    ...(named !== undefined && { transaction: named.transaction }),
    ...(isCanceled && { canceled: true }),
    ...(isAgreed && { amount: first.amount }),
  }
}

/** What one source says. */
async function judge(chain: EvmChain, onChain: OnChain): Promise<ChainVerdict> {
  const { validUntilSeconds } = onChain
  const [isUsed, final] = await Promise.all([onChain.readIsUsed(chain, 'latest'), chain.readFinalBlock()])
  if (isUsed) return judgeEnd(await findEndOf(chain, onChain), final)
  // By the chain's own clock, and only once no reorganization can set it back: ours proves nothing.
  if (final === undefined || final.timestamp <= validUntilSeconds) return { verdict: 'unspent' }
  // Asked again as of that block, since `latest` may have been answered by a node that is behind.
  if (!(await readIsUsedSince(chain, onChain, final))) return { verdict: 'unspent-and-dead' }
  return judgeEnd(await findEndOf(chain, onChain), final)
}

function judgeEnd(end: End | undefined, final: FinalBlock | undefined): ChainVerdict {
  if (end === undefined) return { verdict: 'spent' }
  const { by, blockNumber, transaction, amount } = end
  const isFinal = final !== undefined && blockNumber <= final.number
  // A reorganization could still have another transaction take more.
  if (by === 'payment') return { verdict: 'spent', transaction, ...(isFinal && amount !== undefined && { amount }) }
  if (!isFinal) return { verdict: 'unspent', transaction }
  return { verdict: 'unspent-and-dead', transaction, ...(final.isFinalized && { canceled: true }) }
}

/** The state at a block, or at the newest one, by its number, where the node has dropped so old a state: it holds that block too. */
async function readIsUsedSince(chain: EvmChain, onChain: OnChain, block: EvmBlock): Promise<boolean> {
  try {
    return await onChain.readIsUsed(chain, toQuantity(block.number))
  } catch (error) {
    if (!isRefusal(error)) throw error
    const latest = await chain.readBlock('latest')
    if (latest.number < block.number) throw error
    return onChain.readIsUsed(chain, toQuantity(latest.number))
  }
}

/** How a used authorization ended; `undefined` when the source has no events to show, which counts as a payment. */
async function findEndOf(chain: EvmChain, onChain: OnChain): Promise<End | undefined> {
  const { validUntilSeconds } = onChain
  try {
    const latest = await chain.readBlock('latest')
    const [from, to] = await Promise.all([
      findBlockAt(chain, latest, validUntilSeconds - MAX_VALIDITY_SECONDS - CLOCK_SLACK_SECONDS),
      findBlockAt(chain, latest, validUntilSeconds + CLOCK_SLACK_SECONDS),
    ])
    return from === undefined || to === undefined ? undefined : await onChain.findEnd(chain, from, to)
  } catch {
    return undefined // many nodes refuse to search events, and that it was used is known without them
  }
}

function toUnknown(): ChainVerdict {
  return { verdict: 'unknown' }
}

/** Closer than this, in seconds, a block is near enough. */
export const NEAR_SECONDS = 60

/** Questions per search. Five are usual; a chain whose blocks come at every pace needs the most. */
const MAX_PROBES = 24

/** What a first guess takes for the time between blocks, in seconds: Base's, Optimism's and Polygon's. */
const USUAL_BLOCK_SECONDS = 2

/**
 * Finds a block by time: one at or before `seconds`, at most {@link NEAR_SECONDS} earlier or else the last one there is.
 *
 * Nodes limit over how many blocks events may be searched, so the search must know where to look.
 *
 * @param latest - The newest block.
 * @param seconds - Seconds since 1970.
 * @returns Its number, or `undefined` when it isn't found soon.
 */
export async function findBlockAt(chain: EvmChain, latest: EvmBlock, seconds: number): Promise<number | undefined> {
  let high = latest
  let low: EvmBlock = { number: 0, timestamp: 0 }
  let pace = USUAL_BLOCK_SECONDS
  if (latest.timestamp <= seconds) return latest.number
  for (let probe = 0; probe < MAX_PROBES; probe++) {
    if (seconds - low.timestamp <= NEAR_SECONDS || high.number - low.number <= 1) return low.number
    // Most probes follow the pace of the chain; each third halves what is left, in case the chain has none.
    const back = probe % 3 < 2 ? (high.timestamp - seconds) / pace : (high.number - low.number) / 2
    const guess = Math.min(high.number - 1, Math.max(low.number + 1, Math.floor(high.number - back)))
    const block = await chain.readBlock(toQuantity(guess))
    pace = (high.timestamp - block.timestamp) / (high.number - guess) || pace
    if (block.timestamp <= seconds) low = { ...block, number: guess }
    else high = { ...block, number: guess }
  }
  return undefined
}
