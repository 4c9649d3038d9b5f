import { bytesToHex } from '@noble/hashes/utils.js'
import type { Clock } from '../clock.js'
import type { Cap, Facts, Filter, LedgerRecord, NewRecord, Reservation, State } from '../flow/ports.js'
import type { RandomBytes } from '../random.js'
import { amountIn } from './charge.js'
import { createUnknownRecord } from './ledger-error.js'
import { createOpenPayments } from './open-payments.js'
import { isOver, moveRecord, openRecord, toPlace } from './record.js'
import { isInScope } from './scope.js'
import type { Copied, Entry, Sums } from './window.js'
import { createWindows } from './windows.js'

/** The payments of one ledger, in memory. Nothing in it waits, so each method is one step that nothing can come between. */
export type RecordBook = {
  /** Checks all caps and writes the payment down. */
  reserve(record: NewRecord, caps: readonly Cap[]): LedgerRecord | Refusal
  find(id: string): LedgerRecord | undefined
  /** Compares and sets; returns the payment as it is now. */
  move(id: string, from: readonly State[], to: State, facts: Facts): LedgerRecord
  /** Takes the one payment of this purchase that was sent and whose answer is lost. */
  claim(purchase: string, payers: readonly string[]): LedgerRecord | undefined
  /** Newest first. */
  list(filter: Filter): Iterable<LedgerRecord>
  /** What counts against a cap now. */
  spent(cap: Cap): Sums
  /**
   * Adds a payment of an earlier process. They come oldest first, each with the id that it had, and before anything is asked. Of one that
   * is over no record is made.
   */
  restore(payment: Entry & Pick<LedgerRecord, 'state' | 'delivery'>): void
  /** All payments as they are now, oldest first. */
  copy(): readonly Copied[]
  /** How many payments there are. */
  count(): number
}

/** Which cap refused a payment, and what counts against it. */
export type Refusal = Exclude<Reservation, { readonly id: string }>

/**
 * Creates a book without payments: what every ledger of one process has in common, wherever it keeps them.
 *
 * A payment's id ends with its place in the book, so that it's found without an index.
 *
 * @param clock - Tells the time. One that is set back frees nothing.
 * @param random - Makes the beginning of the ids, which tells those of this book from all others.
 */
export function createRecordBook(clock: Clock, random: RandomBytes): RecordBook {
  const entries: Entry[] = []
  const open = createOpenPayments()
  const windows = createWindows(entries)
  /** Drawn late, since edge runtimes forbid randomness while a module loads. */
  let prefix: string | undefined

  // Never before the newest record, so that a clock set back frees nothing.
  const nowSeconds = () => Math.max(clock.nowSeconds(), entries.at(-1)?.record.atSeconds ?? 0)

  function findEntry(id: string): Entry | undefined {
    const entry = entries[toPlace(id)]
    return entry?.record.id === id ? entry : undefined
  }

  function refuse(cap: Cap, record: NewRecord, now: number): Refusal | undefined {
    if (cap.purchase !== undefined) {
      const underWay = open.of(cap.purchase).at(-1)
      return underWay && { refusedBy: cap, held: 0n, spent: 0n, underWay }
    }
    const amount = amountIn(cap.unit, record)
    if (amount === undefined || !isInScope(record, cap.scope)) return undefined
    const { held, spent, count } = windows.read(cap, now)
    const isFull =
      (cap.amount !== undefined && held + spent + amount > cap.amount) ||
      (cap.count !== undefined && count + 1 > cap.count)
    return isFull ? { refusedBy: cap, held, spent } : undefined
  }

  return {
    reserve(record, caps) {
      const now = nowSeconds()
      for (const cap of caps) {
        const refusal = refuse(cap, record, now)
        if (refusal !== undefined) return refusal
      }
      prefix ??= bytesToHex(random(8))
      const entry = { record: openRecord(record, `${prefix}-${entries.length}`, now) }
      entries.push(entry)
      windows.add(entry)
      open.update(entry)
      return entry.record
    },
    find: (id) => findEntry(id)?.record,
    move(id, from, to, facts) {
      const entry = findEntry(id)
      if (entry === undefined) throw createUnknownRecord(id)
      const before = entry.record
      entry.record = moveRecord(before, from, to, facts)
      windows.replace(before, entry.record)
      open.update(entry)
      return entry.record
    },
    claim(purchase, payers) {
      const entry = open.findLost(purchase, payers)
      if (entry) entry.record = Object.freeze({ ...entry.record, claimed: true })
      return entry?.record
    },
    *list(filter) {
      for (let index = entries.length - 1; index >= 0; index--) {
        const record = entries[index]?.record
        if (record && isListed(record, filter)) yield record
      }
    },
    spent({ purchase, ...cap }) {
      if (purchase === undefined) return windows.read(cap, nowSeconds())
      return { held: 0n, spent: 0n, count: open.of(purchase).length }
    },
    restore(payment) {
      entries.push(payment)
      if (!isOver(payment)) open.update(payment)
    },
    copy: () => entries.map((entry) => entry.copy?.() ?? entry.record),
    count: () => entries.length,
  }
}

function isListed(record: LedgerRecord, { states, delivery, host }: Filter): boolean {
  return (
    (states === undefined || states.includes(record.state)) &&
    (delivery === undefined || delivery === record.delivery) &&
    (host === undefined || host === record.host)
  )
}
