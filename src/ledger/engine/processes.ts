import { apply, toCrashEvent } from '../../payment/event.js'
import type { Payment } from '../../payment/payment.js'
import type { Amending } from './amend.js'
import type { Patience } from './patience.js'
import type { Rows } from './rows.js'

/** The processes that share a ledger, as one of them sees them. */
export type Processes = {
  /** Says that this one lives, and ends what those had under way that are gone. */
  beat(): Promise<void>
  /** Ends what a process had under way, and takes it off the list. */
  end(owner: string): Promise<void>
}

/** How many rows are ended with one look at them. */
const PAGE = 200

/** Creates the view of one process on all of them. */
export function createProcesses({ ask }: Patience, rows: Rows, { amendSeen }: Amending): Processes {
  /** Many steps notice the same at once. */
  const ending = new Map<string, Promise<void>>()

  async function endAll(owner: string): Promise<void> {
    while (true) {
      const found = await rows.read(await ask((store, given) => store.rows({ owner, limit: PAGE }, given)))
      if (found.length === 0) break
      // Whoever notices does it, and what one process has ended is another row for the others.
      for (const known of found) await amendSeen(known, { payment: toEnded(known.payment), owner: '' })
    }
    await ask((store, given) => store.bury(owner, given))
  }

  function end(owner: string): Promise<void> {
    const before = ending.get(owner)
    if (before !== undefined) return before
    const own = endAll(owner).finally(() => ending.delete(owner))
    ending.set(owner, own)
    return own
  }

  return {
    async beat() {
      for (const owner of await ask((store, given) => store.beat(given))) await end(owner)
    },
    end,
  }
}

function toEnded(payment: Payment): Payment {
  const event = toCrashEvent(payment)
  const after = event === undefined ? payment : apply(payment, event)
  return 'conflict' in after ? payment : after
}
