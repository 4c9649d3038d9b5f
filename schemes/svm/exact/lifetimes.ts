import type { Clock } from '../../../src/payment/clock.js'
import type { SvmCluster } from '../cluster/cluster.js'
import { createBlockhashBook, FRESH_MS, type TimedBlockhash } from './blockhash-book.js'
import { askLife, BLOCKHASH_BLOCKS } from './life.js'
import type { Terms } from './terms.js'
import type { TransferLife } from './transfer-nonce.js'

/** What a transaction lives by. */
export type Lifetime = {
  readonly blockhash: string
  /** Where on the cluster the transaction can be; `undefined` where not every source could be asked. */
  readonly life: TransferLife | undefined
  /** When it will have died, by our clock: only a guess, what is proven goes by the block height. */
  readonly validUntilSeconds: number
}

/**
 * Finds what a transaction may live by. Where its buyer `prepays`, that of the next one is fetched ahead: the next one waits for no 402 during which
 * it could be asked for.
 */
export type Lifetimes = (
  terms: Terms,
  clusters: readonly SvmCluster[],
  ports: { clock: Clock; prepays: boolean },
) => Promise<Lifetime>

/** How long a transaction may live, in seconds: 150 blocks, which take a minute, and half as long again on a busy day. */
export const LIFETIME_SECONDS = 90

/** How old a height may be by which a seller's blockhash is bounded, in milliseconds. */
const HEIGHT_MS = 600_000

/** Blocks come every 400 milliseconds; twice as fast is beyond any cluster. */
const FASTEST_BLOCK_MS = 200

/** Creates the choice of blockhashes: the seller's where it offers one, else one that payments share while it is fresh. */
export function createLifetimes(): Lifetimes {
  const blockhashes = createBlockhashBook()
  return async ({ network, blockhash }, clusters, { clock, prepays }) => {
    const source = { network, ask: () => askLife(clusters), clock }
    const read = async (maxAgeMs: number) => {
      const latest = await blockhashes.read(source, maxAgeMs)
      if (prepays) blockhashes.keepFresh(source)
      return latest
    }
    if (blockhash !== undefined) {
      // It is for when nobody can be asked: then the payment goes on, only nothing will prove it dead.
      const life = await read(HEIGHT_MS).then((latest) => boundLife(latest, clock), noLife)
      return { blockhash, life, validUntilSeconds: clock.nowSeconds() + LIFETIME_SECONDS }
    }
    const { atMs, ...latest } = await read(FRESH_MS)
    const age = Math.floor(Math.max(0, clock.monotonicMs() - atMs) / 1000)
    return {
      ...latest,
      validUntilSeconds: clock.nowSeconds() + LIFETIME_SECONDS - age,
    }
  }
}

/**
 * How long a seller's blockhash can live at most. What the seller says of it counts for nothing: said to be dead too early, it would be
 * paid twice. But its block is no later than the newest that there is, give or take a node that is a minute behind.
 */
function boundLife({ life, atMs }: TimedBlockhash, clock: Clock): TransferLife | undefined {
  if (life === undefined) return undefined
  const since = BigInt(Math.ceil(Math.max(0, clock.monotonicMs() - atMs) / FASTEST_BLOCK_MS))
  return { ...life, lastValidBlockHeight: life.lastValidBlockHeight + since + BLOCKHASH_BLOCKS }
}

function noLife(): undefined {
  return undefined
}
