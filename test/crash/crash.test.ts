import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createDice } from '../../src/testing/create-dice.js'
import { type Chain, createChain } from '../support/chain/create-chain.js'
import { startOfficialExpressSeller } from '../support/chain/official-express-seller.js'
import { createOfficialFacilitator } from '../support/chain/official-facilitator.js'
import type { OfficialSeller } from '../support/chain/official-seller.js'
import { type Books, isRepeated, openCase } from './open-case.js'
import { openShop, type Shop } from './open-shop.js'
import type { Outcome, Purchase } from './plan.js'

/** Kills at random moments, beside the one at every moment; `npm run test:long` makes 200. */
const KILLS = Number(process.env['CRASH_KILLS'] ?? 8)
/** Buyers of the two sellers take turns at the moments; in `npm run test:long` both are killed at every one. */
const STRIDE = process.env['CRASH_KILLS'] === undefined ? 2 : 1
const SEED = Number(process.env['CRASH_SEED'] ?? 402)

/** Cases side by side: a child mostly waits, and its start needs the rest of the machine. */
const LANES = 3

/** Where a kill must have been tried: around each step that moves money, and with the request on its way. */
const MUST_BE_AMONG = [
  ...['open', 'claim', 'approve', 'reserve', 'sign', 'move to sent', 'fetch', 'move to settled'].flatMap((step) => [
    `before ${step}`,
    `during ${step}`,
    `after ${step}`,
  ]),
  'undici:request:bodySent',
  'undici:request:headers',
  'after spent',
  'after list',
]

/** About as many as one purchase has. */
const MOMENTS = 60

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

const sellers = [
  { name: 'the official seller', keepsAnswers: false, again: 'PAID_NOT_DELIVERED', from: 1 },
  { name: 'a seller that keeps its answers', keepsAnswers: true, again: 200, from: STRIDE },
]

/** Where buyers of either seller were killed. */
const killed: string[] = []

describe.each(sellers)('a buyer of $name, killed and started again', ({ name, keepsAnswers, again, from }) => {
  let shop: Shop
  beforeEach(async () => {
    shop = await openShop(seller.url, keepsAnswers)
  })
  afterEach(() => shop.stop())

  /** Delivered, once whatever happened; what an earlier run presented is delivered again only by who keeps answers. */
  function expectOutcome(outcome: Outcome, books: Books): void {
    if (outcome.outcome === 'delivered before') return
    expect(outcome.outcome).toBe(isRepeated(books, outcome) ? again : 200)
    if (outcome.outcome === 200) expect(outcome.body).toBeTypeOf('object')
  }

  test('pays once, wherever it waited when it was killed', { timeout: 600_000 }, async () => {
    let kills = 0
    let repeated = 0
    let next = from
    let isOver = false
    async function buyOnce(killAt: number): Promise<void> {
      const buyer = await openCase(chain, shop, ['GET'])
      const first = await buyer.run({ killAt })
      if (first.killed) {
        kills += 1
        killed.push(first.seams.at(-1) ?? '')
      } else isOver = true
      const last = first.killed ? await buyer.run() : first
      const books = await buyer.close(last)
      for (const outcome of last.outcomes) expectOutcome(outcome, books)
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
    console.log(`${name}: killed at ${kills} moments, ${repeated} payments presented again`)
    expect(repeated).toBeGreaterThan(0)
  })

  test(`pays once for each of several purchases, killed ${KILLS} times`, {
    timeout: 120_000 + KILLS * 10_000,
  }, async () => {
    const dice = createDice(SEED)
    let kills = 0
    let cases = 0
    let presented = 0
    /** Buys until it's done, killed again and again, also while it recovers from the last time. */
    async function buyAll(): Promise<void> {
      const methods = Array.from({ length: 1 + dice(3) }, (): Purchase['method'] => (dice(2) === 0 ? 'GET' : 'POST'))
      const buyer = await openCase(chain, shop, methods)
      cases += 1
      let last = await buyer.run({ killAt: 1 + dice(MOMENTS * methods.length) })
      while (last.killed) {
        kills += 1
        last = await buyer.run(dice(3) === 0 ? { killAt: 1 + dice(MOMENTS) } : {})
      }
      const books = await buyer.close(last)
      for (const outcome of last.outcomes) expectOutcome(outcome, books)
      presented += books.presentations.length
    }
    await inLanes(() => kills < KILLS, buyAll)
    console.log(`${name}: ${kills} kills in ${cases} cases, ${presented} payments presented, seed ${SEED}`)
  })

  test('buys anew under the same key only once the ledger says that the first was answered', async () => {
    const buyer = await openCase(chain, shop, ['GET'])
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

/** Works side by side while there is more to do; once something fails nothing new is begun, and what was begun is waited for. */
async function inLanes(hasMore: () => boolean, work: () => Promise<void>): Promise<void> {
  const failures: unknown[] = []
  async function walk(): Promise<void> {
    while (failures.length === 0 && hasMore()) await work().catch((failure: unknown) => failures.push(failure))
  }
  await Promise.all(Array.from({ length: LANES }, walk))
  if (failures.length > 0) throw failures[0]
}
