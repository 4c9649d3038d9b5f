import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { isOver } from '../../../src/ledger/book/places.js'
import type { PaymentEvent } from '../../../src/payment/event.js'
import { type Cap, FREEZE, isRefusal, type Ledger } from '../../../src/payment/ledger.js'
import type { Payment } from '../../../src/payment/payment.js'
import { boughtUntilSeconds } from '../../../src/payment/purchase.js'
import { createCounter, createDice, type Dice } from '../../../src/testing/chance.js'
import { createCheck } from '../../../src/testing/check.js'
import { createBench, readAll, readIds } from '../../../src/testing/ledger/bench.js'
import { createCap } from '../../../src/testing/ledger/cap.js'
import { createClaimant } from '../../../src/testing/ledger/claimant.js'
import { createDraft, dollars, named } from '../../../src/testing/ledger/draft.js'
import { canceling, delivered, forgotten, released, sent, settled } from '../../../src/testing/ledger/events.js'
import { drawHistory } from '../../../src/testing/ledger/model/draws.js'
import type { Step } from '../../../src/testing/ledger/model/history.js'
import { ledgerContract } from '../../../src/testing/ledger-contract.js'
import { createManualClock, type ManualClock } from '../../../src/testing/manual-clock.js'

const KEEP = 3
const RUNS = Number(process.env['FC_RUNS'] ?? 60)
const SEED = Number(process.env['FC_SEED'] ?? 402)

/** A ledger that drops, and one that keeps all: whatever is asked, both must say the same. */
type Twins = { readonly small: Ledger; readonly whole: Ledger; readonly clock: ManualClock }

function openTwins(keep = KEEP): Twins {
  const clock = createManualClock()
  const open = (kept: number) => createMemoryLedger({ keep: kept, clock, random: createCounter() })
  return { small: open(keep), whole: open(Number.POSITIVE_INFINITY), clock }
}

function openBench(keep: number) {
  const clock = createManualClock()
  const check = createCheck('The ledger', { name: 'keep', why: '' })
  return createBench(createMemoryLedger({ keep, clock, random: createCounter() }), clock, check)
}

async function expectSame<T>({ small, whole }: Twins, ask: (ledger: Ledger) => Promise<T>): Promise<T> {
  const [ours, all] = await Promise.allSettled([ask(small), ask(whole)])
  expect(ours).toEqual(all)
  if (ours.status === 'fulfilled') return ours.value
  throw ours.reason
}

/** How most payments end, in the ways that matter to what is counted. */
const ENDS: readonly (readonly PaymentEvent[])[] = [
  [released],
  [sent, { type: 'delivered', status: 200, isSettled: true }],
  [sent, { type: 'delivered', status: 200, isSettled: true, transaction: '0x1' }, canceling],
  [sent, { type: 'settled', charged: 3n, charges: [{ unit: 'usd', amount: 1n }] }, delivered],
  [sent, { type: 'settled', charges: [{ unit: 'symbol/EURC', amount: 2n ** 70n }] }, forgotten],
  [sent, settled, { type: 'lost', status: 500 }, forgotten],
  [sent, delivered],
]

/** Goes through what may happen to a ledger, and asks some limits after each step and others only when most is dropped. */
async function follow(dice: Dice, twins: Twins): Promise<void> {
  const histories = Array.from({ length: 3 }, () => drawHistory(dice, { count: 1, crash: false }))
  const [watched = [], ...late] = histories.map((history) => history.watched)
  const compare = async (caps: readonly Cap[]) => {
    for (const cap of caps) await expectSame(twins, (one) => one.spent(cap))
  }
  for (const step of histories.flatMap(({ steps }) => steps)) {
    await take(step, twins, dice)
    await expectOldestDropped(await readAll(twins.small), await readAll(twins.whole), twins.small)
    await compare(watched)
  }
  await compare(late.flat())
  twins.clock.advance(-40)
  await compare([...late.flat(), ...watched])
}

async function take(step: Step, twins: Twins, dice: Dice): Promise<void> {
  const nowSeconds = twins.clock.nowSeconds()
  switch (step.do) {
    case 'wait':
      return twins.clock.advance(step.seconds)
    case 'put':
      return put(step, twins)
    case 'claim':
      return void (await expectSame(twins, (one) => one.claim(createClaimant({ ...step.asked, nowSeconds }))))
    case 'reserve': {
      const { change, caps } = step
      const terms = { ...change.terms, scheme: dice(3) === 0 ? 'upto' : 'exact' }
      const draft = createDraft({ ...change, terms, by: { ...change.by, nowSeconds } })
      return void (await expectSame(twins, (one) => one.reserve(draft, caps)))
    }
    case 'crash':
      return
    case 'note':
      return note((dice(2) === 0 ? ENDS[dice(ENDS.length)] : undefined) ?? [step.event], step.which, twins)
  }
}

