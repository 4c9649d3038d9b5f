import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createDice } from '../../../src/testing/chance.js'
import { type Chain, createChain } from '../../support/chain/create-chain.js'
import { startOfficialExpressSeller } from '../../support/chain/official-express-seller.js'
import { createOfficialFacilitator } from '../../support/chain/official-facilitator.js'
import type { OfficialSeller } from '../../support/chain/official-seller.js'
import { inLanes } from '../../support/crash/lanes.js'
import { type Books, type Case, isRepeated, openCase, type Wanted } from '../../support/crash/open-case.js'
import { openShop, type Shop } from '../../support/crash/open-shop.js'
import { DOORS, type Outcome, type Plan } from '../../support/crash/plan.js'
import type { Run } from '../../support/crash/start-buyer.js'

/** Kills at random moments, beside the one at every moment; `npm run test:long` makes 200. */
const KILLS = Number(process.env['CRASH_KILLS'] ?? 6)
/** Buyers of the two sellers take turns at the moments; in `npm run test:long` both are killed at every one. */
const STRIDE = process.env['CRASH_KILLS'] === undefined ? 2 : 1
const SEED = Number(process.env['CRASH_SEED'] ?? 402)

/** Where a kill must have been tried: around each step that moves money, and with the request on its way. */
const MUST_BE_AMONG = [
  ...['open', 'claim', 'approve', 'reserve', 'sign', 'note of sent', 'fetch', 'note of settled'].flatMap((step) => [
    `before ${step}`,
    `during ${step}`,
    `after ${step}`,
  ]),
  'undici:request:bodySent',
  'undici:request:headers',
  'after spent',
  'after list',
]

/** Where a buyer that is refused is killed: between signature and payment, between the refusal and the note of it, and while it presents again. */
const AROUND_A_REFUSAL = [
  ...['after sign', 'before note of sent', 'undici:request:bodySent', 'undici:request:headers'],
  ...['before note of a refusal', 'during note of a refusal', 'before reading the answer'],
]
const AROUND_ANOTHER_TRY = [
  ...['after claim', 'after approve', 'during note of sent', 'undici:request:bodySent'],
  ...['undici:request:headers', 'during note of a refusal'],
]

/** Where a buyer is killed whose ledger has done what it says that it failed to do. */
const AROUND_A_LOST_REPLY = ['before note of released', 'during note of released', 'after note of released']

/** About as many as one purchase has. */
const MOMENTS = 60

/** Who buys: a client without a name, and names, one of which is above the other. */
const NAMES = [undefined, 'team', 'team/agent'] as const

let chain: Chain
let seller: OfficialSeller
beforeAll(async () => {
  chain = await createChain()
  seller = await startOfficialExpressSeller({ facilitator: createOfficialFacilitator(chain) })
})
afterAll(async () => {
  await seller.stop()
  await chain.stop()
})

type Seller = {
  readonly name: string
  readonly keepsAnswers: boolean
  /** What who presents again is told what was worked on before. */
  readonly again: number | string
  readonly refusals: readonly number[]
  /** The first moment at which its buyer is killed. */
  readonly from: number
}

const sellers: readonly Seller[] = [
  { name: 'the official seller', keepsAnswers: false, again: 'PAID_NOT_DELIVERED', refusals: [], from: 1 },
  { name: 'a seller that keeps its answers', keepsAnswers: true, again: 200, refusals: [], from: STRIDE },
]
const refusing: Seller = {
  name: 'a seller that refuses at first',
  keepsAnswers: false,
  again: 'PAID_NOT_DELIVERED',
  refusals: [404, 409, 401],
  from: 1,
}

/** Where buyers of either seller were killed. */
const killed: string[] = []

let shop: Shop
afterEach(() => shop.stop())

/** Delivered, once whatever happened; what an earlier run presented is delivered again only by who keeps answers. */
function expectOutcome(outcome: Outcome, books: Books, { again }: Seller): void {
  if (outcome.outcome === 'delivered before' || outcome.outcome === 'ALREADY_BOUGHT') return
  expect(outcome.outcome).toBe(isRepeated(books, outcome) ? again : 200)
  if (outcome.outcome === 200) expect(outcome.body).toBeTypeOf('object')
}

/** What the buyer would try again: it was refused, or its ledger failed. */
function isUnfinished({ outcome }: Outcome): boolean {
  return outcome === 'LEDGER_UNAVAILABLE' || (typeof outcome === 'number' && outcome >= 400)
}

/** Runs a buyer again and again until it was neither killed nor refused. */
async function finish(buyer: Case, from: Run, next: (last: Run) => Partial<Plan> = () => ({})): Promise<Run> {
  let last = from
  for (let runs = 0; last.killed || last.outcomes.some(isUnfinished); runs++) {
    expect(runs).toBeLessThan(40)
    last = await buyer.run(next(last))
  }
  return last
}

