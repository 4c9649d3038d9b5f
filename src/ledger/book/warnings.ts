import type { Warning } from '../../payment/stream.js'
import type { Fall } from './ledger-time.js'

/** Whom one ledger tells what stopped nothing but is worth knowing. */
export type Warnings = {
  warn(warning: Warning): void
  /** To be told when the clock is found to have fallen. */
  tellFall(fall: Fall | undefined): void
  /** Tells a listener from now on; the answer ends that. */
  listen(listener: (warning: Warning) => void): () => void
}

/**
 * Creates the warnings of one ledger.
 *
 * @param onWarning - The option of whoever opened it.
 */
export function createWarnings(onWarning: ((warning: Warning) => void) | undefined): Warnings {
  const listeners = new Set(onWarning === undefined ? [] : [onWarning])

  function warn(warning: Warning): void {
    for (const listener of listeners) callSafely(listener, warning)
  }

  return {
    warn,
    tellFall(fall) {
      if (fall !== undefined) warn(createFallWarning(fall))
    },
    listen(listener) {
      const own = (warning: Warning) => listener(warning)
      listeners.add(own)
      return () => void listeners.delete(own)
    },
  }
}

/** Calls a listener. It only watches: what it throws is its own affair and stops no step of the ledger. */
function callSafely(listener: (warning: Warning) => void, warning: Warning): void {
  try {
    listener(warning)
  } catch {
    // See above; there is nobody to tell but the listener itself.
  }
}

function createFallWarning({ fromSeconds, toSeconds }: Fall): Warning {
  return Object.freeze({
    code: 'CLOCK_WAS_AHEAD',
    message: `The ledger's newest payment was reserved at ${toText(fromSeconds)}, and now the clock says ${toText(toSeconds)}: it was ahead then, or it is behind now. What was reserved by the later time counts against limits as if it were reserved now.`,
    hint: 'If the clock is right now, nothing needs to be done: those payments age from now on. If it is behind, set it right, and all payments count by their own time again.',
  } as const)
}

function toText(seconds: number): string {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? `${seconds} s after 1970` : date.toISOString()
}
