/// <reference types="node" />
import { assertOptions, invalidOption } from '../assert-options.js'
import { type Clock, systemClock } from '../clock.js'
import { isX402Error, type MoneyState } from '../errors.js'
import type { Ledger, Warning } from '../flow/ports.js'
import { type RandomBytes, systemRandomBytes } from '../random.js'
import { createRecordBook, type RecordBook } from './create-record-book.js'
import { createTurns } from './create-turns.js'
import { createDealWriter } from './file-deals.js'
import { createUnavailable } from './file-error.js'
import { createJournal, type Journal } from './file-journal.js'
import { writeMove, writeRecord } from './file-line.js'
import { type Lock, takeLock, type UnseenHolder } from './file-lock.js'
import { openFile } from './file-open.js'
import { resolveFile } from './file-path.js'
import type { Recovery } from './file-replay.js'
import { toMoney } from './ledger-error.js'

/** A ledger in a file: see {@link createFileLedger}. */
export type FileLedger = Ledger & {
  readonly guarantee: 'machine'
  /** The file, with all links resolved. */
  readonly path: string
  /** What was found when it was opened. */
  readonly recovery: Recovery
  /**
   * Writes the file anew, with one line for each payment and only those signed payments that may have to be presented again.
   * That happens by itself from time to time.
   */
  compact(): Promise<void>
  /** Waits until all is on the disk, and lets another process open the file. The ledger refuses everything from then on. */
  close(): Promise<void>
}

export type { Recovery }

/**
 * Opens a ledger that a file keeps, across restarts and crashes; makes the file when there is none.
 *
 * ...
 */
