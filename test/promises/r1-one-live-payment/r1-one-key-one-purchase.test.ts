import { describe, expect, it } from 'vitest'
import type { ClientOptions } from '../../../src/client/options.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { paymentOf } from '../../../src/payment/summary.js'
import { calling, createBriskBuyer } from '../../support/money/create-brisk-buyer.js'
import { createGate } from '../../support/money/create-gate.js'
import {
  createLocalFetch,
  type LocalRequest,
  localDelivery,
  localTerms,
} from '../../support/money/create-local-fetch.js'
import { drops, inTurn, pays } from '../../support/money/paid-answers.js'
import { sell } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

/**
 * A shop in which two calls meet: `paid` passes when the payment of the first is there, `joined` when the second let go of its
 * own 402.
 *
 * @param answers - To paid requests, in turn.
 */
function openShop(...answers: readonly ((request: LocalRequest) => Promise<Response>)[]) {
  const [paid, joined] = [createGate(), createGate()]
  const presented: string[] = []
  let asked = 0
  const localFetch = createLocalFetch((request) => {
    if (request.payment === undefined) return ++asked === 1 ? localTerms() : letGo(localTerms(), joined.open)
    presented.push(request.payment)
    paid.open()
    return answers[presented.length - 1]?.(request) ?? localDelivery()
  })
  const buyer = createBriskBuyer()
  const paidFetch = wrapFetchWithPayment(localFetch, buyer.client)
  const call = (init: RequestInit = {}) =>
    paidFetch('https://seller.example/report', calling({ purchase: 'order-7' }, { method: 'POST', ...init }))
  return { ...buyer, call, paid: paid.passed, joined: joined.passed, presented }
}

/** The same answer, with somebody who hears when its body is let go. */
function letGo({ status, headers }: Response, hear: () => void): Response {
  return new Response(new ReadableStream({ cancel: hear }), { status, headers })
}

/** Answers nothing, until the caller has enough of it. */
function silence({ signal }: LocalRequest): Promise<Response> {
  return new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
}

describe('R1, two calls with one key are one purchase:', () => {
  it('both get the whole answer, with the same payment', async () => {
    const shop = openShop(async () => {
      await shop.joined
      return localDelivery()
    })
    const first = shop.call()
    await shop.paid
    const answers = await Promise.all([first, shop.call()])
    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(['bought', 'bought'])
    expect(new Set(answers.map((answer) => paymentOf(answer)?.id)).size).toBe(1)
    expect(shop.presented).toHaveLength(1)
    expect(shop.signatures()).toBe(1)
  })

  it('both fail with the same error', async () => {
    const shop = openShop(async () => {
      await shop.joined
      throw new TypeError('fetch failed')
    })
    const first = refusalOf(shop.call())
    await shop.paid
    const errors = await Promise.all([first, refusalOf(shop.call())])
    expect(errors).toMatchObject([{ code: 'ANSWER_LOST' }, { code: 'ANSWER_LOST' }])
    expect(shop.signatures()).toBe(1)
  })

  it('each ends with its own signal', async () => {
    const shop = openShop(silence)
    const [first, second] = [new AbortController(), new AbortController()]
    const one = refusalOf(shop.call({ signal: first.signal }))
    await shop.paid
    const other = refusalOf(shop.call({ signal: second.signal }))
    await shop.joined
    const reason = new Error('the second caller went home')
    second.abort(reason)
    first.abort()
    expect((await one).cause).toMatchObject({ name: 'AbortError' })
    expect((await other).cause).toBe(reason)
  })

  it('one outlives the abort of the other that paid: the same payment is presented for it', async () => {
    const shop = openShop(silence)
    const abort = new AbortController()
    const one = refusalOf(shop.call({ signal: abort.signal }))
    await shop.paid
    const other = shop.call()
    await shop.joined
    abort.abort()
    expect(await one).toMatchObject({ code: 'ABORTED', money: 'in-doubt' })
    expect((await other).status).toBe(200)
    expect(shop.signatures()).toBe(1)
  })
})

/** A shop that lets a test hold back its first answers: `asks` are the calls without a payment, in the order in which they came. */
function openSlowShop(options: ClientOptions = {}) {
  const asks: { answer(response: Response): void }[] = []
  const presented: string[] = []
  const localFetch = createLocalFetch((request) => {
    if (request.payment === undefined) return new Promise((answer) => asks.push({ answer }))
    presented.push(request.payment)
    return localDelivery()
  })
  const buyer = createBriskBuyer(options)
  const paidFetch = wrapFetchWithPayment(localFetch, buyer.client)
  const call = (init: RequestInit = {}) => paidFetch('https://seller.example/report', init)
  return { ...buyer, call, asks, presented }
}