describe.each(sellers)('a buyer of $name, killed and started again', (one) => {
  const { name, keepsAnswers, from } = one
  beforeEach(async () => {
    shop = await openShop(seller.url, keepsAnswers)
  })

  test('pays once, wherever it waited when it was killed', { timeout: 600_000 }, async () => {
    let kills = 0
    let repeated = 0
    let next = from
    let isOver = false
    async function buyOnce(killAt: number | string): Promise<void> {
      const turn = typeof killAt === 'number' ? killAt : 0
      const name = NAMES[Math.floor(turn / 2) % NAMES.length]
      const buyer = await openCase(chain, shop, [{ method: 'GET', name, isRemembered: turn % 4 === 0 }])
      const first = await buyer.run({ killAt })
      if (first.killed) {
        kills += 1
        killed.push(first.seams.at(-1) ?? '')
      } else isOver = true
      const last = first.killed ? await buyer.run() : first
      const books = await buyer.close(last)
      for (const outcome of last.outcomes) expectOutcome(outcome, books, one)
      repeated += last.outcomes.filter((outcome) => isRepeated(books, outcome)).length
    }
    await inLanes(
      () => !isOver,
      () => {
        const killAt = next
        next += STRIDE
        return buyOnce(killAt)
      },
    )
    // Steps that run side by side don't come in the same order each time: a moment that was skipped is tried by its name.
    const skipped = one === sellers.at(-1) ? MUST_BE_AMONG.filter((moment) => !killed.includes(moment)) : []
    for (const moment of skipped) await buyOnce(moment)
    console.log(`${name}: killed at ${kills} moments, ${repeated} payments presented again`)
    expect(repeated).toBeGreaterThan(0)
  })

  test('buys anew under the same key only once the ledger says that the first was answered', async () => {
    const buyer = await openCase(chain, shop, [{ method: 'GET' }])
    const first = await buyer.run({ killAt: 'before reading the answer' })
    expect(first.killed).toBe(true)
    const last = await buyer.run({ buysAnew: true })
    expect(last.outcomes).toMatchObject([{ outcome: 200 }])
    const books = await buyer.close(last, 2)
    expect(books.transfers).toBe(2)
    expect(books.records).toMatchObject([
      { state: 'settled', delivery: 'delivered' },
      { state: 'settled', delivery: 'delivered' },
    ])
  })
})

test('buyers were killed around each step that moves money, and with the request on its way', () => {
  expect(killed).toEqual(expect.arrayContaining(MUST_BE_AMONG))
})

/** From the signature to the first note of it: where the kill decides whether the payment is given back or presented. */
const AROUND_THE_FIRST_NOTE: readonly (readonly [string, 'released' | 'sent' | 'either'])[] = [
  ['during sign', 'released'],
  ['after sign', 'released'],
  ['before the hook onAfterPaymentCreation', 'released'],
  ['before note of sent', 'released'],
  // The line may be with the system already, or not.
  ['during note of sent', 'either'],
  ['after note of sent', 'sent'],
]

describe.each(DOORS)('a buyer through %s, killed between its signature and the request', (door) => {
  beforeEach(async () => {
    shop = await openShop(seller.url, false)
  })

  test('leaves nothing reserved, and pays once when it is started again', { timeout: 240_000 }, async () => {
    const moments = [...AROUND_THE_FIRST_NOTE]
    async function buyOnce(killAt: string, state: string): Promise<void> {
      const buyer = await openCase(chain, shop, [{ method: 'GET' }])
      const { killed, left } = await buyer.run({ door, killAt })
      expect(killed).toBe(true)
      expect(left?.presentations).toEqual([])
      const [payment, ...others] = left?.records ?? []
      expect(others).toEqual([])
      if (state !== 'either') expect(payment).toMatchObject({ state })
      const isPresentable =
        payment?.state === 'sent' && payment.delivery === 'lost' && payment.presentation !== undefined
      expect([payment?.state, isPresentable]).toEqual(isPresentable ? ['sent', true] : ['released', false])
      const last = await buyer.run({ door })
      expect(last.outcomes).toMatchObject([{ outcome: 200 }])
      const books = await buyer.close(last)
      expect(books.transfers).toBe(1)
      // What was written down is presented, and nothing else is signed.
      if (isPresentable) expect(books.presentations).toMatchObject([{ nonce: payment.nonce }])
    }
    await inLanes(
      () => moments.length > 0,
      () => buyOnce(...(moments.pop() ?? ['after sign', 'released'])),
    )
  })
})

/** With a 401 the next run's token comes under the same key, or as the same credential. */
const REFUSALS = [409, 401]

