import { systemClock } from '../../payment/clock.js'
import { apply, toCrashEvent } from '../../payment/event.js'
import type { Payment } from '../../payment/payment.js'
import type { Patience } from './patience.js'
import type { Rows, StoredPayment } from './rows.js'
import type { Change, Updater } from './updater.js'

/** The processes that share a ledger, as one of them sees them. */
export type Processes = {
  /** Says that this one lives; resolves to those that are gone. */
  live(): Promise<readonly string[]>
  /** Ends what a process had under way, and takes it off the list. */
  end(owner: string): Promise<void>
  /** Remembers a payment that may have been reserved although its caller was told that it wasn't. */
  giveUp(id: string): void
  /** Tells the engine again what came of payments of this process, and releases those that were reserved and given up. */
  tellForgotten(): Promise<void>
}

/** How many rows are ended with one look at them. */
const PAGE = 200

/** For how long a process looks whether the engine still has what it wrote: far longer than any takes to write that to its disk, or to replicate it. */
const WATCH_MS = 60_000

/** How many given up reservations are remembered: the first, since an engine that is down carries out no later ones. */
const MAX_UNRESERVED = 50_000

/** Creates the view of one process on all of them. */
export function createProcesses(self: string, { ask }: Patience, rows: Rows, { updateSeen }: Updater): Processes {
  /** Many steps notice the same at once. */
  const ending = new Map<string, Promise<void>>()
  const unreserved = new Set<string>()
  /** When the engine was last asked what it has of this process. */
  let watchedAtMs = Number.NEGATIVE_INFINITY

  const readOf = async (owner: string) =>
    rows.read(await ask((store, given) => store.rows({ owner, limit: PAGE }, given)))

  async function endAll(owner: string): Promise<void> {
    for (let found = await readOf(owner); found.length > 0; found = await readOf(owner)) {
      // The first process to notice does it, and what one process has ended is another row for the others.
      for (const known of found) await updateSeen(known, { payment: toEnded(known.payment), owner: '' })
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

  /**
   * An engine that crashed may have forgotten what needn't be durable, such as what came of a payment. As it has it, this process would have that one
   * under way as long as it lives; and so it would what it reserved and gave up.
   */
  async function tellForgotten(): Promise<void> {
    // What was there a minute later isn't lost anymore: a process that buys nothing asks for nothing but its lease.
    if (unreserved.size === 0 && watchedAtMs >= rows.wroteAtMs() + WATCH_MS) return
    const askedAtMs = systemClock.monotonicMs()
    const before = [...unreserved]
    const found = await readOf(self)
    for (const known of found) {
      const change = findChange(known)
      if (change !== undefined) await updateSeen(known, change)
    }
    if (found.length < PAGE) for (const id of before) unreserved.delete(id)
    watchedAtMs = askedAtMs
  }

  /** What the engine should have of a payment of this process, where that is something else. */
  function findChange({ row, payment }: StoredPayment): Change | undefined {
    const own = rows.recall(row.id)
    if (own !== undefined && own.row.revision > row.revision) return { payment: own.payment, owner: own.row.owner }
    const isGivenUp = payment.state === 'reserved' && unreserved.has(row.id)
    return isGivenUp ? { payment: toEnded(payment), owner: '' } : undefined
  }

  return {
    live: () => ask((store, given) => store.beat(given), undefined, false),
    end,
    giveUp(id) {
      if (unreserved.size < MAX_UNRESERVED) unreserved.add(id)
    },
    tellForgotten,
  }
}

function toEnded(payment: Payment): Payment {
  const event = toCrashEvent(payment)
  const after = event === undefined ? payment : apply(payment, event)
  return 'conflict' in after ? payment : after
}
