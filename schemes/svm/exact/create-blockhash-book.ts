import type { Clock } from '../../../src/clock.js'
import type { Network } from '../../../src/wire/network.js'
import { createBoundedMap } from '../create-bounded-map.js'
import type { Life } from './ask-life.js'

/** A blockhash and when it was asked for, by the clock that never runs backwards. */
export type TimedBlockhash = Life & { readonly atMs: number }

/**
 * How old a blockhash may be to be signed, in milliseconds. It is taken for 150 blocks, a minute or more, and the seller needs the rest
 * of that: it checks, serves, and then settles.
 */
export const FRESH_MS = 15_000

/** Reads the latest blockhash of a network, or one that was read less than `maxAgeMs` ago; any number of readers at once ask once. */
export type BlockhashBook = (
  network: Network,
  ask: () => Promise<Life>,
  clock: Clock,
  maxAgeMs: number,
) => Promise<TimedBlockhash>

/** Creates the memory of the latest blockhashes. Nothing runs by itself: it is asked for when a payment needs it. */
export function createBlockhashBook(): BlockhashBook {
  const latest = createBoundedMap<{ readonly atMs: number; readonly answer: Promise<TimedBlockhash> }>()
  return (network, ask, clock, maxAgeMs) => {
    const known = latest.get(network)
    const atMs = clock.monotonicMs()
    const ageMs = known === undefined ? Number.POSITIVE_INFINITY : atMs - known.atMs
    // Younger than nothing is another client's clock.
    if (known !== undefined && ageMs >= 0 && ageMs < maxAgeMs) return known.answer
    const answer = ask().then((read) => ({ ...read, atMs }))
    const entry = { atMs, answer }
    latest.set(network, entry)
    answer.catch(() => latest.forget(network, entry))
    return answer
  }
}
