import { setImmediate } from 'node:timers/promises'

/** Time that passes only when everybody waits, in the order in which their waits end. */
export type Timeline = {
  /** Milliseconds since it began. */
  nowMs(): number
  /** Waits; ends early, without an error, when the signal fires. */
  wait(milliseconds: number, signal?: AbortSignal): Promise<void>
  /** Lets time pass until all is over; ends, too, when nothing waits and nothing more happens. */
  run(isOver: () => boolean): Promise<void>
}

type Wait = { readonly atMs: number; readonly end: () => void }

/** How many turns of the machine's loop a call may need from one wait to its next, also where it reads a body to its end. */
const TURNS = 3
/** More than any call needs that waits for nothing, also where it loads a part first. */
const MOST_TURNS = 20_000

/** Creates a timeline at which nobody waits. */
export function createTimeline(): Timeline {
  let nowMs = 0
  const waiting = new Set<Wait>()

  /** Of several waits that end at once, the one that began first ends first. */
  function findNext(): Wait | undefined {
    let next: Wait | undefined
    for (const wait of waiting) if (next === undefined || wait.atMs < next.atMs) next = wait
    return next
  }

  return {
    nowMs: () => nowMs,
    wait(milliseconds, signal) {
      if (signal?.aborted) return Promise.resolve()
      return new Promise((resolve) => {
        const wait: Wait = { atMs: nowMs + milliseconds, end }
        function end(): void {
          waiting.delete(wait)
          signal?.removeEventListener('abort', end)
          resolve()
        }
        waiting.add(wait)
        signal?.addEventListener('abort', end)
      })
    },
    async run(isOver) {
      for (let turns = 0; turns < MOST_TURNS && !(isOver() && waiting.size === 0); turns++) {
        await setImmediate()
        const next = turns < TURNS ? undefined : findNext()
        if (next === undefined) continue
        nowMs = Math.max(nowMs, next.atMs)
        next.end()
        turns = 0
      }
    },
  }
}
