import { describe, expect, it } from 'vitest'
import { wrapFetchWithPayment } from '../../src/fetch/wrap-fetch-with-payment.js'
import { paymentOf } from '../../src/flow/payment.js'
import { openSeller } from '../fetch/open-seller.js'
import { refusalOf } from '../flow/refusal-of.js'
import { calling, createBriskBuyer } from '../money/create-brisk-buyer.js'
import { createGate } from '../money/create-gate.js'
import { createLocalFetch, type LocalRequest, localDelivery, localTerms } from '../money/create-local-fetch.js'
import { drops, inTurn, pays } from '../money/paid-answers.js'
import { sell } from '../support/offers.js'

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

describe('R1, a key', () => {
  it('names the purchase as an Idempotency-Key header does, whatever the request looks like', async () => {
    const seller = await openSeller(inTurn(drops, drops, pays))
    const buyer = createBriskBuyer()
    const headers = { 'Idempotency-Key': 'order-8' }
    await refusalOf(buyer.paidFetch(seller.url, { method: 'POST', body: 'draft 1', headers }))
    await refusalOf(buyer.paidFetch(seller.url, { method: 'POST', body: 'draft 2', headers }))
    const init = calling({ purchase: 'order-8' }, { method: 'POST', body: 'draft 3' })
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
