import type { Clock } from '../../../src/payment/clock.js'
import type { PaymentEvent } from '../../../src/payment/event.js'
import { type Cap, isRefusal, type Ledger } from '../../../src/payment/ledger.js'
import type { Payment } from '../../../src/payment/payment.js'
import type { RandomBytes } from '../../../src/payment/random.js'
import { createCounter } from '../../../src/testing/chance.js'
import { createManualClock, type ManualClock } from '../../../src/testing/manual-clock.js'
import { createDraft, type DraftChange, readAll } from './draft.js'

/** What a ledger is opened on. */
export type Ports = { readonly clock: Clock; readonly random: RandomBytes }

/** A ledger with the clock that it goes by, and short ways to what the tests say. */
export type Bench<L extends Ledger = Ledger> = {
  readonly ledger: L
  readonly clock: ManualClock
  /** Reserves, which must succeed. */
  reserve(change?: DraftChange, caps?: readonly Cap[]): Promise<string>
  /** Reserves a payment, and notes what happened to it. */
  pay(change: DraftChange, ...events: readonly PaymentEvent[]): Promise<string>
  /** The payment as it's listed now. */
  find(id: string): Promise<Payment>
}

/** Opens a ledger on a clock that stands still, for tests of what the contract doesn't say. */
export async function openBench<L extends Ledger>(open: (ports: Ports) => Promise<L>): Promise<Bench<L>> {
  const clock = createManualClock()
  const ledger = await open({ clock, random: createCounter() })

  async function reserve(change: DraftChange = {}, caps: readonly Cap[] = []): Promise<string> {
    const reserved = await ledger.reserve(createDraft(change), caps)
    if (isRefusal(reserved)) throw new Error(`refused by ${reserved.by}`)
    return reserved.id
  }

  return {
    ledger,
    clock,
    reserve,
    async pay(change, ...events) {
      const id = await reserve(change)
      for (const event of events) await ledger.note(id, event)
      return id
    },
    async find(id) {
      const payment = (await readAll(ledger)).find((one) => one.id === id)
      if (payment === undefined) throw new Error(`${id} isn't listed`)
      return payment
    },
  }
}
