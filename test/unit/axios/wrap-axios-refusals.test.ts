import { inspect } from 'node:util'
import axios, { type AxiosError, type AxiosInstance, type AxiosRequestConfig } from 'axios'
import axiosRetry from 'axios-retry'
import { describe, expect, it } from 'vitest'
import { wrapAxiosWithPayment } from '../../../src/axios/wrap-axios-with-payment.js'
import { isX402Error } from '../../../src/errors/x402-error.js'
import { paymentOf } from '../../../src/payment/summary.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { createBuyer } from '../../support/create-buyer.js'
import { drops, inTurn, refuses } from '../../support/money/paid-answers.js'
import { stopTimers } from '../../support/money/stop-timers.js'
import { askToPay, createOffer, createRequired, sell } from '../../support/offers.js'
import type { Handler } from '../../support/start-seller.js'
import { waitForRoom } from '../../support/wait-for-room.js'
import { openSeller } from '../fetch/open-seller.js'

/** A purchase that the limits refuse. */
const tooDear = createRequired([createOffer({ amount: '9000000' })])

const asksTooMuch: Handler = (_request, response) => askToPay(response, tooDear)

async function open(handler: Handler, config: AxiosRequestConfig) {
  const seller = await openSeller(handler)
  const buyer = createBuyer()
  return { seller, buyer, api: wrapAxiosWithPayment(axios.create({ baseURL: seller.url, ...config }), buyer.client) }
}

/** The body alone, as a log of it shows it. */
function bodyOf(outcome: unknown): unknown {
  const answer = axios.isAxiosError(outcome) ? outcome.response : outcome
  return typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'data') : undefined
}

async function failureOf(api: AxiosInstance, config: AxiosRequestConfig = {}): Promise<AxiosError> {
  const error: unknown = await api.request(config).catch((thrown: unknown) => thrown)
  if (!axios.isAxiosError(error)) throw error
  return error
}

