import { copyFile, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isX402Error } from '../../../src/errors/x402-error.js'
import type { Delivery, Facts, Ledger, LedgerRecord, State } from '../../../src/flow/ports.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { createFileLedger } from '../../../src/ledger/file/index.js'
import type { Clock } from '../../../src/payment/clock.js'
import type { Claimant } from '../../../src/payment/purchase.js'
import { createCounter } from '../../../src/testing/create-counter.js'
import { createManualClock } from '../../../src/testing/create-manual-clock.js'
import { createCap } from '../../../src/testing/ledger/create-cap.js'
import { createPresentation } from '../../../src/testing/ledger/create-presentation.js'
import { createRecord } from '../../../src/testing/ledger/create-record.js'
import { dollars } from '../../../src/testing/ledger/dollars.js'
import { createTable, createTableLedger } from '../testing/create-table-ledger.js'

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
  | { readonly do: 'move'; readonly which: number; readonly to: State; readonly facts: Facts; readonly life: number }
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

const facts: fc.Arbitrary<Facts> = fc.record(
  {
    delivery: fc.constantFrom<Delivery>('none', 'lost', 'lost', 'lost', 'answered', 'answered', 'delivered'),
    status: fc.constantFrom(401, 404, 500),
    forgotten: fc.constantFrom<true | undefined>(undefined, undefined, undefined, true),
    charges: fc.constantFrom(undefined, undefined, dollars(0)),
    sellerSaid: fc.constantFrom(undefined, 'no'),
  },
  { requiredKeys: ['delivery'] },
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
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('move' as const),
      which: fc.nat(4),
      to: fc.constantFrom<State>('signed', 'sent', 'sent', 'sent', 'sent', 'sent', 'settled', 'released'),
      facts,
      life: fc.constantFrom(-1, 0, 60, 600, 600),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('claim' as const), by: asker }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      seconds: fc.constantFrom(-100, 1, 59, 61, 120, 600, 700),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('open again' as const), isCrash: fc.boolean() }) },
)

/** One of the ledgers, and the names that its payments have there. */
type Shelf = { ledger: Ledger; readonly ids: string[]; openAgain(isCrash: boolean): Promise<void> }

async function readAll({ ledger }: Shelf): Promise<LedgerRecord[]> {
  const records: LedgerRecord[] = []
  for await (const record of ledger.list({})) records.push(record)
  return records
}

/** Payments are told apart by their number, since each ledger names them by itself. */
function toTold(record: LedgerRecord, { ids }: Shelf): unknown {
  return { ...record, id: ids.indexOf(record.id) }
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

const BUDGET = createCap(9, { name: 'total' })

async function take(one: Exclude<Step, { do: 'wait' | 'open again' }>, shelf: Shelf, now: number): Promise<unknown> {
  const { ledger, ids } = shelf
  if (one.do === 'move') return move(one, shelf, now)
  const claimant = toClaimant(one.by, shelf, now)
  if (one.do === 'claim') {
    const claim = await ledger.claim(claimant)
    if (claim.is === 'nothing') return { is: claim.is, over: claim.over.map((record) => toTold(record, shelf)) }
    return { is: claim.is, record: toTold(claim.record, shelf) }
  }
  const { purchase, coarse, isKeyed, payers } = claimant
  const record = createRecord({ purchase, coarse, isKeyed, payer: payers[0], method: one.method })
  const once = createCap(0, { name: 'purchase', unit: 'payments/all', amount: undefined, count: 1, purchase: claimant })
  const reservation = await ledger.reserve(record, one.isOnce ? [once, BUDGET] : [BUDGET])
  if ('id' in reservation) return ids.push(reservation.id)
  const { refusedBy, held, spent, open } = reservation
  return { refusedBy: refusedBy.name, held, spent, is: open?.is, open: open && toTold(open.record, shelf) }
}

async function move({ which, to, facts: told, life }: Extract<Step, { do: 'move' }>, shelf: Shelf, now: number) {
  const record = (await readAll(shelf))[which]
  if (record === undefined) return 'nothing to move'
  // What was delivered stays so: no client tells a ledger anything else.
  const delivery = record.delivery === 'delivered' ? undefined : told.delivery
  const signed = to === 'sent' && record.state !== 'sent'
  const end = life < 0 ? undefined : now + life
  const presented = signed ? { presentation: createPresentation(), nonce: '0x1', validUntilSeconds: end } : {}
  try {
    await shelf.ledger.move(record.id, [record.state], to, { ...told, ...presented, delivery })
    return 'moved'
  } catch (error) {
    return isX402Error(error) ? [error.code, error.money] : error
  }
}

/** What it means for payments that their process is gone, step by step. */
async function abandon(shelf: Shelf): Promise<void> {
  for (const { id, state, delivery, claimed } of await readAll(shelf)) {
    const isUnsent = state === 'reserved' || state === 'signed'
    if (isUnsent) await shelf.ledger.move(id, [state], 'released', {})
    else if (state !== 'released' && delivery === 'none')
      await shelf.ledger.move(id, [state], state, { delivery: 'lost' })
    else if (claimed) await shelf.ledger.move(id, [state], state, {})
  }
}

async function openShelves(clock: Clock, prefix: string): Promise<{ shelves: Shelf[]; close(): Promise<void> }> {
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
        count(told[0]?.answer)
      }
    } finally {
      await close()
    }
  }

  function count(answer: unknown): void {
    const is = typeof answer === 'object' && answer !== null && 'is' in answer ? String(answer.is) : typeof answer
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
  for (const is of ['nothing', 'yours', 'claimed', 'under-way', 'foreign', 'open']) {
    expect(answers.get(is), is).toBeGreaterThan(RUNS / 20)
  }
})

/** What a ledger answers to a step, and all that it holds after it. */
async function tell(one: Step, shelf: Shelf, now: number): Promise<{ answer: unknown; spent: unknown; all: unknown }> {
  let answer: unknown
  if (one.do === 'open again') await shelf.openAgain(one.isCrash)
  else if (one.do !== 'wait') answer = await take(one, shelf, now)
  const all = (await readAll(shelf)).map((record) => toTold(record, shelf))
  return { answer, spent: await shelf.ledger.spent(BUDGET), all }
}
