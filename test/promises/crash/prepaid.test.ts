import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { PrepayOptions } from '../../../src/prices/rules.js'
import { decodeJsonHeader } from '../../../src/wire/header-codec.js'
import { type Chain, createChain } from '../../support/chain/create-chain.js'
import { startOfficialExpressSeller } from '../../support/chain/official-express-seller.js'
import { createOfficialFacilitator } from '../../support/chain/official-facilitator.js'
import type { OfficialSeller } from '../../support/chain/official-seller.js'
import { inLanes } from '../../support/crash/lanes.js'
import { isRepeated, openCase, type Wanted } from '../../support/crash/open-case.js'
import { openShop, type Shop } from '../../support/crash/open-shop.js'
import type { Door, Plan } from '../../support/crash/plan.js'
import type { Run } from '../../support/crash/start-buyer.js'

/** `npm run test:long` kills at every moment; the schedules of two prepaid calls crash at every step in every run. */
const isLong = process.env['CRASH_KILLS'] !== undefined

/** Where a kill decides whether the payment is given back or presented, through which door, and what is then in the ledger. */
const MOMENTS: readonly (readonly [string | number, Door, string | undefined])[] = [
  ['after sign', 'fetch', 'released'],
  ['after sign', 'ky', 'released'],
  // The line may be with the system already, or not.
  ['during note of sent', 'fetch', undefined],
  ['after note of sent', 'fetch', 'sent'],
  ['after note of sent', 'axios', 'sent'],
  ['undici:request:bodySent', 'fetch', 'sent'],
  ['undici:request:headers', 'fetch', 'sent'],
  ['during note of settled', 'fetch', undefined],
]

let chain: Chain
let seller: OfficialSeller
let shop: Shop
let route: string
let ahead: readonly PrepayOptions[]
beforeAll(async () => {
  chain = await createChain()
  seller = await startOfficialExpressSeller({ facilitator: createOfficialFacilitator(chain) })
})
beforeEach(async () => {
  shop = await openShop(seller.url, false)
  route = `${shop.url}/weather`
  const asked = await fetch(route)
  const decoded = decodeJsonHeader(asked.headers.get('payment-required') ?? '')
  if ('problem' in decoded) throw new Error(decoded.problem)
  ahead = [{ route, terms: decoded.value as PrepayOptions['terms'] }]
})
afterEach(() => shop.stop())
afterAll(async () => {
  await seller.stop()
  await chain.stop()
})

type Killed = { readonly wanted: readonly Wanted[]; readonly first: Partial<Plan>; readonly again: Partial<Plan> }

/** Buys what is wanted, killed once, and started again: each purchase is paid once, and delivered or presented. */
async function buyOnce({ wanted, first, again }: Killed, state?: string): Promise<Run> {
  const buyer = await openCase(chain, shop, wanted)
  const killed = await buyer.run(first)
  // Steps that run side by side make one moment more or fewer.
  if (typeof first.killAt !== 'number') expect(killed.killed).toBe(first.killAt !== undefined)
  if (state !== undefined) expect(killed.left?.records.map((one) => one.state)).toEqual([state])
  const last = killed.killed ? await buyer.run(again) : killed
  const books = await buyer.close(last)
  for (const one of last.outcomes) {
    if (one.outcome !== 'delivered before') {
      expect(one.outcome).toBe(isRepeated(books, one) ? 'PAID_NOT_DELIVERED' : 200)
    }
  }
  expect(books.transfers).toBe(wanted.length)
  return killed
}

/** The payment was signed before anything was asked, and went with the only request. */
function expectOneTrip({ seams }: Run): void {
  const order = seams.filter((seam) => seam === 'after note of sent' || seam === 'before fetch')
  expect(order).toEqual(['after note of sent', 'before fetch'].slice(0, order.length))
}

/** A buyer that is started again knows the terms as before, or has forgotten what it costs and asks. */
const KNOWN_AGAIN = [() => ahead, () => [{ route }]] as const

test('a buyer that prepays what it knows the terms of pays once, wherever it waited when it was killed', {
  timeout: 600_000,
}, async () => {
  const moments = [...MOMENTS]
  if (isLong) {
    const whole = await buyOnce({ wanted: [{ method: 'GET' }], first: { prepay: ahead }, again: {} })
    expectOneTrip(whole)
    moments.push(...whole.seams.map((_, place) => [place + 1, 'fetch', undefined] as const))
  }
  await inLanes(
    () => moments.length > 0,
    async () => {
      const [killAt, door, state] = moments.pop() ?? ['after sign', 'fetch', 'released']
      const again = { prepay: KNOWN_AGAIN[moments.length % 2]?.(), door }
      const wanted: Wanted = { method: 'GET', isKeyed: moments.length % 3 > 0 }
      expectOneTrip(await buyOnce({ wanted: [wanted], first: { prepay: ahead, door, killAt }, again }, state))
    },
  )
})

/** Where the second of two purchases is killed. */
const WHILE_PREPAYING = ['during note of sent', 'undici:request:bodySent']

test('a buyer that learned a price by its first purchase asks again after it was killed in its second, and pays once for each', {
  timeout: 600_000,
}, async () => {
  const wanted: readonly Wanted[] = [{ method: 'GET' }, { method: 'GET', isKeyed: false }]
  const prepay = [{ route }]
  const whole = await buyOnce({ wanted, first: { prepay }, again: {} })
  // Three requests for two purchases.
  expect(whole.seams.filter((seam) => seam === 'before fetch')).toHaveLength(3)
  const begun = whole.seams.indexOf('before reading the answer')
  const moments = isLong
    ? [...whole.seams.keys()].slice(begun)
    : WHILE_PREPAYING.map((seam) => whole.seams.lastIndexOf(seam))
  await inLanes(
    () => moments.length > 0,
    async () => {
      const killAt = (moments.pop() ?? 0) + 1
      expect(killAt).toBeGreaterThan(begun)
      await buyOnce({ wanted, first: { prepay, killAt }, again: { prepay } })
    },
  )
})
