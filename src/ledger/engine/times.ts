import type { Fall, LedgerTime } from '../book/ledger-time.js'
import { FAR_SECONDS, readFalls, readTime, writeFalls } from '../book/ledger-time.js'
import type { SeenTime, TimeReply } from './store.js'
import { readValue } from './values.js'

/** The time of steps, as one process has seen it. */
export type Times = {
  /** What goes along with a step as long as nothing else was replied to it. */
  usual(): SeenTime | undefined
  /** Reads what an engine replied: what goes along with the step when it is asked again, and what is new. */
  read(reply: TimeReply): { readonly seen: SeenTime | undefined; readonly fall: Fall | undefined }
}

/**
 * Creates the times of a ledger whose clock was never wrong, as far as is known.
 *
 * @param nowSeconds - What the ledger's clock says, as far as that is known.
 */
export function createTimes(nowSeconds: () => number): Times {
  let known: Pick<SeenTime, 'revision' | 'falls'> | undefined

  return {
    usual: () => known && { ...known, nowSeconds: nowSeconds(), count: undefined, value: undefined },
    read(reply) {
      const before = readFalls(readValue(reply.clock))
      const { revision } = reply.clock
      const time = readTime(before, reply.nowSeconds, { count: reply.count, atSeconds: reply.newestSeconds })
      const { falls, change, nowSeconds: now, atSeconds } = time
      // Where the clock may still be found to be right, each step must be told what the newest payment is.
      const isOpen = before.some(({ untilPlace }) => untilPlace === undefined)
      known = revision === 0 || isOpen ? undefined : { revision, falls: toSeen(before) }
      const isExact = change !== undefined || atSeconds - now > FAR_SECONDS
      if (revision === 0 && !isExact) return { seen: undefined, fall: undefined }
      return {
        seen: {
          revision,
          nowSeconds: now,
          count: isExact ? reply.count : undefined,
          falls: toSeen(falls),
          value: change === undefined ? undefined : JSON.stringify(writeFalls(falls)),
        },
        fall: change === 'fall' ? falls[falls.length - 1] : undefined,
      }
    },
  }
}

function toSeen(falls: LedgerTime['falls']): SeenTime['falls'] {
  return falls.map(({ place, fromSeconds, toSeconds, untilPlace = -1 }) => [place, fromSeconds, toSeconds, untilPlace])
}
