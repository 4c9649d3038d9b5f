import { copyFile, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isX402Error } from '../../../src/errors/x402-error.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { createFileLedger } from '../../../src/ledger/file/index.js'
import { type PaymentEvent, toCrashEvent } from '../../../src/payment/event.js'
import { FREEZE, isRefusal, type Ledger, type Value } from '../../../src/payment/ledger.js'
import type { Payment } from '../../../src/payment/payment.js'
import type { Claimant } from '../../../src/payment/purchase.js'
import type { TokenAllowance } from '../../../src/payment/scheme.js'
import { createCounter } from '../../../src/testing/chance.js'
import { readAll } from '../../../src/testing/ledger/bench.js'
import { createCap } from '../../../src/testing/ledger/cap.js'
import { createDraft, dollars } from '../../../src/testing/ledger/draft.js'
import { createPresentation, sent } from '../../../src/testing/ledger/events.js'
import { createManualClock, type ManualClock } from '../../../src/testing/manual-clock.js'
import { createTable, createTableLedger } from '../../support/ledger/table-ledger.js'

/** Histories that are followed; `npm run test:long` follows more. */
const RUNS = Number(process.env['FC_RUNS'] ?? 40)

/** A buyer who asks, in the little that a purchase depends on. */
type Asker = {
  readonly key: 'order' | undefined
  readonly request: 'weather' | 'news'
  readonly token: 'Ann' | 'Bob' | undefined
  readonly isOneOfMany: boolean
  readonly payers: readonly string[]
  readonly buysOver: boolean
  /** Which payment a person agreed to pay again for. */
  readonly insteadOf: number | undefined
}

type Step =
  | { readonly do: 'reserve'; readonly by: Asker; readonly method: string; readonly isOnce: boolean }
  | {
      readonly do: 'note'
      readonly which: number
      readonly event: PaymentEvent
      readonly life: number
      /** One that is reserved leaves first: most of what happens, happens after that. */
      readonly leaves: boolean
    }
  | { readonly do: 'put'; readonly key: string; readonly value: Value | undefined; readonly isExpected: boolean }
  | { readonly do: 'claim'; readonly by: Asker }
  | { readonly do: 'wait'; readonly seconds: number }
  | { readonly do: 'open again'; readonly isCrash: boolean }

const asker: fc.Arbitrary<Asker> = fc.record({
  key: fc.constantFrom(undefined, undefined, undefined, 'order'),
  request: fc.constantFrom('weather', 'weather', 'weather', 'weather', 'news'),
  token: fc.constantFrom('Ann', 'Ann', 'Ann', 'Ann', 'Bob', undefined),
  isOneOfMany: fc.constantFrom(false, false, false, true),
  payers: fc.constantFrom(['0xAb'], ['0xAb'], ['0xab', 'B'], ['0xab', 'B'], ['B'], []),
  buysOver: fc.constantFrom(false, false, true),
  insteadOf: fc.constantFrom(undefined, undefined, undefined, undefined, 0, 1),
})

const charges = fc.constantFrom(undefined, undefined, dollars(0))

const event: fc.Arbitrary<PaymentEvent> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({
        type: fc.constant('sent' as const),
        presentation: fc.constantFrom(
          undefined,
          createPresentation(),
          createPresentation(),
          createPresentation({ to: 'b' }),
        ),
        purchase: fc.constantFrom(undefined, undefined, undefined, 'weather for Bob'),
        nonce: fc.constantFrom(undefined, '0x1'),
        allowances: fc.constantFrom<readonly TokenAllowance[] | undefined>(undefined, [
          { by: 'a', asset: '0x1', spender: '0x2', amount: '7' },
        ]),
        charges,
      })
      // Only what is signed has any.
      .map(({ presentation, ...rest }) => (presentation === undefined ? rest : { ...rest, presentation })),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constantFrom(
        'lost' as const,
        'lost' as const,
        'answered' as const,
        'answered' as const,
        'delivered' as const,
      ),
      status: fc.constantFrom(undefined, 401, 404, 500),
      said: fc.constantFrom(undefined, 'no'),
      transaction: fc.constantFrom(undefined, '0x7'),
      isSettled: fc.constantFrom(undefined, undefined, false, true),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('settled' as const),
      transaction: fc.constantFrom(undefined, '0x8'),
      charged: fc.constantFrom(undefined, 0n, 2n ** 70n),
      charges,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('released' as const),
      because: fc.constantFrom('unsent' as const, 'gone' as const, 'dead' as const),
      transaction: fc.constantFrom(undefined, '0x9'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<PaymentEvent>(
      { type: 'canceling', cancellation: '0xa' },
      { type: 'forgotten' },
      { type: 'freed' },
    ),
  },
)

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('reserve' as const),
      by: asker,
      method: fc.constantFrom('GET', 'GET', 'POST'),
      isOnce: fc.constantFrom(true, true, true, false),
    }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constant('note' as const),
      which: fc.nat(3),
      event,
      life: fc.constantFrom(-1, 0, 60, 600, 600),
      leaves: fc.constantFrom(true, true, true, false),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('put' as const),
      key: fc.constantFrom('a', 'a', 'a', FREEZE.key),
      value: fc.constantFrom(undefined, undefined, null, 'a', { b: [1] }),
      isExpected: fc.constantFrom(true, true, false),
    }),
  },
  { weight: 7, arbitrary: fc.record({ do: fc.constant('claim' as const), by: asker }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      seconds: fc.constantFrom(-100, 1, 59, 61, 120, 600, 700, 86_400, -86_400, 31_536_000, -31_536_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('open again' as const), isCrash: fc.boolean() }) },
)

