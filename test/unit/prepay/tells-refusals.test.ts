import type { ServerResponse } from 'node:http'
import axios, { isAxiosError } from 'axios'
import axiosRetry from 'axios-retry'
import ky from 'ky'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { wrapAxiosWithPayment } from '../../../src/axios/wrap-axios-with-payment.js'
import { isX402Error } from '../../../src/errors/x402-error.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { wrapKyWithPayment } from '../../../src/ky/index.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { paymentOf } from '../../../src/payment/summary.js'
import { beginToPrepay } from '../../support/begin-to-prepay.js'
import { askToPay } from '../../support/offers.js'

/** What a call was rejected with. */
async function errorOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe('PRICE_CHANGED', () => {
  it('is what the response says, too', async () => {
    const { seller, buy } = await beginToPrepay()
    seller.change({ amount: '20000' })
    const error = await errorOf(buy())
    if (!isX402Error(error)) throw error
    const response = error.response as Response
    expect(paymentOf(response)).toMatchObject({ money: 'in-doubt', error, terms: { amount: '10000' } })
    expect(paymentOf(response)?.id).toBeDefined()
    expect(paymentOf(response.clone())?.error).toBe(error)
  })

  it('is what each response says of calls that joined', async () => {
    const { seller, buy } = await beginToPrepay({ inFlight: 'join' })
    seller.change({ amount: '20000' })
    const errors = await Promise.all([errorOf(buy()), errorOf(buy())])
    for (const error of errors) {
      if (!isX402Error(error)) throw error
      expect(paymentOf(error.response as Response)?.error).toMatchObject({ code: 'PRICE_CHANGED' })
    }
  })

  it('comes with the response where refusals are returned', async () => {
    const { seller, buy } = await beginToPrepay({}, { wrap: { refusals: 'return' } })
    seller.change({ amount: '20000' })
    const response = await buy()
    expect(response.status).toBe(402)
    expect(paymentOf(response)).toMatchObject({ money: 'in-doubt', error: { code: 'PRICE_CHANGED' } })
  })
})

/** Why a call is refused before anything is sent for it, although the money of an earlier one is gone or in doubt, or the ledger is down. */
const refused = {
  async ALREADY_BOUGHT() {
    const begun = await beginToPrepay({ purchaseFor: 600 })
    await begun.buy({ x402: { purchase: 'one' } })
    return { ...begun, x402: { purchase: 'one' } }
  },
  async PURCHASE_UNDER_WAY() {
    const begun = await beginToPrepay({ inFlight: 'refuse' })
    const abort = new AbortController()
    begun.seller.answer((request, response) => (request.payment === undefined ? askToPay(response) : undefined))
    const first = begun.buy({ signal: abort.signal })
    await vi.waitUntil(() => begun.seller.authorizations().size === 2)
    onTestFinished(async () => {
      abort.abort()
      await expect(first).rejects.toMatchObject({ code: 'ABORTED' })
    })
    return { ...begun, x402: {} }
  },
  async LEDGER_UNAVAILABLE() {
    const memory = createMemoryLedger()
    let isDown = false
    const claim: typeof memory.claim = (claimant) =>
      isDown ? Promise.reject(new Error('the disk is full')) : memory.claim(claimant)
    const begun = await beginToPrepay({ ledger: { ...memory, claim } })
    isDown = true
    return { ...begun, x402: {} }
  },
}

describe.each(Object.entries(refused))('%s of a call that would have been prepaid', (code, open) => {
  it('is thrown by fetch, and the seller is asked nothing', async () => {
    const { seller, buy, x402 } = await open()
    const [asked] = seller.counts()
    await expect(buy({ x402 })).rejects.toMatchObject({ code })
    expect(seller.counts()[0]).toBe(asked)
  })

  it('comes with the seller’s own 402 where fetch returns refusals', async () => {
    const { seller, buyer, x402 } = await open()
    const response = await wrapFetchWithPayment(fetch, buyer.client, { refusals: 'return' })(seller.url, { x402 })
    expect(response.status).toBe(402)
    expect(await response.text()).toBe('{}')
    expect(paymentOf(response)?.error).toMatchObject({ code, response })
  })

  it('is an AxiosError of the seller’s own 402, and isn’t tried again', async () => {
    const { seller, buyer, x402 } = await open()
    const [asked] = seller.counts()
    const api = wrapAxiosWithPayment(axios.create(), buyer.client)
    axiosRetry(api, { retries: 5 })
    const error = await errorOf(api.get(seller.url, { x402 }))
    if (!isAxiosError(error)) throw error
    expect(error).toMatchObject({ code: 'ERR_BAD_REQUEST', status: 402, response: { data: {} }, cause: { code } })
    expect(paymentOf(error.response ?? {})?.error).toBe(error.cause)
    expect(seller.counts()[0]).toBe(asked + 1)
  })

  it('is an HTTPError of the seller’s own 402 through ky, which doesn’t try again', async () => {
    const { seller, buyer, x402 } = await open()
    const [asked] = seller.counts()
    const api = wrapKyWithPayment(ky.create({ retry: { limit: 5, delay: () => 0 } }), buyer.client)
    const error = await errorOf(api.get(seller.url, { x402 }))
    expect(error).toMatchObject({ name: 'HTTPError', response: { status: 402 }, cause: { code } })
    expect(seller.counts()[0]).toBe(asked + 1)
  })
})

describe('a payment that left', () => {
  it.each([
    ['the response is lost', (response: ServerResponse) => response.destroy(), 'ANSWER_LOST'],
    [
      'it is redirected elsewhere',
      (response: ServerResponse) => response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(),
      'REDIRECTED_ELSEWHERE',
    ],
  ])('is thrown as in doubt where %s, whatever is to become of refusals', async (_, answer, code) => {
    const { seller, buy } = await beginToPrepay({}, { wrap: { refusals: 'return' } })
    seller.answer((_, response) => answer(response))
    await expect(buy({ x402: { redeliver: 'never' } })).rejects.toMatchObject({ code, money: 'in-doubt' })
    expect(seller.authorizations().size).toBe(2)
  })
})
