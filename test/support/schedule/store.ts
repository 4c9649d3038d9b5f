import { createMemoryLedger } from '../../../src/ledger/index.js'
import { toCrashEvent } from '../../../src/payment/event.js'
import { isRefusal, type Ledger } from '../../../src/payment/ledger.js'
import type { Payment } from '../../../src/payment/payment.js'
import { createCounter } from '../../../src/testing/chance.js'
import type { ManualClock } from '../../../src/testing/manual-clock.js'
import { crashTableLedger, createTable, createTableLedger, type Parts } from '../ledger/table-ledger.js'

/** One ledger under two processes, each of which has a handle of its own. */
export type Store = {
  readonly handles: readonly [Ledger, Ledger]
  /** Takes a process away: what it had under way is found by others. */
  crash(process: number): Promise<void>
  /** All payments, oldest first. */
  rows(): Promise<readonly Payment[]>
  /** The process that has a payment under way. */
  holderOf(id: string): number | undefined
}

/** The ledger in memory: what either process has under way is noted beside it, as a ledger that outlives a process does it. */
export function createMemoryStore(clock: ManualClock): Store {
  const ledger = createMemoryLedger({ clock, random: createCounter() })
  const holders = new Map<string, number>()

  async function rows(): Promise<readonly Payment[]> {
    const newest: Payment[] = []
    for await (const payment of ledger.list({})) newest.push(payment)
    return newest.reverse()
  }

  const open = (process: number): Ledger => ({
    ...ledger,
    async reserve(draft, caps) {
      const reserved = await ledger.reserve(draft, caps)
      if (!isRefusal(reserved)) holders.set(reserved.id, process)
      return reserved
    },
    async note(id, event) {
      const payment = await ledger.note(id, event)
      if (event.type === 'sent') holders.set(id, process)
      return payment
    },
    async claim(claimant) {
      const claim = await ledger.claim(claimant)
      if (claim.is === 'yours') holders.set(claim.payment.id, process)
      return claim
    },
  })

  return {
    handles: [open(0), open(1)],
    rows,
    holderOf: (id) => holders.get(id),
    async crash(process) {
      for (const payment of await rows()) {
        const event = holders.get(payment.id) === process ? toCrashEvent(payment) : undefined
        if (event !== undefined) await ledger.note(payment.id, event)
      }
    },
  }
}

/**
 * A table that two processes share, as databases are shared.
 *
 * @param broken - What is wrong with it, to see that this is found.
 */
export function createTableStore(clock: ManualClock, broken: Partial<Parts> = {}): Store {
  const ports = { clock, random: createCounter() }
  const table = createTable()
  const handles = [createTableLedger(table, ports, broken), createTableLedger(table, ports, broken)] as const
  return {
    handles,
    rows: async () => table.contents.rows,
    holderOf(id) {
      const self = table.contents.holders.get(id)
      const process = handles.findIndex((handle) => handle.self === self)
      return process < 0 ? undefined : process
    },
    async crash(process) {
      const handle = handles[process]
      if (handle !== undefined) crashTableLedger(handle, ports, broken)
    },
  }
}
