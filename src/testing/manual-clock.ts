import type { Clock } from '../payment/clock.js'

/** A clock that moves only when a test turns it. */
export type ManualClock = Clock & {
  /** Moves the clock; back if `seconds` is negative, as a machine's clock may be set, though `monotonicMs` never goes back. */
  advance(seconds: number): void
}

/**
 * Creates a clock that moves only when it is turned.
 *
 * @param startSeconds - Where it begins, in seconds since 1970. @default a day in November 2023
 * @returns The clock; its `monotonicMs` begins at 0.
 */
export function createManualClock(startSeconds = 1_700_000_000): ManualClock {
  let seconds = startSeconds
  let milliseconds = 0
  return {
    nowSeconds: () => seconds,
    monotonicMs: () => milliseconds,
    advance(by) {
      seconds += by
      milliseconds += Math.max(0, by * 1000)
    },
  }
}
