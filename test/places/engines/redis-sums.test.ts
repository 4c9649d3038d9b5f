import fc from 'fast-check'
import { expect, it } from 'vitest'
import { countedSeconds, type Fall, readTime } from '../../../src/ledger/book/ledger-time.js'
import type { CapRequest, Counts, SeenTime, TimeReply, Window } from '../../../src/ledger/engine/store.js'
import { createTimes } from '../../../src/ledger/engine/times.js'
import {
  type Facts,
  openRedisStore,
  type RedisStore,
  toMark,
  toRequest,
  toRow,
  UNITS,
} from '../../support/engines/open-redis-store.js'
import type { RedisServer } from '../../support/engines/start-redis.js'
import { useRedis } from '../../support/engines/use-redis.js'

let server: RedisServer
useRedis({ appendonly: 'no' }, (used) => {
  server = used.server
})

/** As long as a month is here. */
const MONTH = 20_000

type Scope = Readonly<Record<'host' | 'payTo' | 'tag' | 'resource', number | undefined>>
type Asked = { readonly unit: number; readonly scope: Scope; readonly window: 'ever' | 'month' | number }
type Step =
  | { readonly do: 'turn'; readonly seconds: number }
  | { readonly do: 'reserve'; readonly facts: Facts; readonly asked: readonly Asked[]; readonly room: bigint }
  | {
      readonly do: 'write'
      readonly row: number
      readonly counts: Counts
      readonly amounts: readonly string[]
      /** Which amounts count, in the order of its deal: a payment may come to be charged in others than it was reserved in. */
      readonly units: readonly number[]
    }
  | { readonly do: 'sum'; readonly asked: Asked }

/** Any that a token can hold; and those at the edge of a group of digits. */
const huge = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
  fc
    .tuple(fc.integer({ min: 14, max: 75 }), fc.integer({ min: -1, max: 1 }))
    .map(([zeros, more]) => 10n ** BigInt(zeros) + BigInt(more)),
)
const amounts = fc.tuple(fc.oneof(huge.map(String), fc.nat(1000).map(String)), fc.nat(1000).map(String))
const facts = fc.record({
  number: fc.constant(0),
  host: fc.nat(2),
  payTo: fc.nat(1),
  tags: fc.uniqueArray(fc.nat(3), { maxLength: 2 }),
  resource: fc.nat(20),
  amounts,
})
const name = (max: number) => fc.option(fc.nat(max), { nil: undefined })
const asked = fc.record({
  unit: fc.nat(1),
  scope: fc.record({ host: name(3), payTo: name(1), tag: name(4), resource: name(21) }),
  window: fc.oneof(fc.constantFrom('ever' as const, 'month' as const), fc.integer({ min: 10, max: 3000 })),
})
const seconds = fc.oneof(
  { weight: 6, arbitrary: fc.nat(100) },
  { weight: 2, arbitrary: fc.integer({ min: -200, max: 5000 }) },
  { weight: 1, arbitrary: fc.constantFrom(MONTH, -MONTH, 10 * MONTH, -10 * MONTH) },
)
const createStep = (asked: fc.Arbitrary<Asked>): fc.Arbitrary<Step> =>
  fc.oneof(
    { weight: 2, arbitrary: fc.record({ do: fc.constant('turn' as const), seconds }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('reserve' as const),
        facts,
        asked: fc.array(asked, { maxLength: 3 }),
        room: fc.oneof(fc.constant(2n ** 270n), fc.bigInt({ min: 0n, max: 100_000n })),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('write' as const),
        row: fc.oneof(fc.constant(0), fc.nat()),
        counts: fc.constantFrom<Counts>('held', 'spent', 'none'),
        amounts,
        units: fc.oneof(
          { weight: 3, arbitrary: fc.constant([0, 1]) },
          { weight: 1, arbitrary: fc.constantFrom([0], [1], [1, 0]) },
        ),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('sum' as const), asked }) },
  )

type Kept = {
  readonly facts: Facts
  counts: Counts
  amounts: readonly string[]
  units: readonly number[]
  revision: number
  readonly at: number
}
type Sums = { readonly held: bigint; readonly spent: bigint; readonly count: number }

/** Adds everything up again each time. */
function createModel() {
  const rows: Kept[] = []
  let nowSeconds = 100 * MONTH
  let falls: readonly Fall[] = []
  const readNow = () => readTime(falls, nowSeconds, { count: rows.length, atSeconds: rows.at(-1)?.at ?? 0 })

  function isIn({ facts: { host, payTo, tags, resource } }: Kept, scope: Scope): boolean {
    return (
      [host, undefined].includes(scope.host) &&
      [payTo, undefined].includes(scope.payTo) &&
      [resource, undefined].includes(scope.resource) &&
      (scope.tag === undefined || tags.includes(scope.tag))
    )
  }

  function add({ unit, scope, window }: Asked, by: readonly Fall[]): Sums {
    const sums = { held: 0n, spent: 0n, count: 0 }
    const from = window === 'month' ? Math.floor(nowSeconds / MONTH) * MONTH : nowSeconds - Number(window) + 1
    for (const [place, row] of rows.entries()) {
      const isLate = window === 'ever' || countedSeconds(by, place, row.at) >= from
      if (!isLate || row.counts === 'none' || !row.units.includes(unit) || !isIn(row, scope)) continue
      sums[row.counts] += BigInt(row.amounts[unit] ?? 0)
      sums.count += 1
    }
    return sums
  }

  return {
    rows,
    nowSeconds: () => nowSeconds,
    turn: (by: number) => (nowSeconds += by),
    /** As `spent` counts, which keeps nothing of the clock. */
    sum: (one: Asked) => add(one, readNow().falls),
    keepTime() {
      const time = readNow()
      falls = time.falls
      return time.atSeconds
    },
  }
}

