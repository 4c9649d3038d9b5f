import { type Book, createBook } from '../../../src/ledger/book/book.js'
import type { Clock } from '../../../src/payment/clock.js'
import { apply, toCrashEvent } from '../../../src/payment/event.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import type { Payment } from '../../../src/payment/payment.js'
import { createCounter } from '../../../src/testing/chance.js'
import { toLedger } from '../ledger/to-ledger.js'

/** A ledger whose process can be killed, without a file. */
export type MortalLedger = {
  readonly ledger: Ledger
  /** What the next process finds. This one's ledger goes on for itself, and nobody sees it any more. */
  crash(): MortalLedger
}

/** Creates an empty one. */
export function createMortalLedger(clock: Clock): MortalLedger {
  const random = createCounter()
  const open = (book: Book): MortalLedger => ({
    ledger: toLedger(book),
    crash() {
      const next = createBook(clock, random)
      for (const payment of book.payments()) next.restore(Object.freeze(recover(payment)))
      for (const { kind, key, value } of book.register()) next.put(kind, key, value, undefined)
      return open(next)
    },
  })
  return open(createBook(clock, random))
}

/** A payment as the next process finds it. */
function recover(payment: Payment): Payment {
  const event = toCrashEvent(payment)
  const recovered = event === undefined ? payment : apply(payment, event)
  if ('conflict' in recovered) throw new Error(`${payment.id} is ${recovered.conflict}`)
  return recovered
}
