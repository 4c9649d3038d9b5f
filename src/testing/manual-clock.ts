import { assertOptions, invalidOption } from '../errors/options.js'
import type { Clock } from '../payment/clock.js'

/** A clock that moves only when a test turns it. */
export type ManualClock = Clock & {
  /** Moves the clock; back if `seconds` is negative, as a machine's clock may be set, though `monotonicMs` never goes back. */
  advance(seconds: number): void
}

/**
 * Creates a clock that moves only when it is turned.
 *
 * Timeouts aren't its business: they run on the platform's timers, which the fake ones of your runner move.
 *
 * @example
 * ```ts
 * const clock = createManualClock(1_700_000_000, { pauses: 'turn' })
 * const patient = new x402Client({ clock }).register('eip155:*', new TestScheme())
 * ```
 *
 * @param startSeconds - Where it begins, in seconds since 1970. @default a day in November 2023
 * @param options - What becomes of pauses.
 * @returns The clock; its `monotonicMs` begins at 0.
 * @throws {@link ConfigurationError} `INVALID_OPTION` or `UNKNOWN_OPTION` when an option means nothing.
 */
export function createManualClock(startSeconds = 1_700_000_000, options: createManualClock.Options = {}): ManualClock {
  assertOptions(options, 'createManualClock', ['pauses'])
  const { pauses = 'wait' } = options
  if (pauses !== 'wait' && pauses !== 'turn') throw invalidOption('pauses', "'wait' or 'turn'")
  // Milliseconds, since seconds that are added up in parts come to a whole one a little too late.
  let wallMs = startSeconds * 1000
  let monotonicMs = 0
  const advance = (seconds: number): void => {
    wallMs += seconds * 1000
    monotonicMs += Math.max(0, seconds * 1000)
  }
  const clock = { nowSeconds: () => Math.floor(wallMs / 1000), monotonicMs: () => monotonicMs, advance }
  if (pauses === 'wait') return clock
  return {
    ...clock,
    async wait(milliseconds, signal) {
      if (signal?.aborted !== true) advance(milliseconds / 1000)
    },
  }
}

export declare namespace createManualClock {
  /** What {@link createManualClock} takes. */
  type Options = {
    /**
     * What becomes of a pause of pay402, such as the one before it asks again how far a job is. `'wait'` has it take as long as it does anywhere. With
     * `'turn'` it is over at once, and turns the clock by its length.
     *
     * @default 'wait'
     * @example 'turn'
     */
    pauses?: 'wait' | 'turn' | undefined
  }
}
