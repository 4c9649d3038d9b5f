import axios from 'axios'
import axiosRetry from 'axios-retry'
import { describe, expect, it } from 'vitest'
import { wrapAxiosWithPayment } from '../../../src/axios/wrap-axios-with-payment.js'
import { paymentOf } from '../../../src/payment/summary.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { createBuyer } from '../../support/create-buyer.js'
import { createGate } from '../../support/money/create-gate.js'
import { drops, inTurn, pays, refuses, says } from '../../support/money/paid-answers.js'
import { askToPay, createRequired, deliver, sell } from '../../support/offers.js'
import type { Handler } from '../../support/start-seller.js'
import { waitForRoom } from '../../support/wait-for-room.js'
import { openSeller } from '../fetch/open-seller.js'

/** Answers the one payment when so many others have joined in its purchase: each lets go of its own 402, whose body has no end. */
function sellWhenJoined(others: number, answer: Handler = pays): Handler {
  const joined: Promise<void>[] = []
  let asked = 0
  return async (request, response) => {
    if (request.payment !== undefined) {
      while (joined.length < others) await new Promise((resolve) => setImmediate(resolve))
      await Promise.all(joined)
      return answer(request, response)
    }
    if (asked++ === 0) return askToPay(response)
    joined.push(new Promise((resolve) => response.on('close', resolve)))
    response.writeHead(402, { 'payment-required': encodeJsonHeader(createRequired()) }).write('endless')
  }
}

const chunk = Buffer.alloc(1_000_000)

