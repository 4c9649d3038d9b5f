import { type Clock, startTimer } from '../../../src/payment/clock.js'
import type { Network } from '../../../src/wire/network.js'
import { createBoundedMap } from '../bounded-map.js'
import type { Life } from './life.js'

/** A blockhash and when it was asked for, by the clock that never runs backwards. */
export type TimedBlockhash = Life & { readonly atMs: number }

/**
 * How old a blockhash may be to be signed, in milliseconds. It is taken for 150 blocks, a minute or more, and the seller needs the rest
 * of that: it checks, serves, and then settles. What is fetched ahead is no older, so a seller has as long as ever.
 */
export const FRESH_MS = 15_000

/**
 * How often a blockhash is fetched ahead, in milliseconds: {@link FRESH_MS} less the five seconds that a response may take. Public endpoints allow
 * forty requests for one method in that time. Source: Solana documentation, "Clusters".
 */
const RENEWED_EVERY_MS = 10_000

/** From which age on a payment has the next one fetched, in milliseconds: some platforms run no timers between requests. */
const RENEWED_FROM_MS = 5_000

/** For how long after the last payment it is fetched ahead, in milliseconds: as long as a price is remembered (`REMEMBERED_SECONDS`). */
const KEPT_MS = 600_000

/** The network of a blockhash, how to ask for it, and what tells its age. */
export type BlockhashSource = {
  readonly network: Network
  readonly ask: () => Promise<Life>
  readonly clock: Clock
}

/** Remembers the latest blockhashes. */
export type BlockhashBook = {
  /** Reads the latest one, or one that was asked for less than `maxAgeMs` ago; any number of readers at once ask once. */
  read(source: BlockhashSource, maxAgeMs: number): Promise<TimedBlockhash>
  /**
   * Fetches the next ones ahead of need, until none was needed for a while or a source fails: then a payment asks for its own again. No payment
   * waits for what is fetched here, since platforms that end a request drop what it was still fetching; and no process stays alive for it.
   */
  keepFresh(source: BlockhashSource): void
}

/** Creates the memory of the latest blockhashes. Nothing runs by itself until it is told to keep one fresh. */
export function createBlockhashBook(): BlockhashBook {
  const latest = createBoundedMap<{ readonly atMs: number; readonly answer: Promise<TimedBlockhash> }>()
  const kept = createBoundedMap<Keeping>()
  return {
    read({ network, ask, clock }, maxAgeMs) {
      const known = latest.get(network)
      const atMs = clock.monotonicMs()
      const ageMs = known === undefined ? Number.POSITIVE_INFINITY : atMs - known.atMs
      // A negative age comes of another client's clock.
      if (known !== undefined && ageMs >= 0 && ageMs < maxAgeMs) return known.answer
      const answer = ask().then((read) => ({ ...read, atMs }))
      const entry = { atMs, answer }
      latest.set(network, entry)
      answer.catch(() => latest.forget(network, entry))
      return answer
    },
    keepFresh(source) {
      const { network } = source
      const keeping = kept.get(network) ?? keep(source)
      const nowMs = keeping.clock.monotonicMs()
      keeping.neededAtMs = nowMs
      const atMs = Math.max(keeping.askedAtMs, latest.get(network)?.atMs ?? 0)
      if (nowMs - atMs >= RENEWED_FROM_MS) void keeping.renew()
    },
  }

  function keep({ network, ask, clock }: BlockhashSource): Keeping {
    const keeping: Keeping = { clock, neededAtMs: 0, askedAtMs: 0, renew }
    const timer = startTimer(() => {
      if (clock.monotonicMs() - keeping.neededAtMs < KEPT_MS) void renew()
      else stop()
    }, RENEWED_EVERY_MS)
    kept.set(network, keeping)
    return keeping

    async function renew(): Promise<void> {
      const atMs = clock.monotonicMs()
      keeping.askedAtMs = atMs
      try {
        const read = await ask()
        // Where a source didn't answer, nothing would prove a payment dead: then it's for the payment to wait for all of them.
        if (read.life === undefined) stop()
        else if (atMs >= (latest.get(network)?.atMs ?? 0)) {
          latest.set(network, { atMs, answer: Promise.resolve({ ...read, atMs }) })
        }
      } catch {
        stop() // a payment asks again, and is told what is wrong
      }
    }

    function stop(): void {
      clearInterval(timer)
      kept.forget(network, keeping)
    }
  }
}

/** A blockhash that is kept fresh. */
type Keeping = {
  readonly clock: Clock
  /** When a payment last needed it. */
  neededAtMs: number
  /** When it was last asked for ahead. */
  askedAtMs: number
  renew(): Promise<void>
}