for (const adapter of ['http', 'fetch'] as const) {
  describe(`a refusal, through the ${adapter} adapter`, () => {
    it('is an AxiosError that shows the seller’s own 402, with our error as its cause', async () => {
      const { api, buyer, seller } = await open(asksTooMuch, { adapter })
      const error = await failureOf(api)
      expect(error).toMatchObject({ name: 'AxiosError', code: 'ERR_BAD_REQUEST', status: 402 })
      expect(error.response).toMatchObject({ status: 402, statusText: 'Payment Required', data: {} })
      expect(error.response?.headers['payment-required']).toBeDefined()
      expect(error.config?.baseURL).toBe(seller.url)
      expect(error.cause).toMatchObject({ code: 'LIMIT_PER_PAYMENT', money: 'untouched', response: error.response })
      expect(paymentOf(error.response ?? {})).toMatchObject({ money: 'untouched', error: error.cause })
      expect(buyer.signatures()).toBe(0)
    })

    it.each(['text', 'arraybuffer', 'stream'] as const)('can be read as %s', async (responseType) => {
      const { api } = await open(asksTooMuch, { adapter, responseType })
      const { response } = await failureOf(api)
      const data: unknown = response?.data
      const isStream = typeof data === 'object' && data !== null && Symbol.asyncIterator in data
      expect(isStream).toBe(responseType === 'stream')
      const body = isStream ? await new Response(data as ReadableStream).text() : data
      expect(typeof body === 'string' ? body : Buffer.from(body as ArrayBuffer).toString()).toBe('{}')
    })

    it('is the answer for a caller who takes a 402 for a success', async () => {
      const { api } = await open(asksTooMuch, { adapter, validateStatus: () => true })
      const response = await api.get('/')
      expect(response).toMatchObject({ status: 402, data: {} })
      expect(paymentOf(response)?.error).toMatchObject({ code: 'LIMIT_PER_PAYMENT' })
    })

    it.each([
      ['by the limits', asksTooMuch, 1],
      ['for terms that can’t be read', (_request, response) => askToPay(response, createRequired([])), 1],
      ['by the seller', inTurn(refuses('Payment required')), 2],
      [
        'for a redirect',
        inTurn((_request, response) => void response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end()),
        2,
      ],
    ] satisfies [string, Handler, number][])(
      'isn’t asked for again by axios-retry: %s',
      async (_, handler, requests) => {
        const { api, seller } = await open(handler, { adapter })
        axiosRetry(api, { retries: 5 })
        const error = await failureOf(api)
        expect(isX402Error(error.cause)).toBe(true)
        expect(error.response).toBeDefined()
        expect(seller.requests).toHaveLength(requests)
      },
    )

    it('isn’t held up by an endless body', async () => {
      const endless: Handler = async (_request, response) => {
        response.writeHead(402, { 'payment-required': encodeJsonHeader(tooDear) })
        while (!response.destroyed) {
          if (!response.write('x'.repeat(10_000))) await waitForRoom(response)
        }
      }
      const { api } = await open(endless, { adapter })
      const error = await failureOf(api)
      expect(error.cause).toMatchObject({ code: 'LIMIT_PER_PAYMENT' })
      expect(String(error.response?.data).length).toBeLessThan(200_000)
    })

    it('by the seller shows the second 402, and the money in doubt', async () => {
      const { api } = await open(inTurn(refuses('Payment required')), { adapter })
      const error = await failureOf(api)
      expect(error).toMatchObject({ status: 402, cause: { code: 'PAYMENT_REJECTED', money: 'in-doubt' } })
      expect(paymentOf(error.response ?? {})).toMatchObject({ money: 'in-doubt', error: { code: 'PAYMENT_REJECTED' } })
    })
  })

  describe(`a lost answer, through the ${adapter} adapter`, () => {
    it.each([
      ['ECONNABORTED', {}],
      ['ETIMEDOUT', { transitional: { clarifyTimeoutError: true } }],
    ])('has the code of axios when it doesn’t come in time: %s', async (code, config) => {
      const pass = stopTimers()
      const { api, buyer } = await open(
        inTurn(() => pass(20_000)),
        { adapter, timeout: 20_000, ...config },
      )
      const error = await failureOf(api, { method: 'post' })
      // Axios's fetch adapter knows but one of them.
      const expected = adapter === 'fetch' ? 'ETIMEDOUT' : code
      expect(error).toMatchObject({ code: expected, cause: { code: 'ANSWER_LOST', money: 'in-doubt' } })
      expect(error.response).toBeUndefined()
      expect(await buyer.records()).toMatchObject([{ state: 'sent', delivery: 'lost' }])
    })

    it('is waited for as long as the option says', async () => {
      const pass = stopTimers()
      const seller = await openSeller(inTurn(() => pass(30_000)))
      const instance = axios.create({ adapter, timeout: 60_000 })
      const api = wrapAxiosWithPayment(instance, createBuyer().client, { timeouts: { paidMs: 30_000 } })
      const error = await failureOf(api, { url: seller.url, method: 'post' })
      expect(error).toMatchObject({ code: 'ECONNABORTED', cause: { code: 'ANSWER_LOST' } })
    })

    it('stays a CanceledError when the caller gave up, with where the money is', async () => {
      const abort = new AbortController()
      const { api } = await open(
        inTurn(() => abort.abort()),
        { adapter },
      )
      const error = await failureOf(api, { signal: abort.signal })
      expect(axios.isCancel(error)).toBe(true)
      expect(error).toMatchObject({ code: 'ERR_CANCELED', cause: { code: 'ABORTED', money: 'in-doubt' } })
    })

    it('keeps the words of a CancelToken', async () => {
      const source = axios.CancelToken.source()
      const { api } = await open(
        inTurn(() => source.cancel('enough')),
        { adapter },
      )
      const error = await failureOf(api, { cancelToken: source.token })
      expect(error).toMatchObject({ name: 'CanceledError', message: 'enough', cause: { money: 'in-doubt' } })
    })

    it('signs nothing when the caller gives up before the payment', async () => {
      const abort = new AbortController()
      const handler: Handler = (_request, response) => {
        response.writeHead(402)
        response.write('{"x402Version":')
        setImmediate(() => abort.abort())
      }
      const { api, buyer } = await open(handler, { adapter, signal: abort.signal })
      await failureOf(api)
      expect(buyer.signatures()).toBe(0)
    })
  })

  describe(`what a log shows, through the ${adapter} adapter`, () => {
    it.each([
      ['a paid answer', sell, {}],
      ['a paid stream', sell, { responseType: 'stream' }],
      ['a refused payment', inTurn(refuses('Payment required')), {}],
      ['a paid failure', inTurn((_request, response) => void response.writeHead(500).end()), {}],
      [
        'a paid failure as a stream',
        inTurn((_request, response) => void response.writeHead(404).end()),
        { responseType: 'stream' },
      ],
      ['a lost answer', inTurn(drops), { x402: { redeliver: 'never' } }],
    ] satisfies [string, Handler, AxiosRequestConfig][])('is no payment: %s', async (_, handler, config) => {
      const { api, seller } = await open(handler, { adapter, ...config })
      const outcome: unknown = await api.get('/').catch((error: unknown) => error)
      const sent = String(seller.requests.at(-1)?.headers['payment-signature'])
      expect(sent.length).toBeGreaterThan(100)
      for (const shown of [outcome, bodyOf(outcome)]) {
        expect(inspect(shown, { maxStringLength: null, depth: 12 })).not.toContain(sent.slice(0, 60))
      }
      expect(JSON.stringify(axios.isAxiosError(outcome) ? outcome : {})).not.toContain(sent.slice(0, 60))
    })
  })
}

it('a lost answer, through the http adapter, holds no connection once the payment can’t be taken any more', async () => {
  const required = createRequired([createOffer({ maxTimeoutSeconds: 1 })])
  let held = 0
  const { api } = await open(
    (request, response) => {
      if (request.payment === undefined) return askToPay(response, required)
      held += 1
      response.on('close', () => {
        held -= 1
      })
    },
    { adapter: 'http' },
  )
  const error = await failureOf(api)
  expect(error.cause).toMatchObject({ code: 'ANSWER_LOST', money: 'in-doubt' })
  await expect.poll(() => held).toBe(0)
})
