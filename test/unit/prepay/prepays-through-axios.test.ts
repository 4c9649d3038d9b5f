import { Readable } from 'node:stream'
import axios, { type AxiosRequestConfig, isAxiosError } from 'axios'
import axiosRetry from 'axios-retry'
import { describe, expect, it } from 'vitest'
import { wrapAxiosWithPayment } from '../../../src/axios/wrap-axios-with-payment.js'
import type { ClientOptions } from '../../../src/client/options.js'
import { isX402Error } from '../../../src/errors/x402-error.js'
import { paymentOf } from '../../../src/payment/summary.js'
import type { PrepayOptions } from '../../../src/prices/rules.js'
import type { PaymentRequired } from '../../../src/wire/challenge.js'
import { listPaid } from '../../support/begin-to-prepay.js'
import { createBuyer } from '../../support/create-buyer.js'
import { listWarningCodes } from '../../support/list-warnings.js'
import { askToPay, createOffer, createRequired, deliver, sell } from '../../support/offers.js'
import type { Handler } from '../../support/start-seller.js'
import { openSeller } from '../fetch/open-seller.js'

/** What the seller of these tests asks for. */
const terms = createRequired() as PaymentRequired

type Opening = {
  readonly config?: AxiosRequestConfig
  readonly options?: ClientOptions
  readonly prepay?: Omit<PrepayOptions, 'route'>
}

async function open(handler: Handler, { config, options, prepay }: Opening = {}) {
  const seller = await openSeller(handler)
  const buyer = createBuyer({ ...options, prepay: [{ route: seller.url, ...prepay }] })
  const instance = axios.create({ baseURL: seller.url, ...config })
  const warnings = listWarningCodes(buyer.client)
  return { seller, buyer, warnings, api: wrapAxiosWithPayment(instance, buyer.client) }
}

/** Sells for a cent, and for two from the given request on. */
function risesAt(turn: number): Handler {
  let asked = 0
  const dearer = createRequired([createOffer({ amount: '20000' })])
  return (request, response) => {
    const required = ++asked >= turn ? dearer : createRequired()
    if (request.payment?.accepted?.['amount'] === Reflect.get(Reflect.get(required, 'accepts')[0], 'amount')) {
      deliver(response, request)
    } else askToPay(response, required)
  }
}

async function errorOf(answer: Promise<unknown>) {
  const error: unknown = await answer.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (isAxiosError(error)) return error
  throw error
}

const bodies = ({ requests }: Awaited<ReturnType<typeof openSeller>>) => requests.map(({ body }) => String(body))