async function put({ kind, value, isRight }: Extract<Step, { do: 'put' }>, twins: Twins): Promise<void> {
  const expected = isRight ? await twins.small.get(kind, FREEZE.key) : 'something else'
  await expectSame(twins, (one) => one.put(kind, FREEZE.key, value, expected))
}

/** What is told of a payment that was dropped is refused; that is tested by itself. */
async function note(events: readonly PaymentEvent[], which: number, twins: Twins): Promise<void> {
  const id = (await readIds(twins.small))[which]
  for (const event of events) {
    if (id === undefined || (await twins.small.isDropped?.(id))) return
    const payment = (await readAll(twins.small)).find((one) => one.id === id)
    const told = toProven(event, payment)
    await expectSame(twins, (one) => one.note(id, told)).catch(({ code }) => expect(code).toBe('LEDGER_CONFLICT'))
  }
}

/** What was delivered without a receipt is over once its end has passed; that is tested by itself. */
function toProven(event: PaymentEvent, payment: Payment | undefined): PaymentEvent {
  const hasEnd = payment?.validUntilSeconds !== undefined
  return event.type === 'delivered' && hasEnd ? { ...event, isSettled: true } : event
}

/** Nothing but the oldest that are over is missing, and whoever reads the list can know from when on it's whole. */
async function expectOldestDropped(kept: readonly Payment[], all: readonly Payment[], small: Ledger): Promise<void> {
  // Those whose key doesn't buy again while a history lasts stay.
  const over = all.filter((payment) => isOver(payment) && boughtUntilSeconds(payment) === undefined)
  const dropped = new Set(over.slice(KEEP).map(({ id }) => id))
  expect(kept).toEqual(all.filter(({ id }) => !dropped.has(id)))
  for (const { id } of all) expect(await small.isDropped?.(id)).toBe(dropped.has(id))
  const since = await small.completeSince?.()
  const newest = Math.max(...all.filter(({ id }) => dropped.has(id)).map(({ atSeconds }) => atSeconds))
  expect(since).toBe(dropped.size === 0 ? undefined : newest + 1)
}

