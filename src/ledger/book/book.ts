import { bytesToHex } from '@noble/hashes/utils.js'
import type { Cap, Facts, Filter, LedgerRecord, NewRecord, State } from '../../flow/ports.js'
import type { Clock } from '../../payment/clock.js'
import { type Claim, type Claimant, findOpen, isClosed, toClaim } from '../../payment/purchase.js'
import type { RandomBytes } from '../../payment/random.js'
import { createUnknownRecord } from '../ledger-error.js'
import { createOpenPayments } from './open-payments.js'
import { moveRecord, openRecord, toPlace } from './record.js'
import { findRefusal, type Refusal } from './refusal.js'
import type { Copied, Entry, Sums } from './window.js'
import { createWindows } from './windows.js'

/** The payments of one ledger, in memory. Nothing in it waits, so each method is one step that nothing can come between. */
export type RecordBook = {
  /** Checks all caps and writes the payment down. */
  reserve(record: NewRecord, caps: readonly Cap[]): LedgerRecord | Refusal
  find(id: string): LedgerRecord | undefined
  /** Compares and sets; returns the payment as it is now. */
  move(id: string, from: readonly State[], to: State, facts: Facts): LedgerRecord
  /** Looks what is open of a purchase, and takes it where the claimant could present it. */
  claim(claimant: Claimant): Claim
  /** Newest first. */
  list(filter: Filter): Iterable<LedgerRecord>
  /** What counts against a cap now. */
  spent(cap: Cap): Sums
  /**
   * Adds a payment of an earlier process. They come oldest first, each with the id that it had, and before anything is asked. Of one that
   * is over no record is made.
   */
  restore(payment: Entry & Pick<LedgerRecord, 'state' | 'delivery' | 'forgotten'>): void
  /** Takes a payment as another process left it: new ones oldest first, each with the id that it has there, or in place of what it was. */
  put(record: LedgerRecord): void
  /** All payments as they are now, oldest first. */
  copy(): readonly Copied[]
  /** How many payments there are. */
  count(): number
}

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
  const openPayments = createOpenPayments()
  const windows = createWindows(entries)
  /** Drawn late, since edge runtimes forbid randomness while a module loads. */
  let prefix: string | undefined

  // Never before the newest record, so that a clock set back frees nothing.
  const nowSeconds = () => Math.max(clock.nowSeconds(), entries.at(-1)?.record.atSeconds ?? 0)

  function findEntry(id: string): Entry | undefined {
    const entry = entries[toPlace(id)]
    return entry?.record.id === id ? entry : undefined
  }

  function count(cap: Cap, now: number): Sums {
    if (cap.purchase === undefined) return windows.read(cap, now)
    const open = findOpen(openPayments.of(cap.purchase), cap.purchase)
    return { held: 0n, spent: 0n, count: open === undefined ? 0 : 1, open }
  }

  return {
    reserve(record, caps) {
      const now = nowSeconds()
      const refusal = findRefusal(record, caps, (cap) => count(cap, now))
      if (refusal !== undefined) return refusal
      prefix ??= bytesToHex(random(8))
      const entry = { record: openRecord(record, `${prefix}-${entries.length}`, now) }
      entries.push(entry)
      windows.add(entry)
      openPayments.update(entry)
      return entry.record
    },
    find: (id) => findEntry(id)?.record,
    move(id, from, to, facts) {
      const entry = findEntry(id)
      if (entry === undefined) throw createUnknownRecord(id)
      const before = entry.record
      entry.record = moveRecord(before, from, to, facts)
      windows.replace(before, entry.record)
      openPayments.update(entry, before.purchase)
      return entry.record
    },
    claim(claimant) {
      const claim = toClaim(openPayments.of(claimant), claimant)
      const entry = claim.is === 'yours' ? findEntry(claim.record.id) : undefined
      if (entry !== undefined && claim.is === 'yours') entry.record = claim.record
      return claim
    },
    *list(filter) {
      for (let index = entries.length - 1; index >= 0; index--) {
        const record = entries[index]?.record
        if (record && isListed(record, filter)) yield record
      }
    },
    spent: (cap) => count(cap, nowSeconds()),
    restore(payment) {
      entries.push(payment)
      if (!isClosed(payment)) openPayments.update(payment)
    },
    put(record) {
      const known = findEntry(record.id)
      const entry = known ?? { record }
      const formerly = known?.record.purchase
      if (known === undefined) {
        entries.push(entry)
        windows.add(entry)
      } else {
        windows.replace(known.record, record)
        known.record = record
      }
      openPayments.update(entry, formerly)
    },
    copy: () => entries.map((entry) => entry.copy?.() ?? entry.record),
    count: () => entries.length,
  }
}

/**
 * Whether `list` shows a payment under a filter.
 *
 * @param record - The payment as it stands.
 * @param filter - What is asked for; `{}` asks for all.
 * @returns Whether it has all that the filter names.
 */
export function isListed(record: LedgerRecord, { states, delivery, host }: Filter): boolean {
  return (
    (states === undefined || states.includes(record.state)) &&
    (delivery === undefined || delivery === record.delivery) &&
    (host === undefined || host === record.host)
  )
}
