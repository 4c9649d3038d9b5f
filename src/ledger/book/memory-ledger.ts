import { assertOptions, invalidOption } from '../../errors/options.js'
import { type Clock, systemClock } from '../../payment/clock.js'
import type { Ledger } from '../../payment/ledger.js'
import { type RandomBytes, systemRandomBytes } from '../../payment/random.js'
import type { Warning } from '../../payment/stream.js'
import { createBook } from './book.js'
import { createTraces } from './traces.js'
import { createWarnings } from './warnings.js'

/** A ledger in memory; `createMemoryLedger` makes it. It drops payments that are over, and tells which. */
export type MemoryLedger = Ledger & Required<Pick<Ledger, 'completeSince' | 'isDropped' | 'listen'>>

/**
 * Creates a ledger in this process's memory.
 *
 * Limits hold under any concurrency, and a lost response is resumed, but only in this process: a restart forgets what was spent
 * and what is in doubt.
 *
 * So that a process which pays for months doesn't grow, only the newest 10,000 payments that are over are kept: those that were delivered,
 * given up or released; and those that were delivered without a receipt, once their end has passed. Older ones aren't listed any more, nor is
 * the chain asked about them. What they count stays, to the last unit, also for a limit that is set later; and whatever is in flight, may still
 * be spent or may have to be presented again is always kept. A ledger in a file drops nothing.
 *
 * @example
 * ```ts
 * const ledger = createMemoryLedger({ keep: 1000 })
 * ledger.guarantee //=> 'process'
 * await ledger.completeSince() //=> undefined
 * ```
 *
 * @param options - How much is kept, and ports, for tests.
 * @returns A ledger that knows of no payment.
 * @throws {@link ConfigurationError} `INVALID_OPTION` or `UNKNOWN_OPTION`.
 */
export function createMemoryLedger(options: createMemoryLedger.Options = {}): MemoryLedger {
  assertMemoryOptions(options)
  const { keep = 10_000, clock = systemClock, random = systemRandomBytes, onWarning } = options
  const { tellFall, listen } = createWarnings(onWarning)
  const book = createBook(clock, random, createTraces(keep), tellFall)
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
    async completeSince() {
      return book.completeSince()
    },
    async isDropped(id) {
      return book.isDropped(id)
    },
    listen,
  }
}

export declare namespace createMemoryLedger {
  /** What a ledger in memory keeps, and what it runs on. */
  type Options = {
    /**
     * How many payments that are over are kept: the newest. Of older ones only what they count is, in about 60 bytes each; lists end
     * without them, and `client.verifyReceipt` of one is `PAYMENT_NOT_KEPT`. `Infinity` keeps all.
     *
     * @default 10_000
     */
    keep?: number | undefined
    /** Called with what went on all the same but is worth knowing; the clients of the ledger are told, too. @default not called */
    onWarning?: ((warning: Warning) => void) | undefined
    /** What tells the time. A clock set back frees nothing. @default the machine's clock */
    clock?: Clock | undefined
    /** What the payments' ids are made from. @default the platform's generator */
    random?: RandomBytes | undefined
  }
}

function assertMemoryOptions(options: createMemoryLedger.Options): void {
  assertOptions(options, 'createMemoryLedger', ['keep', 'onWarning', 'clock', 'random'])
  const { keep = 0 } = options
  const isCount = keep === Number.POSITIVE_INFINITY || (Number.isSafeInteger(keep) && keep >= 0)
  if (!isCount) throw invalidOption('keep', 'a whole number, 0 or more, or Infinity')
}
