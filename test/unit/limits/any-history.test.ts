import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLimits, type LimitGroupOptions, type LimitsOptions } from '../../../src/limits/index.js'
import type { PaymentEvent } from '../../../src/payment/event.js'
import type { Payment } from '../../../src/payment/payment.js'
import { createTill } from './create-till.js'
import { usdc } from './offers.js'

/** Histories that are followed; `npm run test:long` follows 10,000. */
const RUNS = Number(process.env['FC_RUNS'] ?? 500)

/** One limit, as a person would say it: so much, or so often, within so many seconds, for whom. */
type Said = {
  whom: 'everybody' | 'each host' | 'each payTo' | 'each resource' | 'each tag' | 'x' | 'y'
  seconds: number | undefined
  cents: number | undefined
  payments: number | undefined
}

type Step =
  | { do: 'pay'; cents: number; host: string; payTo: string; resource: string; tags: ('x' | 'y')[] }
  | { do: 'note'; which: number; what: 'sent' | 'lost' | 'settled' | 'released'; chargedCents: number }
  | { do: 'wait'; seconds: number }

const said: fc.Arbitrary<Said> = fc
  .record({
    whom: fc.constantFrom<Said['whom']>('everybody', 'each host', 'each payTo', 'each resource', 'each tag', 'x', 'y'),
    seconds: fc.constantFrom(undefined, 1, 30, 60, 3600),
    cents: fc.option(fc.nat(300), { nil: undefined }),
    payments: fc.option(fc.nat(6), { nil: undefined }),
  })
  .filter(({ cents, payments }) => cents !== undefined || payments !== undefined)

const pay = fc.record({
  do: fc.constant('pay' as const),
  cents: fc.integer({ min: 1, max: 100 }),
  host: fc.constantFrom('a', 'b'),
  payTo: fc.constantFrom('0x1', '0x2'),
  resource: fc.constantFrom('GET /a', 'GET /b', 'POST /b'),
  tags: fc.subarray<'x' | 'y'>(['x', 'y']),
})
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: pay },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('note' as const),
      which: fc.nat(30),
      what: fc.constantFrom('sent' as const, 'lost' as const, 'settled' as const, 'released' as const),
      chargedCents: fc.nat(100),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: -30, max: 90 }) }) },
)

describe('createLimits: any history', () => {
  it('exceeds no limit, and refuses nothing that all limits have room for', {
    timeout: 120_000 + RUNS * 100,
  }, async () => {
    const limits = fc.uniqueArray(said, { maxLength: 4, selector: ({ whom, seconds }) => `${whom} ${seconds}` })
    const history = fc.asyncProperty(limits, fc.array(step, { minLength: 20, maxLength: 60 }), follow)
    await fc.assert(history, { numRuns: RUNS })
  })
})

async function follow(limits: readonly Said[], steps: readonly Step[]): Promise<void> {
  const till = createTill()
  const rules = createLimits(toOptions(limits))
  for (const next of steps) {
    const records = await till.records()
    if (next.do === 'wait') till.clock.advance(next.seconds)
    else if (next.do === 'note') await note(next, till, records)
    else {
      const hasRoom = limits.every((limit) => fits(limit, next, records, till.clock.nowSeconds()))
      const { cents, ...change } = next
      expect(await till.pay(rules, cents, change)).toEqual(hasRoom ? undefined : expect.any(String))
    }
  }
}

/** Settles for what was charged, at most the price; and what a seller or a chain may do at any time. */
async function note(
  { which, what, chargedCents }: Extract<Step, { do: 'note' }>,
  { ledger }: ReturnType<typeof createTill>,
  records: readonly Payment[],
): Promise<void> {
  const record = records[which]
  if (record === undefined) return
  const { amount } = record.terms
  const charged = BigInt(chargedCents) * 10_000n < amount ? BigInt(chargedCents) * 10_000n : amount
  const assessment = createLimits().assess(usdc(charged))
  const charges = 'charges' in assessment ? assessment.charges : undefined
  await ledger.note(record.id, toEvent(what, charges)).catch((error) => expect(error.code).toBe('LEDGER_CONFLICT'))
}

function toEvent(what: Extract<Step, { do: 'note' }>['what'], charges: Payment['charges'] | undefined): PaymentEvent {
  if (what === 'released') return { type: 'released', because: 'dead' }
  if (what === 'settled') return { type: 'settled', charges }
  return what === 'sent' ? { type: 'sent', presentation: PRESENTATION } : { type: 'lost' }
}

const PRESENTATION = { payload: { x402Version: 2, payload: {} }, entry: {} } as const

/** The limit in its own words, over all records. */
function fits(limit: Said, paying: Extract<Step, { do: 'pay' }>, records: readonly Payment[], now: number): boolean {
  if (limit.whom === 'each tag') return paying.tags.every((tag) => fits({ ...limit, whom: tag }, paying, records, now))
  if (!holdsFor(limit, paying)) return true
  const counted = records.filter(
    (record) =>
      record.state !== 'released' &&
      now - record.atSeconds < (limit.seconds ?? Number.POSITIVE_INFINITY) &&
      (limit.whom !== 'each host' || record.call.host === paying.host) &&
      (limit.whom !== 'each resource' || record.call.asked === paying.resource) &&
      (limit.whom !== 'each payTo' || record.terms.payTo === paying.payTo) &&
      holdsFor(limit, record.call),
  )
  const spentCents = counted.reduce((sum, record) => sum + centsOf(record), paying.cents)
  return (
    (limit.cents === undefined || spentCents <= limit.cents) &&
    (limit.payments === undefined || counted.length + 1 <= limit.payments)
  )
}

function holdsFor({ whom }: Pick<Said, 'whom'>, { tags }: { readonly tags: readonly string[] }): boolean {
  return (whom !== 'x' && whom !== 'y') || tags.includes(whom)
}

function centsOf({ charges }: Payment): number {
  return Number((charges.find(({ unit }) => unit === 'usd')?.amount ?? 0n) / 10n ** 16n)
}

/** The same limits, as options. */
function toOptions(limits: readonly Said[]): LimitsOptions {
  const of = (whom: Said['whom']) => toGroup(limits.filter((limit) => limit.whom === whom))
  return {
    ...of('everybody'),
    perDay: '$100000',
    perHost: of('each host'),
    perPayTo: of('each payTo'),
    perTag: of('each tag'),
    perResource: of('each resource'),
    tags: { x: of('x'), y: of('y') },
  }
}

const NAMES = new Map([
  [undefined, 'total'],
  [60, 'perMinute'],
  [3600, 'perHour'],
])

function toGroup(limits: readonly Said[]): LimitGroupOptions {
  const budgets = limits.map(({ seconds, cents, payments }) => {
    const amount = cents === undefined ? undefined : `$${(cents / 100).toFixed(2)}`
    return { name: NAMES.get(seconds), window: `${seconds ?? 0}s` as const, budget: { amount, payments } }
  })
  return {
    ...Object.fromEntries(budgets.flatMap(({ name, budget }) => (name === undefined ? [] : [[name, budget]]))),
    windows: budgets.flatMap(({ name, window, budget }) => (name === undefined ? [{ window, ...budget }] : [])),
  }
}
