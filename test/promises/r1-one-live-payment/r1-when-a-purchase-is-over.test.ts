import { describe, expect, it } from 'vitest'
import type { ClientOptions } from '../../../src/client/options.js'
import type { ApprovalRequest } from '../../../src/payment/limits.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { calling, createBriskBuyer } from '../../support/money/create-brisk-buyer.js'
import { drops, inTurn, type PaidAnswer, paymentHeaders, pays, says } from '../../support/money/paid-answers.js'
import { NETWORK, TRANSACTION } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

const LIFE = 60
const receipt = { 'payment-response': encodeJsonHeader({ success: true, transaction: TRANSACTION, network: NETWORK }) }
const once = calling({ redeliver: 'never' })
const post = calling({ redeliver: 'never' }, { method: 'POST', body: 'question' })
const keyed = calling({ redeliver: 'never', purchase: 'order-7' })

/** A buyer whose first call was answered with `first`, and whatever comes after it is delivered. */
async function openShop(first: PaidAnswer, init: RequestInit, options: ClientOptions = {}) {
  const seller = await openSeller(inTurn(first, pays))
  const buyer = createBriskBuyer(options)
  const again: string[] = []
  buyer.client.on('payment', (event) => {
    if (event.type === 'bought-again') again.push(event.payment)
  })
  const begun = buyer.clock.nowSeconds()
  const call = () => buyer.paidFetch(seller.url, init)
  await call().catch(() => undefined)
  const [made] = await buyer.records()
  return { ...buyer, seller, call, again, begun, made: made?.id }
}

function at(seconds: number): string {
  return new Date(seconds * 1000).toISOString()
}

describe('R1, a payment whose end has passed, and whose purchase isn’t over:', () => {
  it.each([
    ['PAID_PERHAPS', 'lost, and sent', says(500), LIFE + 600],
    ['PAID_PERHAPS', 'answered, and sent', says(404), 180],
    ['PAID_NOT_DELIVERED', 'lost, and settled by its receipt', says(500, receipt), LIFE + 600],
    ['PAID_NOT_DELIVERED', 'answered, and settled by its receipt', says(404, receipt), 180],
  ] as const)('error: %s where it was %s, with when it will be', async (code, _what, answer, over) => {
    const { call, clock, begun, signatures, seller, made } = await openShop(answer, once)
    clock.advance(LIFE)
    const money = code === 'PAID_PERHAPS' ? 'in-doubt' : 'settled'
    for (const waited of [0, over - LIFE - 1]) {
      clock.advance(waited)
      const error = await refusalOf(call())
      expect(error).toMatchObject({ code, money, facts: { 'again at': at(begun + over), payment: made } })
    }
    clock.advance(1)
    expect((await call()).status).toBe(200)
    expect(paymentHeaders(seller)).toHaveLength(2)
    expect(signatures()).toBe(2)
  })

  it.each([
    ['lost by a method that changes something', drops, post],
    ['lost under a key', drops, keyed],
    ['answered under a key', says(404), keyed],
  ] as const)('error: PAID_PERHAPS for good where it was %s, and nothing says when', async (_what, answer, init) => {
    const { call, clock, signatures, seller } = await openShop(answer, init)
    for (const seconds of [LIFE, 600, 86_400, 31_536_000]) {
      clock.advance(seconds)
      const error = await refusalOf(call())
      expect(error).toMatchObject({ code: 'PAID_PERHAPS', money: 'in-doubt' })
      expect(error.facts['again at']).toBeUndefined()
      expect(error.message).toContain('client.forget')
    }
    expect(paymentHeaders(seller)).toHaveLength(1)
    expect(signatures()).toBe(1)
  })
})