/** One of the ledgers, and the names that its payments have there. */
type Shelf = { ledger: Ledger; readonly ids: string[]; openAgain(isCrash: boolean): Promise<void> }

/** Payments are told apart by their number, since each ledger names them by itself. */
function toTold(payment: Payment, { ids }: Shelf): unknown {
  return { ...payment, id: ids.indexOf(payment.id) }
}

function toClaimant(by: Asker, { ids }: Shelf, nowSeconds: number): Claimant {
  const { key, request, token, isOneOfMany, payers, buysOver, insteadOf } = by
  const exact = token === undefined ? request : `${request} for ${token}`
  return {
    purchase: key ?? exact,
    coarse: isOneOfMany && key === undefined ? undefined : request,
    isKeyed: key !== undefined,
    payers,
    nowSeconds,
    buysOver,
    insteadOf: insteadOf === undefined ? undefined : [ids[insteadOf] ?? ''],
  }
}

const BUDGET = createCap(4, { name: 'total' })
const HOURLY = createCap(4, { name: 'perHour', windowSeconds: 3600 })

async function take(one: Exclude<Step, { do: 'wait' | 'open again' }>, shelf: Shelf, now: number): Promise<unknown> {
  const { ledger, ids } = shelf
  if (one.do === 'note') return note(one, shelf, now)
  if (one.do === 'put') return put(one, shelf)
  const claimant = toClaimant(one.by, shelf, now)
  if (one.do === 'claim') {
    const claim = await ledger.claim(claimant)
    if (claim.is === 'nothing') return { is: claim.is, over: claim.over.map((payment) => toTold(payment, shelf)) }
    return { is: claim.is, payment: toTold(claim.payment, shelf) }
  }
  const { purchase, coarse, isKeyed, ...by } = claimant
  const reserved = await ledger.reserve(
    createDraft({
      call: { purchase, coarse, isKeyed, method: one.method, tags: one.isOnce ? ['once', 'once'] : [] },
      terms: { scheme: one.isOnce ? 'exact' : 'upto' },
      exposure: one.isOnce ? 1_000_000n : 'unread',
      payer: by.payers[0],
      // One who buys as often as they like asks as someone from whom no payment keeps anything.
      ...(one.isOnce && { by }),
    }),
    [BUDGET],
  )
  if (!isRefusal(reserved)) {
    ids.push(reserved.id)
    return { reserved: toTold(reserved, shelf) }
  }
  if (reserved.by !== 'open') return reserved
  return { by: reserved.by, is: reserved.open.is, open: toTold(reserved.open.payment, shelf) }
}

async function put({ key, value, isExpected }: Extract<Step, { do: 'put' }>, { ledger }: Shelf): Promise<unknown> {
  const kind = key === FREEZE.key ? FREEZE.kind : 'price'
  const expected = isExpected ? await ledger.get(kind, key) : 'something else'
  return [expected, await ledger.put(kind, key, value, expected)]
}

