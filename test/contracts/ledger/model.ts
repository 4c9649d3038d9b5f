import fc from 'fast-check'
import { expect, it } from 'vitest'
import type {
  Cap,
  Charge,
  Delivery,
  Ledger,
  LedgerRecord,
  NewRecord,
  Scope,
  State,
  Unit,
} from '../../../src/flow/ports.js'
import { createManualClock, type ManualClock } from '../../support/manual-clock.js'
import { type CreateLedger, createCounter, createRecord, readAll } from './create-bench.js'

type Step =
  | { do: 'reserve'; change: Partial<NewRecord>; caps: Cap[] }
  | { do: 'move'; which: number; to: State; delivery: Delivery; charges: Charge[] | undefined }
  | { do: 'wait'; seconds: number }
  | { do: 'ask'; cap: Cap }

const unit = fc.constantFrom<Unit>('usd', 'payments/all', 'symbol/EURC')
const charges = fc.array(fc.record({ unit, amount: fc.bigInt(0n, 5n) }), { maxLength: 3 })
const host = fc.constantFrom('a', 'b')
const payee = fc.constantFrom('0xAA', '0xaa', 'B')
const tag = fc.constantFrom('x', 'y')
const scope: fc.Arbitrary<Scope> = fc.record({ host, payee, tag }, { requiredKeys: [] })
const cap: fc.Arbitrary<Cap> = fc.record({
  name: fc.constant('cap'),
  unit,
  scope,
  windowSeconds: fc.constantFrom(undefined, 0, 1, 10, 60),
  amount: fc.option(fc.bigInt(0n, 20n), { nil: undefined }),
  count: fc.option(fc.nat(6), { nil: undefined }),
})
const state = fc.constantFrom<State>('signed', 'sent', 'settled', 'released')
const delivery = fc.constantFrom<Delivery>('none', 'lost', 'answered')
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('reserve' as const),
    change: fc.record({ host, payee, tags: fc.array(tag, { maxLength: 2 }), charges }),
    caps: fc.array(cap, { maxLength: 3 }),
  }),
  fc.record({
    do: fc.constant('move' as const),
    which: fc.nat(20),
    to: state,
    delivery,
    charges: fc.option(charges, { nil: undefined }),
  }),
  fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: -30, max: 30 }) }),
  fc.record({ do: fc.constant('ask' as const), cap }),
)

export function describeModel(create: CreateLedger, runs: number): void {
  it('any history: counts exactly what a sum over all records counts, and passes no cap', async () => {
    const history = fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.array(cap, { maxLength: 4 }), follow)
    await fc.assert(history, { numRuns: runs })
  })

  async function follow(steps: readonly Step[], watched: readonly Cap[]): Promise<void> {
    const clock = createManualClock()
    const ledger = await create({ clock, random: createCounter() })
    for (const next of steps) {
      await take(next, ledger, clock)
      const records = await readAll(ledger)
      for (const one of watched) expect(await ledger.spent(one)).toEqual(sum(one, records, clock.nowSeconds()))
    }
  }
}

async function take(step: Step, ledger: Ledger, clock: ManualClock): Promise<void> {
  const records = await readAll(ledger)
  switch (step.do) {
    case 'wait':
      clock.advance(step.seconds)
      break
    case 'ask':
      expect(await ledger.spent(step.cap)).toEqual(sum(step.cap, records, clock.nowSeconds()))
      break
    case 'reserve': {
      const record = createRecord(step.change)
      const refusing = step.caps.find((one) => isOver(one, record, sum(one, records, clock.nowSeconds())))
      const reservation = await ledger.reserve(record, step.caps)
      expect('id' in reservation ? undefined : reservation.refusedBy).toEqual(refusing)
      break
    }
    case 'move': {
      const moved = records[step.which]
      if (moved === undefined) break
      const move = ledger.move(moved.id, [moved.state], step.to, { delivery: step.delivery, charges: step.charges })
      await move.catch((error) => expect(error.code).toBe('LEDGER_CONFLICT'))
    }
  }
}

type Sums = { held: bigint; spent: bigint; count: number }

/** The contract's words, as plainly as they can be computed. */
function sum({ unit, scope, windowSeconds }: Cap, records: readonly LedgerRecord[], clockSeconds: number): Sums {
  const nowSeconds = Math.max(clockSeconds, ...records.map(({ atSeconds }) => atSeconds))
  const counted = records.filter((record) => {
    const isAlive = windowSeconds === undefined || record.atSeconds > nowSeconds - windowSeconds
    return isAlive && record.state !== 'released' && isIn(record, scope) && chargesIn(unit, record).length > 0
  })
  const total = (some: readonly LedgerRecord[]) =>
    some.flatMap((record) => chargesIn(unit, record)).reduce((all, { amount }) => all + amount, 0n)
  return {
    held: total(counted.filter((record) => record.state !== 'settled')),
    spent: total(counted.filter((record) => record.state === 'settled')),
    count: counted.length,
  }
}

function isOver({ unit, scope, amount, count }: Cap, record: NewRecord, sums: Sums): boolean {
  const mine = chargesIn(unit, record)
  if (mine.length === 0 || !isIn(record, scope)) return false
  const asked = mine.reduce((all, charge) => all + charge.amount, sums.held + sums.spent)
  return (amount !== undefined && asked > amount) || (count !== undefined && sums.count >= count)
}

function chargesIn(unit: Unit, { charges }: NewRecord): readonly Charge[] {
  return charges.filter((charge) => charge.unit === unit)
}

function isIn({ host, payee, tags }: NewRecord, scope: Scope): boolean {
  return (
    (scope.host ?? host) === host &&
    (scope.payee ?? payee).toLowerCase() === payee.toLowerCase() &&
    (scope.tag === undefined || tags.includes(scope.tag))
  )
}