for (const adapter of ['http', 'fetch'] as const) {
  describe(`prepaying through axios, ${adapter} adapter:`, () => {
    it('asks once and pays five times', async () => {
      const { api, buyer, seller } = await open(sell, { config: { adapter } })
      for (let i = 0; i < 5; i++) {
        const response = await api.get('/weather')
        expect(response).toMatchObject({ status: 200, data: { ok: true } })
        expect(paymentOf(response)).toMatchObject({ money: 'settled', delivery: 'delivered' })
      }
      expect(seller.requests).toHaveLength(6)
      expect([buyer.signatures(), seller.authorizations().size]).toEqual([5, 5])
    })

    it('sends JSON, parameters and headers with the payment as they were', async () => {
      const { api, seller } = await open(sell, { config: { adapter, headers: { 'x-own': 'yes' } } })
      for (const q of [1, 2])
        await api.post('/report', { q }, { params: { page: q }, auth: { username: 'u', password: 'p' } })
      expect(bodies(seller)).toEqual(['{"q":1}', '{"q":1}', '{"q":2}'])
      expect(listPaid(seller.requests)).toEqual([false, true, true])
      const [, second, third] = seller.requests
      expect(third?.path).toBe('/report?page=2')
      const { 'payment-signature': _, ...expected } = second?.headers ?? {}
      expect(third?.headers).toMatchObject(expected)
    })

    it('asks first where the body can be read only once', async () => {
      const { api, seller } = await open(sell, { config: { adapter } })
      await api.post('/report', 'known')
      const stream = adapter === 'http' ? Readable.from(['once']) : new Blob(['once']).stream()
      const error = await errorOf(api.post('/report', stream))
      expect(error).toMatchObject({ status: 402, cause: { code: 'BODY_NOT_REPLAYABLE', money: 'untouched' } })
      expect(bodies(seller)).toEqual(['known', 'known', 'once'])
      expect(listPaid(seller.requests)).toEqual([false, true, false])
    })

    it('sends a form with the payment', async () => {
      const { api, seller } = await open(sell, { config: { adapter } })
      for (const name of ['a', 'b']) {
        const form = new FormData()
        form.append('name', name)
        await api.post('/form', form)
      }
      expect(listPaid(seller.requests)).toEqual([false, true, true])
      expect(bodies(seller)[2]).toContain('name="name"\r\n\r\nb')
    })

    it.each(['text', 'arraybuffer', 'stream'] as const)('gives the body as %s', async (responseType) => {
      const { api, seller } = await open(sell, { config: { adapter, responseType } })
      await api.get('/weather')
      const { data } = await api.get('/weather')
      const isStream = typeof data === 'object' && Symbol.asyncIterator in data
      expect(isStream).toBe(responseType === 'stream')
      expect(isStream ? await new Response(data).text() : Buffer.from(data).toString()).toBe('{"ok":true}')
      expect(listPaid(seller.requests)).toEqual([false, true, true])
    })

    it('ends with the seller’s new 402 when the price rose, and isn’t asked for again by axios-retry', async () => {
      const { api, buyer, seller } = await open(risesAt(3), { config: { adapter } })
      axiosRetry(api, { retries: 5 })
      await api.get('/weather')
      const error = await errorOf(api.get('/weather'))
      expect(error).toMatchObject({ name: 'AxiosError', code: 'ERR_BAD_REQUEST', status: 402 })
      expect(error.cause).toMatchObject({ code: 'PRICE_CHANGED', money: 'in-doubt', response: error.response })
      expect(error.response).toMatchObject({ status: 402, data: {} })
      expect(error.response?.headers['payment-required']).toBeDefined()
      expect(paymentOf(error.response ?? {})).toMatchObject({ money: 'in-doubt', error: error.cause })
      expect([seller.requests.length, buyer.signatures()]).toEqual([3, 2])
    })

    it('gives that 402 as the answer to a caller who takes it for a success', async () => {
      const { api } = await open(risesAt(3), { config: { adapter, validateStatus: () => true } })
      await api.get('/weather')
      const response = await api.get('/weather')
      expect(response).toMatchObject({ status: 402, data: {} })
      expect(paymentOf(response)?.error).toMatchObject({ code: 'PRICE_CHANGED' })
    })

    it('pays the new price once, if the caller said so', async () => {
      const prepay = { onChange: 'pay-new' } as const
      const { api, buyer, seller } = await open(risesAt(3), { config: { adapter }, prepay })
      await api.get('/weather')
      const response = await api.get('/weather')
      expect(response).toMatchObject({ status: 200, data: { ok: true } })
      expect(listPaid(seller.requests)).toEqual([false, true, true, true])
      expect(buyer.signatures()).toBe(3)
    })

    it('warns when the route became free, and asks again', async () => {
      let isFree = false
      const handler: Handler = (request, response) => (isFree ? void response.end('free now') : sell(request, response))
      const { api, seller, warnings } = await open(handler, { config: { adapter } })
      await api.get('/weather')
      isFree = true
      const response = await api.get('/weather')
      expect(response.data).toBe('free now')
      expect(paymentOf(response)).toMatchObject({ money: 'in-doubt', delivery: 'delivered' })
      expect(warnings).toEqual(['PREPAID_WITHOUT_RECEIPT'])
      await api.get('/weather')
      expect(listPaid(seller.requests)).toEqual([false, true, true, false])
    })

    it('shows the seller’s 402 of a call that a person refused, and asks them once', async () => {
      let asked = 0
      const approve = () => ++asked === 1
      const { api, buyer, seller } = await open(sell, { config: { adapter }, options: { limits: { approve } } })
      axiosRetry(api, { retries: 5 })
      await api.get('/weather')
      const error = await errorOf(api.get('/weather'))
      expect(error).toMatchObject({ status: 402, response: { data: {} }, cause: { code: 'NOT_APPROVED' } })
      expect(error.cause).toMatchObject({ money: 'untouched', response: error.response })
      expect([asked, buyer.signatures(), listPaid(seller.requests)]).toEqual([2, 1, [false, true, false]])
    })

    it('presents the same payment when the answer was lost', async () => {
      let turn = 0
      const handler: Handler = (request, response) =>
        ++turn === 3 || turn === 4 ? void response.destroy() : sell(request, response)
      const { api, buyer, seller } = await open(handler, { config: { adapter } })
      await api.post('/weather', 'a')
      const error = await errorOf(api.post('/weather', 'b'))
      expect(error).toMatchObject({ cause: { code: 'ANSWER_LOST', money: 'in-doubt' } })
      expect(error.response).toBeUndefined()
      await errorOf(api.post('/weather', 'b'))
      await api.post('/weather', 'b')
      expect(buyer.signatures()).toBe(2)
      expect(seller.authorizations().size).toBe(2)
    })

    it('gives calls that joined a prepaid one what it bought', async () => {
      const options: ClientOptions = { inFlight: 'join' }
      const { api, seller } = await open(sell, { config: { adapter, responseType: 'stream' }, options })
      const { data: first } = await api.get('/weather')
      await new Response(first).text()
      const all = await Promise.all(['a', 'a', 'a'].map(() => api.get('/weather', { params: { q: 1 } })))
      const texts = await Promise.all(all.map(({ data }) => new Response(data).text()))
      expect(texts).toEqual(['{"ok":true}', '{"ok":true}', '{"ok":true}'])
      for (const { data } of all) expect('pipe' in data).toBe(adapter === 'http')
      expect(seller.authorizations().size).toBe(2)
      expect(listPaid(seller.requests)).toEqual([false, true, true])
    })

    it('can be waited for when the seller only accepted it', async () => {
      const handler: Handler = (request, response) => {
        if (request.path === '/jobs/1') return void response.end('done')
        if (request.payment === undefined || request.path !== '/later') return sell(request, response)
        response.writeHead(202, { location: '/jobs/1' }).end()
      }
      const { api, seller } = await open(handler, { config: { adapter }, prepay: { terms } })
      const response = await api.get('/later')
      expect(response.status).toBe(202)
      expect(await paymentOf(response)?.job?.wait()).toMatchObject({ data: 'done' })
      expect(listPaid(seller.requests)).toEqual([true, false])
    })
  })
}

