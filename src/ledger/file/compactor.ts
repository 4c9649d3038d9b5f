import type { Warning } from '../../payment/stream.js'
import type { Book } from '../book/book.js'
import type { Dictionary } from './dictionary.js'
import type { Holdings } from './holdings.js'
import type { Journal } from './journal.js'
import { createTurns } from './turns.js'

/** Decides when a ledger's file is rewritten. */
export type Compactor = {
  /** Begins to, when it's worth it; to be called after each line. */
  consider(): void
  /** Does it now. */
  compact(): Promise<void>
  /** Waits for what runs, does it once more when at least half of the file is over and no one waits for it, and then never again. */
  finish(isWaitedFor: boolean): Promise<void>
}

/** What a compactor works on. */
export type CompactorParts = {
  readonly book: Book
  readonly journal: Journal
  readonly dictionary: Dictionary
  readonly holdings: Holdings
  /** Lines that may be over before it's worth it. */
  readonly afterLines: number
  readonly onWarning: (warning: Warning) => void
}

/**
 * Creates the compactor of a journal.
 *
 * A file is rewritten only when more of its lines are over than it keeps, so that each line is written twice at most, on average.
 */
export function createCompactor(parts: CompactorParts): Compactor {
  const { book, journal, dictionary, holdings, afterLines, onWarning } = parts
  const inTurn = createTurns()
  let isRunning = false
  let isFinished = false
  /** Doubled by each failure: a disk that is too full for a second file isn't asked at every payment. */
  let patience = 1

  /** Whether more lines are over than are kept and than may be, so many times. */
  function isWorthIt(mayBeOver: number, times: number): boolean {
    const payments = book.count()
    const others = journal.lines() - 1 - payments
    // Few files get so far, so the register is counted for them alone.
    if (others <= Math.max(mayBeOver, payments) * times) return false
    const values = [...book.register()].length
    return others - values > Math.max(mayBeOver, payments + values) * times
  }

  const compact = () =>
    inTurn(() => {
      const holds = holdings.all()
      const owners = new Set(holds.map(([, { owner }]) => owner))
      const processes = [...holdings.processes.values()].filter(({ token }) => owners.has(token))
      dictionary.reset(owners) // in one step with the copies: what follows is in the new file alone
      const values = [...book.register()].map((entry) => ({ ...entry, token: holdings.lastPut(entry.kind, entry.key) }))
      return journal.rewrite({ payments: book.payments(), values, processes, holds })
    })

  async function compactOrWarn(): Promise<void> {
    isRunning = true
    try {
      await compact()
      patience = 1
    } catch (cause) {
      patience *= 2
      onWarning({
        code: 'LEDGER_NOT_COMPACTED',
        message: 'The file of the ledger could not be rewritten, and goes on growing. It is complete as it is.',
        cause,
      })
    } finally {
      isRunning = false
    }
  }

  return {
    compact,
    consider() {
      if (isRunning || isFinished) return
      if (isWorthIt(afterLines, patience)) void compactOrWarn()
    },
    async finish(isWaitedFor) {
      isFinished = true
      await inTurn(async () => undefined)
      if (!isWaitedFor && journal.failure() === undefined && isWorthIt(0, 1)) await compactOrWarn()
    },
  }
}
