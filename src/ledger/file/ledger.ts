import type { MoneyState } from '../../errors/x402-error.js'
import { isRefusal, type Ledger } from '../../payment/ledger.js'
import type { Payment } from '../../payment/payment.js'
import { isSameJson } from '../../wire/json.js'
import type { Book } from '../book/book.js'
import type { DealWriter } from '../codec/deals.js'
import { writeEvent, writePayment, writeValue } from '../codec/line.js'
import { toMoney } from '../error.js'
import type { Compactor } from './compactor.js'
import { createUnavailable } from './error.js'
import type { Failure, Journal } from './journal.js'
import type { Lock } from './lock.js'
import type { Recovery } from './replay.js'

/** A ledger in a file; `createFileLedger` opens it. */
export type FileLedger = Ledger &
  Required<Pick<Ledger, 'listen'>> & {
    /** One process at a time has the file open: a second one is refused, and shares no budget with it. */
    readonly guarantee: 'process'
    /** The file, all links resolved. */
    readonly path: string
    /** What opening it found. */
    readonly recovery: Recovery
    /**
     * Rewrites the file: one line for each payment, and of signed payments only those that may have to be presented again.
     *
     * That happens by itself from time to time; call it to have it done now.
     *
     * @throws {@link LedgerError} `LEDGER_UNAVAILABLE` when that failed. The file is complete as it is.
     */
    compact(): Promise<void>
    /**
     * Waits until all is on the disk and lets another process open the file. The ledger refuses everything from then on.
     *
     * @throws {@link LedgerError} `LEDGER_UNAVAILABLE` when not all of it could be written.
     */
    close(): Promise<void>
  }

/** What a file ledger is put together from. */
export type FileLedgerParts = {
  readonly path: string
  readonly recovery: Recovery
  readonly book: Book
  readonly journal: Journal
  readonly deals: DealWriter
  readonly compactor: Compactor
  readonly lock: Lock
  readonly listen: FileLedger['listen']
}

/** Puts a ledger together: each step is done in memory first, in one go, and then written down; its caller waits for both. */
export function assembleFileLedger(parts: FileLedgerParts): FileLedger {
  const { path, recovery, book, journal, deals, compactor, lock, listen } = parts
  let closing: Promise<void> | undefined

  function assertUsable(money: MoneyState): void {
    const failure: Failure | undefined = closing === undefined ? journal.failure() : { because: 'it was closed' }
    if (failure !== undefined) throw createUnavailable(path, failure.because, { money, cause: failure.cause })
  }

  /** Before the step in memory, which couldn't be undone. */
  function toLine(write: () => string, what: string, money: MoneyState): string {
    try {
      return write()
    } catch (cause) {
      throw createUnavailable(path, `${what} is not JSON`, { money, cause })
    }
  }

  /** `work` may not wait before it appends: lines come in the order of the steps. */
  async function write(work: () => Promise<void>, money: MoneyState): Promise<void> {
    try {
      await work()
    } catch (cause) {
      journal.fail(cause) // also when there was no line: memory is ahead of the file
      throw createUnavailable(path, 'writing to it failed', { money, cause })
    }
    compactor.consider()
  }

  async function close(): Promise<void> {
    try {
      await compactor.finish().finally(journal.close).finally(lock.release)
    } catch (cause) {
      throw createUnavailable(path, 'it was closed, but not all of it could be written', { money: 'in-doubt', cause })
    }
  }

  return {
    guarantee: 'process',
    path,
    recovery,
    async reserve(draft, caps) {
      assertUsable('untouched')
      const reserved = book.reserve(draft, caps)
      if (isRefusal(reserved)) return reserved
      await write(async () => journal.append(writePayment(reserved, deals), false), 'untouched')
      return reserved
    },
    async note(id, event) {
      const before = book.find(id)
      const money = before === undefined ? 'in-doubt' : toMoney(before.state, event.type)
      assertUsable(money)
      const line = toLine(() => writeEvent(id, event), 'the signed payment', money)
      const after = book.note(id, event)
      const isDurable = event.type === 'sent' && event.presentation !== undefined
      if (!isKept(before, after)) await write(() => journal.append(line, isDurable), money)
      // Done again: the line is there, but its first caller may still be waiting for the disk.
      else if (isDurable) await write(journal.flush, money)
      return after
    },
    async claim(claimant) {
      assertUsable('untouched')
      return book.claim(claimant)
    },
    async *list(filter) {
      assertUsable('untouched')
      for (const payment of book.list(filter)) yield payment
    },
    async spent(cap) {
      assertUsable('untouched')
      return book.spent(cap)
    },
    async get(kind, key) {
      assertUsable('untouched')
      return book.get(kind, key)
    },
    async put(kind, key, value, expected) {
      assertUsable('untouched')
      const line = toLine(() => writeValue(kind, key, value), 'the value', 'untouched')
      if (!book.put(kind, key, value, expected)) return false
      await write(() => journal.append(line, true), 'untouched')
      return true
    },
    async compact() {
      assertUsable('untouched')
      try {
        await compactor.compact()
      } catch (cause) {
        throw createUnavailable(path, 'it could not be rewritten', { cause })
      }
    },
    listen,
    close() {
      closing ??= close()
      return closing
    },
  }
}

/** Whether an event changed nothing that is written down: a claim ends with its process, so that isn't. */
function isKept(before: Payment | undefined, after: Payment): boolean {
  if (before?.state !== after.state || before.delivery !== after.delivery) return false
  return before === after || isSameJson({ ...before, claimed: after.claimed }, after)
}
