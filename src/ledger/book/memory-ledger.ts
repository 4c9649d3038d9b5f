import type { Ledger } from '../../flow/ports.js'
import { type Clock, systemClock } from '../../payment/clock.js'
import { type RandomBytes, systemRandomBytes } from '../../payment/random.js'
import { createRecordBook } from './book.js'

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
  const book = createRecordBook(clock, random)
  return {
    guarantee: 'process',
    async reserve(record, caps) {
      const reserved = book.reserve(record, caps)
      return 'refusedBy' in reserved ? reserved : { id: reserved.id }
    },
    async move(id, from, to, facts) {
      book.move(id, from, to, facts)
    },
    async claim(claimant) {
      return book.claim(claimant)
    },
    async *list(filter) {
      for (const record of book.list(filter)) yield record
    },
    async spent(cap) {
      return book.spent(cap)
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
