import type { Clock } from '../payment/clock.js'

/** A clock that only a test turns. */
export type ManualClock = Clock & {
  /** Turns both hands; back where `seconds` is negative, as a machine's clock may be, though `monotonicMs` never is. */
  advance(seconds: number): void
}

/** Creates a clock that stands still; by default in November 2023. */
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
