import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isX402Error } from '../../../src/errors/x402-error.js'
import { paymentOf } from '../../../src/payment/summary.js'
import { ELSEWHERE, ORIGIN, rules, story, type Told, type Try } from '../../support/fuzz/any-story.js'
import { LIFE, openToldShop } from '../../support/fuzz/open-told-shop.js'
import { createPriceOracle } from '../../support/fuzz/price-oracle.js'
import {
  fateOf,
  isRedirect,
  isRefusal,
  longer,
  nameOf,
  type Paid,
  type Plan,
  planOf,
  type Rules,
  type Written,
} from '../../support/fuzz/purchase-oracle.js'
import { runs } from '../../support/fuzz/runs.js'

it('whatever callers write and a seller answers, each call signs, presents or refuses as the rules say, and tells where the money is', async () => {
  const done = new Map<string, number>()
  const property = fc.asyncProperty(rules, story, async (rules, tries) => {
    const shop = openToldShop(rules)
    const paid: Paid[] = []
    const prices = createPriceOracle(rules)
    for (const one of tries) {
      shop.clock.advance(one.pause)
      await follow(one, { shop, paid, prices, rules, done })
    }
    const spending = (await shop.client.spending()).find(({ limit }) => limit === 'total')
    expect(spending).toMatchObject({ left: `$${(10 - paid.length / 100).toFixed(2)}` })
  })
  await fc.assert(property, runs(300))
  for (const does of DONE) expect(done.get(does) ?? 0, does).toBeGreaterThan(0)
}, 600_000)

/** What some of the calls did, so that each rule was tried. */
const DONE = [
  ...['sign', 'present', 'give up', 'PAID_PERHAPS untouched', 'PURCHASE_KEY_REUSED untouched'],
  ...['ALREADY_BOUGHT untouched', 'a limit untouched', 'CHALLENGE_REDIRECTED untouched'],
  ...['ahead: sign', 'ahead: ALREADY_BOUGHT untouched'],
]

type Shop = ReturnType<typeof openToldShop>

type Story = {
  readonly shop: Shop
  readonly paid: Paid[]
  readonly prices: ReturnType<typeof createPriceOracle>
  readonly rules: Rules
  readonly done: Map<string, number>
}

/** What a call is to do, and whether its seller is asked before. */
type Foreseen = { readonly one: Try; readonly plan: Plan; readonly isAsked: boolean }

function foresee(tried: Try, { paid, prices, rules }: Story, nowSeconds: number): Foreseen {
  if (prices.knows(tried, nowSeconds)) {
    // Nobody moves a call whose seller isn't asked.
    const one: Try = { ...tried, isMoved: 'no' }
    const plan = planFor(one, paid, rules, nowSeconds)
    // What only a limit refuses may cost less by now, so the seller is asked after all.
    if (plan.does !== 'refuse' || plan.code !== 'a limit') return { one, plan, isAsked: false }
  }
  return { one: tried, plan: planFor(tried, paid, rules, nowSeconds), isAsked: true }
}

async function follow(tried: Try, story: Story): Promise<void> {
  const { shop, paid, prices, rules, done } = story
  const nowSeconds = shop.clock.nowSeconds()
  const before = shop.signatures()
  const { one, plan, isAsked } = foresee(tried, story, nowSeconds)
  const called = await shop.call(tried)
  expect(called.asked !== undefined).toBe(isAsked)
  const name = `${isAsked ? '' : 'ahead: '}${plan.does === 'refuse' ? `${plan.code} ${plan.money}` : plan.does}`
  done.set(name, (done.get(name) ?? 0) + 1)
  expect(shop.signatures() - before).toBe(plan.does === 'sign' ? 1 : 0)
  if (plan.does === 'refuse') return expectRefusal(plan, called)
  const nonce = expectSent(one, called)
  if (plan.does === 'sign') {
    if (plan.givesUp.length > 0) done.set('give up', (done.get('give up') ?? 0) + 1)
    for (const earlier of plan.givesUp) earlier.isGivenUp = true
    expect(paid.map((earlier) => earlier.nonce)).not.toContain(nonce)
    paid.push(toPaid(one, nonce, paid, rules, nowSeconds))
  } else {
    expect(nonce).toBe(plan.paid.nonce)
    plan.paid.exact = nameOf(one.call, rules).exact
    plan.paid.purchaseFor = longer(plan.paid.purchaseFor, one.call, rules)
  }
  const { outcome, sent } = called
  const ended = { outcome, sent, call: one.call, rules, shop }
  const presented = paid.find((earlier) => earlier.nonce === nonce) ?? fail()
  await expectFate(presented, ended)
  const { receipt } = sent.at(-1)?.told ?? {}
  prices.note(one, { fate: presented.fate, receipt }, isAsked, shop.clock.nowSeconds())
}