describe('R1, a purchase that is over', () => {
  it('is bought again, which an event tells, and both payments count', async () => {
    const { call, clock, client, again, made, records, paidFetch, seller } = await openShop(drops, once, {
      limits: { total: '$0.02' },
    })
    clock.advance(LIFE + 600)
    expect((await call()).status).toBe(200)
    expect(again).toEqual([made])
    expect(await records()).toMatchObject([
      { state: 'settled', delivery: 'delivered' },
      { id: made, state: 'sent', delivery: 'lost', forgotten: true },
    ])
    expect(await client.spending()).toMatchObject([
      { spent: '$0.01', held: '$0.01' },
      { spent: '$0.01', held: '$0.01' },
    ])
    expect(await refusalOf(paidFetch(`${seller.url}/other`))).toMatchObject({ code: 'LIMIT_TOTAL' })
  })

  it('stays as it is where the limits refuse to buy it again', async () => {
    const { call, clock, again, made, records } = await openShop(drops, once, { limits: { total: '$0.01' } })
    clock.advance(LIFE + 600)
    expect(await refusalOf(call())).toMatchObject({ code: 'LIMIT_TOTAL', money: 'untouched' })
    expect(again).toEqual([])
    const [record] = await records()
    expect(record).toMatchObject({ id: made, state: 'sent' })
    expect(record?.forgotten).toBe(false)
  })
})

describe("R1, `resign: 'when-over'`", () => {
  it.each([
    ['under a key, lost', drops, keyed, LIFE + 600],
    ['under a key, answered', says(404), keyed, 180],
    ['for a POST, lost', drops, post, LIFE + 600],
    ['for a POST, answered', says(409), post, 180],
  ] as const)('buys again once a purchase is over: %s', async (_what, answer, init, over) => {
    const { call, clock, begun, again, made, client, signatures } = await openShop(answer, init, {
      resign: 'when-over',
    })
    clock.advance(over - 1)
    const error = await refusalOf(call())
    expect(error).toMatchObject({ code: 'PAID_PERHAPS', facts: { 'again at': at(begun + over) } })
    clock.advance(1)
    expect((await call()).status).toBe(200)
    expect(again).toEqual([made])
    expect(await client.spending()).toMatchObject([{ spent: '$0.01', held: '$0.01' }])
    expect(signatures()).toBe(2)
  })
})

describe('R1, whoever approves is shown that a purchase was perhaps paid', () => {
  it.each([
    ['lost', drops, once],
    ['lost by a POST', drops, post],
    ['lost under a key', drops, keyed],
    ['answered', says(404), once],
    ['settled by its receipt', says(500, receipt), post],
  ] as const)('and a yes buys it again, where it was %s; both payments count', async (_what, answer, init) => {
    const shown: (string | undefined)[] = []
    const approve = ({ perhapsPaid }: ApprovalRequest) => {
      shown.push(perhapsPaid)
      return true
    }
    const { call, clock, again, made, client, signatures, seller } = await openShop(answer, init, {
      limits: { approve },
    })
    clock.advance(LIFE)
    expect((await call()).status).toBe(200)
    expect(shown).toEqual([undefined, made])
    expect(again).toEqual([made])
    expect(seller.authorizations().size).toBe(2)
    expect(signatures()).toBe(2)
    const [perDay] = await client.spending()
    expect(perDay?.left).toBe('$9.98')
  })

  it('and a no leaves it as it was, with nothing signed', async () => {
    const approve = ({ perhapsPaid }: ApprovalRequest) => perhapsPaid === undefined
    const { call, clock, again, made, records, signatures } = await openShop(drops, post, { limits: { approve } })
    clock.advance(LIFE)
    const refused = { code: 'NOT_APPROVED', money: 'in-doubt' }
    for (const _time of [1, 2]) expect(await refusalOf(call())).toMatchObject(refused)
    expect(again).toEqual([])
    expect(await records()).toMatchObject([{ id: made, state: 'sent', delivery: 'lost', claimed: false }])
    expect(signatures()).toBe(1)
  })

  it('while its payment is alive, it is shown what is presented again, and nothing is paid', async () => {
    const shown: Partial<ApprovalRequest>[] = []
    const approve = ({ resumed, payment, perhapsPaid }: ApprovalRequest) => {
      shown.push({ resumed, payment, perhapsPaid })
      return true
    }
    const { call, made, signatures } = await openShop(drops, post, { limits: { approve } })
    expect((await call()).status).toBe(200)
    expect(shown.at(-1)).toEqual({ resumed: true, payment: made, perhapsPaid: undefined })
    expect(signatures()).toBe(1)
  })
})
