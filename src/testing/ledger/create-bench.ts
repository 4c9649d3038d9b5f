import type { Cap, Facts, Ledger, LedgerRecord, NewRecord, State } from '../../flow/ports.js'
import type { Check } from '../create-check.js'
import type { ManualClock } from '../create-manual-clock.js'
import { createRecord } from './create-record.js'
import { readAll } from './read-all.js'

/** A ledger with the clock that it goes by, and short ways to what the cases say. */
export type Bench<L extends Ledger = Ledger> = {
  readonly ledger: L
  readonly clock: ManualClock
  /** Reserves, which must succeed. */
  reserve(change?: Partial<NewRecord>, caps?: readonly Cap[]): Promise<string>
  /** Asks to reserve, which this cap must refuse. */
  expectRefusal(cap: Cap, change?: Partial<NewRecord>): Promise<void>
  /** Reserves a payment and moves it to a state. */
  pay(state: State, change?: Partial<NewRecord>, facts?: Facts): Promise<string>
  /** The payment as it's listed now. */
  find(id: string): Promise<LedgerRecord>
}

/** How each state is reached. */
const WAYS: Readonly<Record<State, readonly State[]>> = {
  reserved: [],
  signed: ['signed'],
  sent: ['sent'],
  settled: ['sent', 'settled'],
  released: ['released'],
}

/** Creates a bench on a ledger that was opened on this clock. */
export function createBench<L extends Ledger>(ledger: L, clock: ManualClock, check: Check): Bench<L> {
  async function reserve(change: Partial<NewRecord> = {}, caps: readonly Cap[] = []): Promise<string> {
    const reservation = await ledger.reserve(createRecord(change), caps)
    if ('id' in reservation) return reservation.id
    throw check.failure('a payment that is reserved', `one that is refused by ${reservation.refusedBy.name}`)
  }

  return {
    ledger,
    clock,
    reserve,
    async expectRefusal(cap, change = {}) {
      const reservation = await ledger.reserve(createRecord(change), [cap])
      if ('id' in reservation) {
        throw check.failure(`a payment that is refused by ${cap.name}`, 'one that is reserved')
      }
      check.equal(reservation.refusedBy, cap)
    },
    async pay(state, change, facts = {}) {
      const id = await reserve(change)
      let from: State = 'reserved'
      for (const to of WAYS[state]) {
        await ledger.move(id, [from], to, to === state ? facts : {})
        from = to
      }
      return id
    },
    async find(id) {
      const record = (await readAll(ledger)).find((one) => one.id === id)
      if (record) return record
      throw check.failure(`a list with the payment ${id}`, 'a list without it')
    },
  }
}