describe('prepaying through axios:', () => {
  it('is for agents whose hosts are listed, where they are', async () => {
    const seller = await openSeller(sell)
    const { client } = createBuyer({ prepay: [{ route: seller.url }, { route: 'http://localhost:1', terms }] })
    const agent = client.restrict({ hosts: [new URL(seller.url).host] })
    const api = wrapAxiosWithPayment(axios.create(), agent)
    for (let i = 0; i < 2; i++) await api.get(seller.url)
    expect(listPaid(seller.requests)).toEqual([false, true, true])
    expect(await errorOf(api.get('http://localhost:1/'))).toMatchObject({ cause: { code: 'HOST_OUT_OF_REACH' } })
  })

  it('asks first for what the adapter may refuse to send', async () => {
    const prepay = { terms }
    const { api, buyer, seller } = await open(sell, { config: { adapter: 'http', maxBodyLength: 4 }, prepay })
    const error = await errorOf(api.post('/report', 'too long'))
    expect(error.message).toMatch('maxBodyLength')
    await errorOf(api.get('/report', { adapter: 'fetch', data: 'of a GET' }))
    expect([buyer.signatures(), seller.requests]).toEqual([0, []])
  })

  it('asks first with a transport that may follow a redirect', async () => {
    const { default: http } = await import('node:http')
    const { api, seller } = await open(sell, { config: { adapter: 'http', transport: http } })
    for (let i = 0; i < 2; i++) await api.get('/weather')
    expect(listPaid(seller.requests)).toEqual([false, true, false, true])
  })

  it('ends in an error of axios when the prepaid request is redirected elsewhere', async () => {
    let isMoved = false
    const handler: Handler = (request, response) =>
      isMoved ? void response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end() : sell(request, response)
    const { api, buyer } = await open(handler)
    await api.get('/weather')
    isMoved = true
    const error = await errorOf(api.get('/weather'))
    expect(isX402Error(error.cause)).toBe(true)
    expect(error).toMatchObject({
      response: { status: 307 },
      cause: { code: 'REDIRECTED_ELSEWHERE', money: 'in-doubt' },
    })
    expect(buyer.signatures()).toBe(2)
  })
})
