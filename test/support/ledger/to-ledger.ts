import type { Book } from '../../../src/ledger/book/book.js'
import type { Ledger } from '../../../src/payment/ledger.js'

/** A ledger that has nothing but its book. */
export function toLedger(book: Book): Ledger {
  return {
    guarantee: 'process',
    reserve: async (draft, caps) => book.reserve(draft, caps),
    note: async (id, event) => book.note(id, event),
    claim: async (claimant) => book.claim(claimant),
    async *list(filter) {
      yield* book.list(filter)
    },
    spent: async (cap) => book.spent(cap),
    get: async (kind, key) => book.get(kind, key),
    put: async (kind, key, value, expected) => book.put(kind, key, value, expected),
  }
}