describe('createMemoryLedger that keeps three payments', () => {
  it('answers sums, refusals, claims and pins as one that keeps all, whatever happens', {
    timeout: 120_000,
  }, async () => {
    const drops: unknown[] = []
    for (let run = 0; run < RUNS; run++) {
      const dice = createDice(SEED * 1_000_003 + run)
      const twins = openTwins()
      await follow(dice, twins)
      drops.push(await twins.small.completeSince?.())
    }
    expect(drops.filter((since) => since !== undefined).length).toBeGreaterThan(RUNS / 3)
  })

  // One that lists everything that was ever there, and random histories, which do so after each step, can't hold.
  const contract = ledgerContract((ports) => createMemoryLedger({ ...ports, keep: KEEP }), { histories: 0 })
  for (const { name, run } of contract.filter((one) => !one.name.includes('gives each payment an id of its own'))) {
    it(name, run)
  }

  it('counts what it dropped against a cap that is asked about for the first time, to the last unit', async () => {
    const { ledger, pay, clock } = openBench(0)
    const charges = [1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n, 2n ** 255n].map((amount) => [
      { unit: 'usd' as const, amount },
    ])
    for (const [index, one] of charges.entries()) {
      await pay({ charges: one, call: named(String(index)) }, sent, { ...delivered, isSettled: true })
      clock.advance(10)
    }
    const spent = async (windowSeconds?: number) => (await ledger.spent(createCap(0, { windowSeconds }))).spent
    const total = (from: number) => charges.slice(from).reduce((sum, [charge]) => sum + (charge?.amount ?? 0n), 0n)
    expect(await readIds(ledger)).toEqual([])
    expect([await spent(), await spent(41), await spent(40), await spent(11)]).toEqual([
      total(0),
      total(1),
      total(2),
      total(4),
    ])
  })

  it('lets what it dropped age out of a window that counted it whole', async () => {
    const { ledger, pay, clock } = openBench(0)
    const cap = createCap(9, { windowSeconds: 60 })
    const counted = async () => (await ledger.spent(cap)).count
    expect(await counted()).toBe(0)
    await pay({ call: named('a') }, sent, { ...delivered, isSettled: true })
    await pay({ call: named('b') }, released)
    expect(await counted()).toBe(1)
    clock.advance(60)
    expect(await counted()).toBe(0)
  })

  it('pins an origin to the address of a payment that it dropped, once an earlier one is released', async () => {
    const { pay, reserve, ledger, expectRefusal } = openBench(0)
    const first = await reserve({ terms: { payTo: 'A' }, call: named('a') })
    await pay({ terms: { payTo: 'B' }, call: named('b') }, sent, { ...delivered, isSettled: true })
    await pay({ terms: { payTo: 'A' }, call: named('c') }, sent, { ...delivered, isSettled: true })
    await expectRefusal({ by: 'pin', payTo: 'A' }, { isPinned: true, terms: { payTo: 'B' } })
    await ledger.note(first, released)
    await expectRefusal({ by: 'pin', payTo: 'B' }, { isPinned: true, terms: { payTo: 'A' } })
  })

  it.each<[string, object, readonly PaymentEvent[]]>([
    ['is reserved', {}, []],
    ['was sent', {}, [sent]],
    ['is in doubt, though it was delivered', {}, [sent, delivered]],
    ['may have to be presented again', {}, [sent, { type: 'lost', isSettled: true }]],
    ['may have taken less than was signed', { terms: { scheme: 'upto' } }, [sent, { ...delivered, isSettled: true }]],
  ])('never drops a payment that %s', async (_, change, events) => {
    const { ledger, pay } = openBench(0)
    const id = await pay(change, ...events)
    await pay({ call: named('another') }, released)
    expect(await readIds(ledger)).toEqual([id])
  })

  it('drops an older payment once it is over before newer ones', async () => {
    const { ledger, pay, reserve } = openBench(1)
    const old = await reserve({ call: named('old') })
    await pay({ call: named('a') }, released)
    const newest = await pay({ call: named('b') }, released)
    await ledger.note(old, released)
    expect(await readIds(ledger)).toEqual([newest])
  })

  it('holds no payment that it dropped', async () => {
    const { ledger, pay } = openBench(KEEP)
    const caps = [createCap(1e9), createCap(1e9, { windowSeconds: 86_400 })]
    for (const cap of caps) await ledger.spent(cap)
    const payments: WeakRef<Payment>[] = []
    for (let n = 0; n < 300; n++) {
      const id = await pay({ call: named(String(n)), charges: dollars(n) }, sent)
      payments.push(new WeakRef(await ledger.note(id, { ...delivered, isSettled: true })))
    }
    await collectGarbage()
    const held = payments.flatMap((payment, n) => (payment.deref() === undefined ? [] : [n]))
    // Something of the last ones may be on the stack, and one in what the engine optimized meanwhile.
    expect(held.filter((n) => n < 290).length).toBeLessThanOrEqual(2)
    expect(held).toEqual(expect.arrayContaining([297, 298, 299]))
    expect((await ledger.spent(createCap(1e9))).count).toBe(300)
  })
})

describe('createMemoryLedger', () => {
  it('keeps 10,000 payments that are over, when nothing else is said', async () => {
    const ledger = createMemoryLedger()
    for (let n = 0; n < 10_001; n++) {
      const reserved = await ledger.reserve(createDraft(), [])
      if (!isRefusal(reserved)) await ledger.note(reserved.id, released)
    }
    expect((await readIds(ledger)).length).toBe(10_000)
  })

  it('error: LEDGER_UNKNOWN_RECORD when something is told of a payment that was dropped', async () => {
    const { ledger, pay } = openBench(0)
    const id = await pay({}, released)
    await expect(ledger.note(id, released)).rejects.toMatchObject({ code: 'LEDGER_UNKNOWN_RECORD' })
    expect([await ledger.isDropped?.(id), await ledger.isDropped?.(`${id}0`), await ledger.isDropped?.('x')]).toEqual([
      true,
      false,
      false,
    ])
  })

  it.each([-1, 1.5, Number.NaN, '3'])('error: INVALID_OPTION when it is to keep %s payments', (keep) => {
    expect(() => createMemoryLedger({ keep: keep as number })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })

  it('error: UNKNOWN_OPTION when one is misspelled', () => {
    const misspelled = { keep: 3, keeps: 3 }
    expect(() => createMemoryLedger(misspelled)).toThrow(expect.objectContaining({ code: 'UNKNOWN_OPTION' }))
  })
})

/** What was looked at in this turn of the event loop is held until its end. */
async function collectGarbage(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}
