import type { Ledger } from '../../../src/flow/ports.js'
import { createRecordBook, type RecordBook } from '../../../src/ledger/book/book.js'
import { recover } from '../../../src/ledger/book/record.js'
import type { Clock } from '../../../src/payment/clock.js'
import { createCounter } from '../../../src/testing/create-counter.js'

/** A ledger whose process can be killed, without a file. */
export type MortalLedger = {
  readonly ledger: Ledger
  /** What the next process finds. This one's ledger goes on for itself, and nobody sees it any more. */
  crash(): MortalLedger
}

/** Creates an empty one. */
export function createMortalLedger(clock: Clock): MortalLedger {
  const random = createCounter()
  const open = (book: RecordBook): MortalLedger => ({
    ledger: toLedger(book),
    crash() {
      const drafts = [...book.list({})].reverse().map((record) => ({ ...record }))
      recover(drafts)
      const next = createRecordBook(clock, random)
      for (const draft of drafts) next.restore({ ...draft, record: Object.freeze(draft) })
      return open(next)
    },
  })
  return open(createRecordBook(clock, random))
}

function toLedger(book: RecordBook): Ledger {
  return {
    guarantee: 'machine',
    async reserve(record, caps) {
      const reserved = book.reserve(record, caps)
      return 'refusedBy' in reserved ? reserved : { id: reserved.id }
    },
    async move(id, from, to, facts) {
      book.move(id, from, to, facts)
    },
    claim: async (claimant) => book.claim(claimant),
    async *list(filter) {
      yield* book.list(filter)
    },
    spent: async (cap) => book.spent(cap),
  }
}