type Called = Awaited<ReturnType<Shop['call']>>

/** Where a call is asked to pay. */
function originOf({ isMoved }: Try): string {
  return isMoved === 'elsewhere' ? ELSEWHERE : ORIGIN
}

function planFor(one: Try, paid: readonly Paid[], rules: Rules, nowSeconds: number): Plan {
  const { call, asker, isMoved } = one
  const isUnsafelyMoved = isMoved !== 'no' && call.method === 'POST'
  const isMisled = isUnsafelyMoved || (isMoved === 'elsewhere' && !rules.allowRedirectedOrigin)
  return isMisled ? MOVED : planOf(call, { origin: originOf(one), asker, nowSeconds }, paid, rules)
}

function expectRefusal({ code, money }: Extract<Plan, { does: 'refuse' }>, { outcome, sent }: Called): void {
  const isLimit = code === 'a limit'
  expect(outcome).toMatchObject({ code: isLimit ? expect.stringMatching(/^LIMIT_(TOTAL|COUNT)$/) : code, money })
  expect(sent).toEqual([])
}

/** One payment was sent, to who asked for it and no further. Returns its nonce. */
function expectSent(one: Try, { sent, asked }: Called): string {
  const [nonce = '', ...others] = new Set(sent.map((presented) => presented.nonce))
  expect(others).toEqual([])
  for (const { url } of sent) expect(new URL(url).origin).toBe(originOf(one))
  expect(sent[0]?.url.split('#')[0]).toBe((asked ?? one.call.url).split('#')[0])
  expect(sent.length).toBeLessThanOrEqual(3 + 3 * 3)
  return nonce
}

function toPaid(one: Try, nonce: string, paid: readonly Paid[], rules: Rules, nowSeconds: number): Paid {
  const { call, asker } = one
  return {
    ...{ nonce, ...nameOf(call, rules), written: call, origin: originOf(one), asker },
    atSeconds: Math.max(nowSeconds, paid.at(-1)?.atSeconds ?? 0),
    endSeconds: nowSeconds + LIFE,
    purchaseFor: longer(undefined, call, rules),
    ...{ fate: 'lost', status: undefined, isSettled: false, isGivenUp: false },
  }
}

const MOVED = { does: 'refuse', code: 'CHALLENGE_REDIRECTED', money: 'untouched' } as const

type Ended = {
  readonly outcome: unknown
  readonly sent: readonly { readonly told: Told }[]
  readonly call: Written
  readonly rules: Rules
  readonly shop: Shop
}

/** What the last answer means is what ledger and caller are told. */
async function expectFate(paid: Paid, { outcome, sent, call, rules, shop }: Ended): Promise<void> {
  const last = sent.at(-1)?.told
  paid.fate = fateOf(last, call, rules)
  // What was said on the way counts, too: a receipt of an earlier try, and the status of the last answer that was judged.
  for (const { told } of sent) {
    if (told === undefined || isRedirect(told)) continue
    paid.status = told.status
    if (told.receipt === 'good') paid.isSettled = true
  }
  const money = paid.isSettled ? 'settled' : 'in-doubt'
  const record = (await shop.records()).find(({ nonce }) => nonce === paid.nonce)
  const state = paid.isSettled ? 'settled' : 'sent'
  expect(record).toMatchObject({ state, delivery: paid.fate, claimed: false })
  if (paid.status !== undefined) expect(record?.status).toBe(paid.status)
  const isThrown = last === undefined || isRefusal(last) || isRedirect(last)
  if (isThrown) {
    expect(isX402Error(outcome), String(outcome)).toBe(true)
    expect(outcome).toMatchObject({ money })
    return
  }
  expect(outcome).toBeInstanceOf(Response)
  if (!(outcome instanceof Response)) return
  expect(outcome.status).toBe(last.status)
  expect(paymentOf(outcome)).toMatchObject({ money, delivery: paid.fate })
}

function fail(): never {
  throw new Error('a payment that nobody signed')
}