describe('a buyer that is refused after it paid, killed and started again', () => {
  beforeEach(async () => {
    shop = await openShop(seller.url, false, REFUSALS)
  })

  /** Refused twice and killed once, it presents one payment until it is worked on. */
  async function buyOnce(killAt: string, refusedBefore: number, isUnnamed: boolean): Promise<void> {
    const buyer = await openCase(chain, shop, [{ method: 'GET', isKeyed: !isUnnamed, name: NAMES[refusedBefore] }])
    for (let refused = 0; refused < refusedBefore; refused++) {
      expect((await buyer.run()).outcomes).toMatchObject([{ outcome: REFUSALS[refused] }])
    }
    const killed = await buyer.run({ killAt })
    expect(killed).toMatchObject({ killed: true })
    const books = await buyer.close(await finish(buyer, killed))
    expect(books.transfers).toBe(1)
    const counted = books.records.filter(({ state }) => state !== 'released')
    expect(counted).toMatchObject([{ state: 'settled', delivery: 'delivered' }])
  }

  test('presents the one payment that it signed, wherever it was killed', { timeout: 600_000 }, async () => {
    const moments = [
      ...AROUND_A_REFUSAL.map((killAt) => [killAt, 0] as const),
      ...AROUND_ANOTHER_TRY.map((killAt) => [killAt, 1] as const),
    ]
    await inLanes(
      () => moments.length > 0,
      async () => {
        const [killAt, refusedBefore] = moments.pop() ?? ['open', 0]
        await buyOnce(killAt, refusedBefore, moments.length % 2 === 0)
      },
    )
  })

  test('pays once, though a reply of its ledger is lost, wherever it was killed then', {
    timeout: 240_000,
  }, async () => {
    const moments = [undefined, ...AROUND_A_LOST_REPLY]
    async function loseAndBuy(killAt: string | undefined): Promise<void> {
      const buyer = await openCase(chain, shop, [{ method: 'GET' }])
      const first = await buyer.run({ killAt, losesReply: true })
      expect(first.killed).toBe(killAt !== undefined)
      if (!first.killed) expect(first.outcomes).toMatchObject([{ outcome: 'LEDGER_UNAVAILABLE' }])
      const second = await buyer.run()
      expect(second.outcomes).toMatchObject([{ outcome: 409 }])
      // Presenting is a step of the ledger, too.
      const third = await buyer.run({ losesReply: true })
      expect(third.outcomes).toMatchObject([{ outcome: 'LEDGER_UNAVAILABLE' }])
      expect((await buyer.close(await finish(buyer, third))).transfers).toBe(1)
    }
    await inLanes(
      () => moments.length > 0,
      () => loseAndBuy(moments.pop()),
    )
  })
})

describe.each([...sellers, refusing])('a buyer of $name', (one) => {
  const { name, keepsAnswers, refusals } = one
  beforeEach(async () => {
    shop = await openShop(seller.url, keepsAnswers, refusals)
  })

  test(`pays once for each of several purchases, killed ${KILLS} times`, {
    timeout: 120_000 + KILLS * 5000,
  }, async () => {
    const dice = createDice(SEED)
    let kills = 0
    let cases = 0
    let presented = 0
    /** Buys until it's done, killed again and again, also while it recovers from the last time. */
    async function buyAll(): Promise<void> {
      const wanted = drawPurchases(dice)
      const buyer = await openCase(chain, shop, wanted)
      cases += 1
      const killAt = 1 + dice(MOMENTS * wanted.length)
      const last = await finish(buyer, await buyer.run({ killAt }), ({ killed }) => {
        kills += Number(killed)
        return { killAt: dice(3) === 0 ? 1 + dice(MOMENTS) : undefined, losesReply: dice(4) === 0 }
      })
      const books = await buyer.close(last)
      for (const outcome of last.outcomes) expectOutcome(outcome, books, one)
      presented += books.presentations.length
    }
    await inLanes(() => kills < KILLS, buyAll)
    console.log(`${name}: ${kills} kills in ${cases} cases, ${presented} payments presented, seed ${SEED}`)
  })
})

/** Some purchases: with keys, names and tags of all kinds, and now and then the same one by another name. */
function drawPurchases(dice: (sides: number) => number): readonly Wanted[] {
  const drawn = Array.from({ length: 1 + dice(3) }, (): Wanted => {
    const tags = ['customer:1', 'customer:2'].filter(() => dice(3) === 0)
    const [isKeyed, isRemembered] = [dice(2) === 0, dice(2) === 0]
    return {
      method: dice(2) === 0 ? 'GET' : 'POST',
      isKeyed,
      isRemembered: isKeyed && isRemembered,
      tags,
      name: NAMES[dice(3)],
    }
  })
  const [first] = drawn
  const name = NAMES[dice(3)]
  return first === undefined || first.name === name || dice(2) === 0 ? drawn : [...drawn, { ...first, name, sameAs: 0 }]
}