function toWindow(window: Asked['window'], nowSeconds: number): Window {
  if (typeof window === 'number') return { seconds: window }
  const start = Math.floor(nowSeconds / MONTH) * MONTH
  return window === 'ever' ? undefined : { zone: 'Here/There', starts: [start, start + MONTH, start + 2 * MONTH] }
}

/** Walks a history, and compares each reply with the model's. */
async function walk({ store, ask: bare }: RedisStore, history: readonly Step[]): Promise<void> {
  const model = createModel()
  const times = createTimes(model.nowSeconds)
  const ask = () => ({ ...bare, nowSeconds: model.nowSeconds() })
  const toCap = ({ unit, scope, window }: Asked): CapRequest => {
    const marks = Object.entries(scope).flatMap(([is, one]) => (one === undefined ? [] : [[is, toMark(one)]]))
    const at = toWindow(window, model.nowSeconds())
    return {
      unit: UNITS[unit] ?? '',
      ...Object.fromEntries(marks),
      window: at,
      amount: undefined,
      count: undefined,
      added: '0',
    }
  }

  /** Asks again as a ledger does: with the time that it is told, and while a sum is built. */
  async function ask1<R extends { readonly is: string }>(ask: (time: SeenTime | undefined) => Promise<{ told: R }>) {
    let time = times.usual()
    for (let rounds = 0; rounds < 100; rounds++) {
      const { told } = await ask(time)
      if (told.is === 'unseen') time = times.read(Reflect.get(told, 'time') as TimeReply).seen
      else if (told.is !== 'building') return told
    }
    throw new Error('It never came to an end.')
  }

  for (const one of history) {
    if (one.do === 'turn') model.turn(one.seconds)
    else if (one.do === 'sum') {
      const { held, spent, count } = model.sum(one.asked)
      const told = await ask1((time) => store.sum({ cap: toCap(one.asked), time }, ask()))
      expect(told).toEqual({ is: 'sum', held: `${held}`, spent: `${spent}`, count })
    } else if (one.do === 'reserve') {
      const facts = { ...one.facts, number: model.rows.length }
      const room = { amount: String(one.room), count: undefined }
      const caps = one.asked.map((some) => ({ ...toCap(some), ...room, added: facts.amounts[some.unit] ?? '' }))
      const at = model.keepTime()
      const told = await ask1((time) => {
        const request = toRequest(toRow(facts), caps)
        return store.reserve({ ...request, seen: { ...request.seen, time } }, ask())
      })
      const full = one.asked.findIndex((some) => {
        const { held, spent } = model.sum(some)
        return held + spent + BigInt(facts.amounts[some.unit] ?? 0) > one.room
      })
      if (full >= 0) expect(told).toMatchObject({ is: 'full', cap: full })
      else {
        expect(told).toMatchObject({ is: 'reserved', row: { place: model.rows.length, atSeconds: at, revision: 1 } })
        model.rows.push({ facts, counts: 'held', amounts: facts.amounts, units: [0, 1], revision: 1, at })
      }
    } else if (model.rows.length > 0) {
      const number = one.row % model.rows.length
      const row = model.rows[number]
      if (row === undefined) continue
      const facts = { ...row.facts, amounts: one.units.map((unit) => one.amounts[unit] ?? '') }
      const written = toRow(facts, { counts: one.counts, text: `["${row.revision}"]` })
      const units = one.units.map((unit) => UNITS[unit] ?? '')
      const deal = { ...written.deal, units, key: `${one.units.join('').padStart(2, 'f')}${written.deal.key.slice(2)}` }
      const { told } = await store.write({ row: { ...written, deal }, revision: row.revision, isDurable: false }, ask())
      expect(told).toMatchObject({ is: 'written', row: { place: number, revision: row.revision + 1 } })
      Object.assign(row, { counts: one.counts, amounts: one.amounts, units: one.units, revision: row.revision + 1 })
    }
  }
}

const many = (count: number, gap: number): Step[] =>
  Array.from({ length: count }, (_, number) => [
    { do: 'turn' as const, seconds: gap },
    {
      do: 'reserve' as const,
      facts: {
        number,
        host: number % 3,
        payTo: number % 2,
        tags: [number % 4],
        resource: number % 20,
        amounts: ['7', '9'],
      },
      asked: [],
      room: 0n,
    },
  ]).flat()

/** Few caps, so that each is asked for again; and so many payments before any of them that sums are built in several steps. */
const histories = fc
  .tuple(fc.array(asked, { minLength: 1, maxLength: 5 }), fc.nat(12), fc.nat(30))
  .chain(([few, before, gap]) =>
    fc
      .array(createStep(fc.constantFrom(...few)), { minLength: 30, maxLength: 120 })
      .map((steps) => [...many(before * 30, gap), ...steps]),
  )

it('sums: are those of a simple model, in any history of payments, clocks and caps that were never asked for', async () => {
  const numRuns = Number(process.env['FC_RUNS'] ?? 40)
  await fc.assert(
    fc.asyncProperty(histories, async (history) => {
      const opened = await openRedisStore(server)
      try {
        await walk(opened, history)
      } finally {
        opened.close()
      }
    }),
    { numRuns },
  )
})