async function note(step: Extract<Step, { do: 'note' }>, shelf: Shelf, now: number): Promise<unknown> {
  const { which, event: told, life, leaves } = step
  const payment = (await readAll(shelf.ledger))[which]
  if (payment === undefined) return 'nothing to note'
  const end = { validUntilSeconds: life < 0 ? undefined : now + life }
  const isSigned = told.type === 'sent' && told.presentation !== undefined
  try {
    if (leaves && payment.state === 'reserved') await shelf.ledger.note(payment.id, { ...sent, ...end })
    return { noted: toTold(await shelf.ledger.note(payment.id, isSigned ? { ...told, ...end } : told), shelf) }
  } catch (error) {
    return { refused: isX402Error(error) ? [error.code, error.money] : error }
  }
}

/** What it means for payments that their process is gone, step by step. */
async function abandon(shelf: Shelf): Promise<void> {
  for (const payment of await readAll(shelf.ledger)) {
    const event = toCrashEvent(payment)
    if (event !== undefined) await shelf.ledger.note(payment.id, event)
  }
}

async function openShelves(clock: ManualClock, prefix: string): Promise<{ shelves: Shelf[]; close(): Promise<void> }> {
  let opened = 0
  let path = `${prefix}-0.ledger`
  const openFile = () => createFileLedger(path, { clock, random: createCounter(opened++), compactAfterLines: 20 })
  let file = await openFile()
  const memory: Shelf = {
    ledger: createMemoryLedger({ clock, random: createCounter() }),
    ids: [],
    openAgain: () => abandon(memory),
  }
  const table: Shelf = {
    ledger: createTableLedger(createTable(), { clock, random: createCounter() }),
    ids: [],
    openAgain: () => abandon(table),
  }
  const disk: Shelf = {
    ledger: file,
    ids: [],
    async openAgain(isCrash) {
      const next = `${prefix}-${opened}.ledger`
      if (isCrash) await copyFile(path, next)
      await file.close()
      if (isCrash) path = next
      file = await openFile()
      disk.ledger = file
    },
  }
  return { shelves: [table, memory, disk], close: () => file.close() }
}

it('the ledgers in memory, in a file and in a table: answer any one history alike', {
  timeout: 60_000 + RUNS * 500,
}, async () => {
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'pay402-agree-'))
  const answers = new Map<string, number>()
  let histories = 0

  async function follow(steps: readonly Step[]): Promise<void> {
    const clock = createManualClock()
    const own = join(folder, String(histories++))
    const { shelves, close } = await openShelves(clock, own)
    try {
      for (const one of steps) {
        if (one.do === 'wait') clock.advance(one.seconds)
        const told = await Promise.all(shelves.map((shelf) => tell(one, shelf, clock.nowSeconds())))
        for (const other of told.slice(1)) expect(other).toEqual(told[0])
        count(told[0]?.['answer'])
      }
    } finally {
      await close()
    }
  }

  function count(answer: unknown): void {
    const is = toKind(answer)
    answers.set(is, (answers.get(is) ?? 0) + 1)
  }

  try {
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60, size: 'max' }), follow), {
      numRuns: RUNS,
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  // The histories came to each of these, and so each was compared.
  for (const is of [
    'nothing',
    'yours',
    'claimed',
    'under-way',
    'foreign',
    'by open',
    'by cap',
    'by frozen',
    'noted',
    'refused',
  ]) {
    expect(answers.get(is), is).toBeGreaterThan(RUNS / 20)
  }
})

function toKind(answer: unknown): string {
  if (typeof answer !== 'object' || answer === null) return typeof answer
  if ('by' in answer) return `by ${answer.by}`
  if ('is' in answer) return String(answer.is)
  return Object.keys(answer)[0] ?? ''
}

/** What a ledger answers to a step, and all that it holds after it. */
async function tell(one: Step, shelf: Shelf, now: number): Promise<Readonly<Record<string, unknown>>> {
  let answer: unknown
  if (one.do === 'open again') await shelf.openAgain(one.isCrash)
  else if (one.do !== 'wait') answer = await take(one, shelf, now)
  const all = (await readAll(shelf.ledger)).map((payment) => toTold(payment, shelf))
  const left = await readAll(shelf.ledger, { unresolved: true, after: shelf.ids[3] })
  const unresolved = left.map((payment) => toTold(payment, shelf))
  const values = [await shelf.ledger.get('price', 'a'), await shelf.ledger.get(FREEZE.kind, FREEZE.key)]
  const spent = [await shelf.ledger.spent(BUDGET), await shelf.ledger.spent(HOURLY)]
  return { answer, spent, all, unresolved, values }
}
