import type { MoneyState } from '../../errors/x402-error.js'
import type { Ledger, Presentation } from '../../flow/ports.js'
import type { RecordBook } from '../book/book.js'
import type { DealWriter } from '../codec/deals.js'
import { writeMove, writeRecord, writeSigned } from '../codec/line.js'
import { toMoney } from '../ledger-error.js'
import type { Compactor } from './compactor.js'
import { createUnavailable } from './error.js'
import type { Failure, Journal } from './journal.js'
import type { Lock } from './lock.js'
import type { Recovery } from './replay.js'

/** A ledger in a file; `createFileLedger` opens it. */
export type FileLedger = Ledger & {
  readonly guarantee: 'machine'
  /** The file, all links resolved. */
  readonly path: string
  /** What opening it found. */
  readonly recovery: Recovery
  /**
   * Writes the file anew: one line for each payment, and of signed payments only those that may have to be presented again.
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
  readonly book: RecordBook
  readonly journal: Journal
  readonly deals: DealWriter
  readonly compactor: Compactor
  readonly lock: Lock
}

/** Puts a ledger together: each step is done in memory first, at once, and then written down; who asked waits for both. */
export function assembleFileLedger(parts: FileLedgerParts): FileLedger {
  const { path, recovery, book, journal, deals, compactor, lock } = parts
  let closing: Promise<void> | undefined

  function assertUsable(money: MoneyState): void {
    const failure: Failure | undefined = closing === undefined ? journal.failure() : { because: 'it was closed' }
    if (failure !== undefined) throw createUnavailable(path, failure.because, { money, cause: failure.cause })
  }

  /** `toLine` may not wait: lines stand in the order of the steps. */
  async function write(toLine: () => string, isDurable: boolean, money: MoneyState): Promise<void> {
    try {
      await journal.append(toLine(), isDurable)
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
    guarantee: 'machine',
    path,
    recovery,
    async reserve(record, caps) {
      assertUsable('untouched')
      const reserved = book.reserve(record, caps)
      if ('refusedBy' in reserved) return reserved
      await write(() => writeRecord(reserved, deals), false, 'untouched')
      return { id: reserved.id }
    },
    async move(id, from, to, facts) {
      const before = book.find(id)
      const money = before === undefined ? 'in-doubt' : toMoney(before.state, to)
      assertUsable(money)
      // Before the step in memory, which couldn't be undone.
      const signed = facts.presentation && writeSignedOrRefuse(facts.presentation, money)
      const after = book.move(id, from, to, facts)
      const kept = after.presentation === undefined ? undefined : signed
      await write(() => writeMove(facts, after) + (kept ?? ''), to === 'sent', money)
    },
    async claim(claimant) {
      assertUsable('untouched')
      return book.claim(claimant)
    },
    async *list(filter) {
      assertUsable('untouched')
      for (const record of book.list(filter)) yield record
    },
    async spent(cap) {
      assertUsable('untouched')
      return book.spent(cap)
    },
    async compact() {
      assertUsable('untouched')
      try {
        await compactor.compact()
      } catch (cause) {
        throw createUnavailable(path, 'it could not be written anew', { cause })
      }
    },
    close() {
      closing ??= close()
      return closing
    },
  }

  function writeSignedOrRefuse(presentation: Presentation, money: MoneyState): string {
    try {
      return writeSigned(presentation)
    } catch (cause) {
      throw createUnavailable(path, 'the signed payment is not JSON', { money, cause })
    }
  }
}