for (const adapter of ['http', 'fetch'] as const) {
  describe(`wrapAxiosWithPayment, through the ${adapter} adapter`, () => {
    const open = async (handler: Handler, retries = 0) => {
      const seller = await openSeller(handler)
      const buyer = createBuyer()
      const api = wrapAxiosWithPayment(axios.create({ adapter, baseURL: seller.url }), buyer.client)
      if (retries > 0) axiosRetry(api, { retries })
      return { seller, buyer, api }
    }

    it('makes one authorization for axios-retry and a seller that drops two paid answers', async () => {
      const { seller, buyer, api } = await open(inTurn(drops, drops, pays), 5)
      const response = await api.post('/', { question: 1 })
      expect(response).toMatchObject({ status: 200, data: { ok: true } })
      expect(paymentOf(response)).toMatchObject({ money: 'settled' })
      expect(seller.authorizations().size).toBe(1)
      expect(buyer.signatures()).toBe(1)
      expect(await buyer.records()).toMatchObject([{ state: 'settled', delivery: 'delivered' }])
    })

    it('makes one authorization for axios-retry and a seller that answers 500 twice', async () => {
      const { seller, buyer, api } = await open(inTurn(says(500), says(500), pays), 5)
      expect(await api.get('/')).toMatchObject({ status: 200, data: { ok: true } })
      expect(seller.authorizations().size).toBe(1)
      expect(buyer.signatures()).toBe(1)
    })

    it.each([
      ['breaks off', { maxContentLength: -1 }],
      ['is longer than the caller allows', { maxContentLength: 4 }],
    ])('never lets axios-retry buy again what was answered and %s', async (_, config) => {
      const { seller, api } = await open((request, response) => {
        if (request.payment === undefined) return askToPay(response)
        response.writeHead(200)
        response.write('part of it')
        setImmediate(() => response.destroy())
      }, 5)
      const error: unknown = await api.get('/', config).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ isAxiosError: true, response: { status: 200 } })
      expect(paymentOf((error as { response: object }).response)).toMatchObject({ delivery: 'delivered' })
      expect(seller.authorizations().size).toBe(1)
      expect(seller.requests).toHaveLength(2)
    })

    it('hands a paid stream on as it comes', async () => {
      let sent = 0
      const { api } = await open(async (request, response) => {
        if (request.payment === undefined) return askToPay(response)
        response.writeHead(200)
        for (; sent < 100 && !response.destroyed; sent++) {
          if (!response.write(chunk)) await waitForRoom(response)
        }
        response.end()
      })
      const { data } = await api.get('/', { responseType: 'stream' })
      let received = 0
      for await (const part of data) {
        // What the sockets hold, and no more: whoever keeps the answer would let the seller run ahead.
        received += part.length
        expect(sent * chunk.length - received).toBeLessThan(20 * chunk.length)
      }
      expect(received).toBe(100 * chunk.length)
    })

    it('buys once for calls of one key', async () => {
      const { api, buyer } = await open(sellWhenJoined(2))
      const ask = () => api.get('/', { x402: { purchase: 'order 1' } })
      const answers = await Promise.all([ask(), ask(), ask()])
      expect(answers.map(({ data }) => data)).toEqual(new Array(3).fill({ ok: true }))
      expect(new Set(answers.map((answer) => paymentOf(answer)?.id)).size).toBe(1)
      expect(buyer.signatures()).toBe(1)
    })

    it('buys once for calls of one key through two doors, whichever comes first: the other is refused', async () => {
      const x402 = { purchase: 'order 1' }
      for (const isAxiosFirst of [true, false]) {
        const [paid, refused] = [createGate(), createGate()]
        const { api, buyer, seller } = await open(async (request, response) => {
          if (request.payment === undefined) return askToPay(response)
          paid.open()
          await refused.passed
          deliver(response, request)
        })
        const calls = [
          async () => Buffer.from((await api.get('/', { x402, responseType: 'arraybuffer' })).data).toString(),
          async () => (await buyer.paidFetch(seller.url, { x402 })).text(),
        ]
        if (!isAxiosFirst) calls.reverse()
        const [one, other] = calls
        const first = one?.()
        await paid.passed
        const error: unknown = await other?.().catch((thrown: unknown) => thrown)
        const under = { code: 'PURCHASE_UNDER_WAY', money: 'in-doubt' }
        expect(error).toMatchObject(isAxiosFirst ? under : { isAxiosError: true, cause: under, status: 402 })
        refused.open()
        expect(await first).toBe('{"ok":true}')
        expect(buyer.signatures()).toBe(1)
      }
    })

    it('error: PURCHASE_UNDER_WAY when another door bought under its key before it was asked to pay', async () => {
      const bought = createGate()
      const { api, buyer, seller } = await open(async (request, response) => {
        if (request.payment !== undefined) return deliver(response, request)
        if (request.headers['x-late'] !== undefined) await bought.passed
        askToPay(response)
      })
      const late = api.get('/', { headers: { 'Idempotency-Key': 7, 'x-late': '1' } })
      const refused = expect(late).rejects.toMatchObject({ cause: { code: 'PURCHASE_UNDER_WAY', money: 'settled' } })
      const quick = await buyer.paidFetch(seller.url, { x402: { purchase: '7' } })
      expect(await quick.text()).toBe('{"ok":true}')
      bought.open()
      await refused
      expect(buyer.signatures()).toBe(1)
    })

    it('fails alike for calls of one key', async () => {
      const { api, buyer } = await open(sellWhenJoined(1, refuses('Payment required')))
      const ask = () => api.get('/', { x402: { purchase: 'order 1' } }).catch((error: unknown) => error)
      for (const error of await Promise.all([ask(), ask()])) {
        expect(error).toMatchObject({ isAxiosError: true, status: 402, cause: { code: 'PAYMENT_REJECTED' } })
      }
      expect(buyer.signatures()).toBe(1)
    })

    it('holds a call to what it says for itself', async () => {
      const { api } = await open(sell)
      const dear = api.get('/', { x402: { max: '$0.001' } })
      await expect(dear).rejects.toMatchObject({ cause: { code: 'LIMIT_PER_PAYMENT' } })
      const wrong = api.get('/', { x402: { maximum: '$1' } as object })
      await expect(wrong).rejects.toMatchObject({ cause: { code: 'UNKNOWN_OPTION' } })
    })

    it('tells a price without paying, through the interceptors of a call', async () => {
      const { api, buyer, seller } = await open(sell)
      api.interceptors.request.use((config) => Object.assign(config, { url: `${config.url}?key=1` }))
      const quote = await api.quote('/report')
      expect(quote).toMatchObject({ cost: 'payable', taken: { dollars: '$0.01' }, response: { status: 402, data: {} } })
      expect(seller.requests.map(({ path }) => path)).toEqual(['/report?key=1'])
      expect(buyer.signatures()).toBe(0)
      expect(await api.get('/report')).toMatchObject({ status: 200 })
    })

    it('says of a 404 that its price is unknown', async () => {
      const { api } = await open((_request, response) => void response.writeHead(404).end('nothing'))
      const quote = await api.quote({ url: '/' })
      expect(quote).toMatchObject({
        offers: [],
        cost: 'unknown',
        carriedOut: false,
        response: { status: 404, data: 'nothing' },
      })
    })

    it('says that a POST was carried out where nothing is charged', async () => {
      const { api } = await open((_request, response) => void response.writeHead(201).end('ordered'))
      const quote = await api.quote({ url: '/', method: 'POST', data: 'one' })
      expect(quote).toMatchObject({ cost: 'free', carriedOut: true, response: { status: 201, data: 'ordered' } })
    })

    it('does not call a 402 free that is not x402', async () => {
      const { api } = await open((_request, response) => void response.writeHead(402).end('Send a cheque.'))
      const quote = await api.quote({ url: '/', method: 'POST' })
      expect(quote).toMatchObject({ cost: 'refused', refusal: undefined, carriedOut: false })
    })

    it('tells what is wrong with a price', async () => {
      const { api } = await open((_request, response) =>
        askToPay(response, createRequired(undefined, { x402Version: 9 })),
      )
      await expect(api.quote('/')).rejects.toMatchObject({
        isAxiosError: true,
        response: { status: 402 },
        cause: { code: 'UNSUPPORTED_VERSION' },
      })
    })

    it('lets go of the endless body of a redirect that it follows', async () => {
      const letGo = createGate()
      const { api } = await open((request, response) => {
        if (request.payment === undefined) return askToPay(response)
        if (request.path === '/there') return deliver(response, request)
        response.on('close', letGo.open).writeHead(307, { location: '/there' })
        response.write('endless')
      })
      expect(await api.get('/')).toMatchObject({ status: 200 })
      await letGo.passed
    })
  })
}
