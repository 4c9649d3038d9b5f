import { type EvmBlock, type EvmChain, toQuantity } from './evm-chain.js'

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
