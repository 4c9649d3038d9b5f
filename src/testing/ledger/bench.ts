import type { PaymentEvent } from '../../payment/event.js'
import { type Cap, type Filter, isRefusal, type Ledger } from '../../payment/ledger.js'
import type { Payment } from '../../payment/payment.js'
import type { Check } from '../check.js'
import type { ManualClock } from '../manual-clock.js'
import { showValue } from '../value.js'
import { createDraft, type DraftChange } from './draft.js'

/** A ledger with its clock, and shortcuts for the steps that cases are made of. */
export type Bench<L extends Ledger = Ledger> = {
  readonly ledger: L
  readonly clock: ManualClock
  /** Reserves, which must succeed. */
  reserve(change?: DraftChange, caps?: readonly Cap[]): Promise<string>
  /** Asks to reserve, which must be refused with these members. */
  expectRefusal(expected: object, change?: DraftChange, caps?: readonly Cap[]): Promise<void>
  /** Asks to reserve, which this cap must refuse. */
  expectFull(cap: Cap, change?: DraftChange): Promise<void>
  /** Reserves a payment, and tells what happened to it. */
  pay(change: DraftChange, ...events: readonly PaymentEvent[]): Promise<string>
  /** The payment as it's listed now. */
  find(id: string): Promise<Payment>
}

/** Creates a bench on a ledger that was opened on this clock. */
export function createBench<L extends Ledger>(ledger: L, clock: ManualClock, check: Check): Bench<L> {
  async function reserve(change?: DraftChange, caps: readonly Cap[] = []): Promise<string> {
    const reserved = await ledger.reserve(createDraft(change), caps)
    if (isRefusal(reserved)) throw check.failure('a payment that is reserved', showValue(reserved))
    return reserved.id
  }

  async function expectRefusal(expected: object, change?: DraftChange, caps: readonly Cap[] = []): Promise<void> {
    check.matches(await ledger.reserve(createDraft(change), caps), expected)
  }

  return {
    ledger,
    clock,
    reserve,
    expectRefusal,
    expectFull: (cap, change) => expectRefusal({ by: 'cap', cap }, change, [cap]),
    async pay(change, ...events) {
      const id = await reserve(change)
      for (const event of events) await ledger.note(id, event)
      return id
    },
    async find(id) {
      const payment = (await readAll(ledger)).find((one) => one.id === id)
      if (payment) return payment
      throw check.failure(`a list with the payment ${id}`, 'a list without it')
    },
  }
}

/** Reads all payments that a ledger lists. */
export async function readAll(ledger: Ledger, filter: Filter = {}): Promise<readonly Payment[]> {
  const payments: Payment[] = []
  for await (const payment of ledger.list(filter)) payments.push(payment)
  return payments
}

/** Reads the ids of all payments that a ledger lists. */
export async function readIds(ledger: Ledger, filter?: Filter): Promise<readonly string[]> {
  return (await readAll(ledger, filter)).map(({ id }) => id)
}
