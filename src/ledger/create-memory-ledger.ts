import { bytesToHex } from '@noble/hashes/utils.js'
import { type Clock, systemClock } from '../clock.js'
import type { Filter, Ledger, LedgerRecord } from '../flow/ports.js'
import { type RandomBytes, systemRandomBytes } from '../random.js'
import { amountIn } from './charge.js'
import { createUnknownRecord } from './ledger-error.js'
import { createLostPayments } from './lost-payments.js'
import { moveRecord, openRecord } from './record.js'
import { isInScope } from './scope.js'
import type { Entry } from './window.js'
import { createWindows } from './windows.js'

/**
 * Creates a ledger in this process's memory.
 *
 * Limits hold under any concurrency, and a lost answer is resumed, but only in this process: a restart forgets what was spent
 * and what is in doubt. It keeps every payment for as long as it lives.
 *
 * @example
 * ```ts
 * const ledger = createMemoryLedger()
 * ledger.guarantee //=> 'process'
 * ```
 *
 * @param options - Ports, for tests.
 * @returns A ledger that knows of no payment.
 */
export function createMemoryLedger({
  clock = systemClock,
  random = systemRandomBytes,
}: createMemoryLedger.Options = {}): Ledger {
  const entries: Entry[] = []
  const ids = new Map<string, Entry>()
  const lost = createLostPayments()
  const windows = createWindows(entries)
  /** Tells the ids of this ledger from all others; drawn late, since edge runtimes forbid randomness while a module loads. */
  let prefix: string | undefined

  // Never before the newest record, so that a clock set back frees nothing.
  const nowSeconds = () => Math.max(clock.nowSeconds(), entries.at(-1)?.record.atSeconds ?? 0)

  // No method awaits, so each is one step that nothing can come between.
  return {
    guarantee: 'process',
    async reserve(record, caps) {
      const now = nowSeconds()
      for (const cap of caps) {
        const amount = amountIn(cap.unit, record)
        if (amount === undefined || !isInScope(record, cap.scope)) continue
        const { held, spent, count } = windows.read(cap, now)
        const isOver =
          (cap.amount !== undefined && held + spent + amount > cap.amount) ||
          (cap.count !== undefined && count + 1 > cap.count)
        if (isOver) return { refusedBy: cap, held, spent }
      }
      prefix ??= bytesToHex(random(8))
      const id = `${prefix}-${entries.length}`
      const entry = { record: openRecord(record, id, now) }
      entries.push(entry)
      ids.set(id, entry)
      windows.add(entry)
      return { id }
    },
    async move(id, from, to, facts) {
      const entry = ids.get(id)
      if (entry === undefined) throw createUnknownRecord(id)
      const before = entry.record
      entry.record = moveRecord(before, from, to, facts)
      windows.replace(before, entry.record)
      lost.update(entry)
    },
    async claim(purchase, payers) {
      const entry = lost.find(purchase, payers)
      if (entry) entry.record = Object.freeze({ ...entry.record, claimed: true })
      return entry?.record
    },
    async *list(filter) {
      for (let index = entries.length - 1; index >= 0; index--) {
        const record = entries[index]?.record
        if (record && isListed(record, filter)) yield record
      }
    },
    async spent(cap) {
      return windows.read(cap, nowSeconds())
    },
  }
}

export declare namespace createMemoryLedger {
  type Options = {
    /** What tells the time. A clock set back frees nothing. @default the machine's clock */
    clock?: Clock | undefined
    /** What the payments' ids are made from. @default the platform's generator */
    random?: RandomBytes | undefined
  }
}

function isListed(record: LedgerRecord, { states, delivery, host }: Filter): boolean {
  return (
    (states === undefined || states.includes(record.state)) &&
    (delivery === undefined || delivery === record.delivery) &&
    (host === undefined || host === record.host)
  )
}
