import { askFirst, type LatestBlockhash, type SvmCluster } from '../cluster/cluster.js'
import type { TransferLife } from './transfer-nonce.js'

/** A blockhash, and where on the cluster what is signed with it can be. */
export type Life = {
  readonly blockhash: string
  /** `undefined` where not every source answered: then nothing proves a transaction dead. */
  readonly life: TransferLife | undefined
}

/** Source: Solana, `MAX_PROCESSING_AGE`: a blockhash is taken for so many blocks after its own. */
export const BLOCKHASH_BLOCKS = 150n

/**
 * Asks for the latest blockhash. The first of the sources that answer gives it, but how long it lives is what all of them say: one that
 * lies about that would have a payment called dead while it can still be taken, and every source would agree.
 *
 * @throws What the last source threw, or `RPC_MISSING` when there is none.
 */
export async function askLife(clusters: readonly SvmCluster[]): Promise<Life> {
  const asked = new Map(clusters.map((cluster) => [cluster, cluster.readLatestBlockhash()]))
  const settled = await Promise.allSettled(asked.values())
  const { blockhash } = await askFirst(clusters, (cluster) => asked.get(cluster) ?? cluster.readLatestBlockhash())
  return { blockhash, life: join(settled) }
}

/** The longest life that any source allows, from the earliest slot; `undefined` when one of them didn't answer. */
function join(settled: readonly PromiseSettledResult<LatestBlockhash>[]): TransferLife | undefined {
  // Those that don't lie may be a minute behind the one that gave the blockhash.
  const lag = settled.length > 1 ? BLOCKHASH_BLOCKS : 0n
  let life: TransferLife | undefined
  for (const answer of settled) {
    if (answer.status === 'rejected') return undefined
    const lastValidBlockHeight = answer.value.lastValidBlockHeight + lag
    const { slot } = answer.value
    life ??= { lastValidBlockHeight, fromSlot: slot }
    if (lastValidBlockHeight > life.lastValidBlockHeight) life = { ...life, lastValidBlockHeight }
    if (slot < life.fromSlot) life = { ...life, fromSlot: slot }
  }
  return life
}
