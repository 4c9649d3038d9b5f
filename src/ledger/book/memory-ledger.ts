import { type Clock, systemClock } from '../../payment/clock.js'
import type { Ledger } from '../../payment/ledger.js'
import { type RandomBytes, systemRandomBytes } from '../../payment/random.js'
import { createBook } from './book.js'

/**
 * Creates a ledger in this process's memory.
 *
 * Limits hold under any concurrency, and a lost response is resumed, but only in this process: a restart forgets what was spent
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
  const book = createBook(clock, random)
  return {
    guarantee: 'process',
    async reserve(draft, caps) {
      return book.reserve(draft, caps)
    },
    async note(id, event) {
      return book.note(id, event)
    },
    async claim(claimant) {
      return book.claim(claimant)
    },
    async *list(filter) {
      for (const payment of book.list(filter)) yield payment
    },
    async spent(cap) {
      return book.spent(cap)
    },
    async get(kind, key) {
      return book.get(kind, key)
    },
    async put(kind, key, value, expected) {
      return book.put(kind, key, value, expected)
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