describe('R1, two calls with one key of which one is asked to pay only once the other is answered:', () => {
  const key = { headers: { 'Idempotency-Key': 'order-9' } }

  it('they are one purchase, and both get the whole answer', async () => {
    const { call, asks, presented, signatures } = openSlowShop()
    const [first, second] = [call(key), call(calling({ purchase: 'order-9' }))]
    asks[0]?.answer(localTerms())
    const one = await first
    asks[1]?.answer(localTerms())
    const other = await second
    expect(await Promise.all([one.text(), other.text()])).toEqual(['bought', 'bought'])
    expect(paymentOf(other)?.id).toBe(paymentOf(one)?.id)
    expect(presented).toHaveLength(1)
    expect(signatures()).toBe(1)
  })

  it('they are one purchase also when the later one began first', async () => {
    const { call, asks, signatures } = openSlowShop()
    const slow = call(key)
    const quick = call(key)
    asks[1]?.answer(localTerms())
    await (await quick).text()
    asks[0]?.answer(localTerms())
    expect(await (await slow).text()).toBe('bought')
    expect(signatures()).toBe(1)
  })

  it('the later one may be free after all, and the copy for it is let go', async () => {
    const { call, asks, presented } = openSlowShop()
    const [first, second] = [call(key), call(key)]
    asks[0]?.answer(localTerms())
    expect(await (await first).text()).toBe('bought')
    asks[1]?.answer(new Response('free'))
    expect(await (await second).text()).toBe('free')
    expect(presented).toHaveLength(1)
  })

  it('a call that begins after the answer is a new purchase', async () => {
    const { call, asks, signatures } = openSlowShop()
    const first = call(key)
    asks[0]?.answer(localTerms())
    await first
    const second = call(key)
    asks[1]?.answer(localTerms())
    await second
    expect(signatures()).toBe(2)
  })

  it('after a refusal the other one buys for itself', async () => {
    let isAllowed = false
    const { call, asks, signatures } = openSlowShop({ limits: { approve: () => isAllowed } })
    const [first, second] = [call(key), call(key)]
    asks[0]?.answer(localTerms())
    expect(await refusalOf(first)).toMatchObject({ code: 'NOT_APPROVED' })
    isAllowed = true
    asks[1]?.answer(localTerms())
    expect((await second).status).toBe(200)
    expect(signatures()).toBe(1)
  })

  it('without a key they are two purchases', async () => {
    const { call, asks, signatures } = openSlowShop()
    const [first, second] = [call(), call()]
    asks[0]?.answer(localTerms())
    await first
    asks[1]?.answer(localTerms())
    await second
    expect(signatures()).toBe(2)
  })

  it('an answer of another kind is not handed over: the other one is refused, and signs nothing', async () => {
    class OtherResponse extends Response {}
    const buyer = createBriskBuyer()
    const late = createGate()
    const slowFetch: typeof fetch = async () => {
      await late.passed
      const { status, headers } = localTerms()
      return new OtherResponse('{}', { status, headers })
    }
    const url = 'https://seller.example/report'
    const slow = refusalOf(wrapFetchWithPayment(slowFetch, buyer.client)(url, key))
    const quickFetch = createLocalFetch(({ payment }) => (payment === undefined ? localTerms() : localDelivery()))
    await wrapFetchWithPayment(quickFetch, buyer.client)(url, key)
    late.open()
    expect(await slow).toMatchObject({ code: 'PURCHASE_UNDER_WAY', money: 'settled' })
    expect(buyer.signatures()).toBe(1)
  })
})

describe('R1, a key', () => {
  it('names the purchase as an Idempotency-Key header does, whatever the token', async () => {
    const seller = await openSeller(inTurn(drops, drops, pays))
    const buyer = createBriskBuyer()
    const headers = { 'Idempotency-Key': 'order-8' }
    await refusalOf(buyer.paidFetch(seller.url, { method: 'POST', body: 'draft', headers }))
    await refusalOf(
      buyer.paidFetch(seller.url, {
        method: 'POST',
        body: 'draft',
        headers: { ...headers, authorization: 'Bearer 2' },
      }),
    )
    const init = calling(
      { purchase: 'order-8' },
      { method: 'POST', body: 'draft', headers: { authorization: 'Bearer 3' } },
    )
    expect((await buyer.paidFetch(seller.url, init)).status).toBe(200)
    expect(seller.authorizations().size).toBe(1)
    expect(buyer.signatures()).toBe(1)
  })

  it('that differs names another purchase', async () => {
    const seller = await openSeller(sell)
    const buyer = createBriskBuyer()
    await Promise.all(['a', 'b'].map((purchase) => buyer.paidFetch(seller.url, calling({ purchase }))))
    expect(seller.authorizations().size).toBe(2)
  })
})
