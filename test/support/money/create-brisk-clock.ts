import { createManualClock, type ManualClock } from '../../../src/testing/manual-clock.js'

/** A clock that only a test turns, and whose pauses are over at once. */
export type BriskClock = ManualClock & {
  /** Every pause that was waited for, in milliseconds. */
  readonly pausesMs: readonly number[]
}

/** Creates a clock that stands still. A pause turns no hand: a test that wants time to pass says so. */
export function createBriskClock(startSeconds?: number): BriskClock {
  const pausesMs: number[] = []
  return {
    ...createManualClock(startSeconds),
    pausesMs,
    async wait(milliseconds) {
      pausesMs.push(milliseconds)
    },
  }
}
