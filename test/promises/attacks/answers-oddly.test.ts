import { setTimeout as wait } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import ky from 'ky'
import { describe, expect, it } from 'vitest'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { wrapKyWithPayment } from '../../../src/ky/wrap-ky-with-payment.js'
import { paymentOf } from '../../../src/payment/summary.js'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { createBuyer } from '../../support/create-buyer.js'
import { createGate } from '../../support/money/create-gate.js'
import { inTurn, type PaidAnswer } from '../../support/money/paid-answers.js'
import { askToPay, deliver, sell } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'

/** Ways of sending nothing for a payment. */
const nothings: Readonly<Record<string, PaidAnswer>> = {
  'a part of nothing': (_request, response) => void response.writeHead(206, { 'content-length': '0' }).end(),
  'a status that no one knows': (_request, response) => {
    response.writeHead(299)
    response.flushHeaders()
    response.end()
  },
  'nothing, and an encoding that does nothing': (_request, response) => {
    response.writeHead(200, { 'content-encoding': 'identity' })
    response.flushHeaders()
    response.end()
  },
  'trailers alone': (_request, response) => {
    response.writeHead(200, { trailer: 'x-hash' })
    response.addTrailers({ 'x-hash': '1' })
    response.end()
  },
  'early hints, and then nothing': (_request, response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload' })
    response.writeHead(200)
    response.flushHeaders()
    response.end()
  },
  'an encoding that the body isn’t in': (_request, response) =>
    void response.writeHead(200, { 'content-encoding': 'gzip' }).end('plain'),
  'a compressed length, and a reset': (_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': String(gzipSync('long').length) })
    response.flushHeaders()
    setTimeout(() => response.destroy(), 20)
  },
}

for (const [name, answer] of Object.entries(nothings)) {
  throughEveryDoor(`a seller that answers payments with ${name} is paid three times`, async ({ open, shop }) => {
    const seller = await open(inTurn(answer))
    const shopper = shop()
    for (const thing of ['1', '2', '3', '4', '5', '6', '7', '8'])
      await shopper.request(`${seller.url}/${thing}`).catch(() => undefined)
    expect(seller.authorizations().size).toBe(3)
  })
}

/** Locations that look as if they were the seller's own. */
const locations: Readonly<Record<string, (other: string) => string>> = {
  'without a scheme': (other) => other.replace('http:', ''),
  'with backslashes': (other) => other.replace('http://', '/\\'),
  'with a tab in it': (other) => other.replace('http://', 'ht\ttp://'),
  'with the seller’s name before an @': (other) => other.replace('http://', 'http://127.0.0.1@'),
  'by another name of the loopback': (other) => other.replace('127.0.0.1', 'localhost'),
  'as an IPv6 address': (other) => other.replace('127.0.0.1', '[::ffff:127.0.0.1]'),
}

for (const [name, write] of Object.entries(locations)) {
  throughEveryDoor(
    `a payment follows no redirect to another origin that is written ${name}`,
    async ({ open, shop }) => {
      const other = await open(sell)
      const seller = await open((request, response) => {
        if (request.payment === undefined) return askToPay(response)
        response.writeHead(307, { location: `${write(other.url)}/steal` }).end()
      })
      const shopper = shop()
      await expect(shopper.request(seller.url)).rejects.toMatchObject({ money: 'in-doubt' })
      expect(other.requests).toEqual([])
      expect(seller.authorizations().size).toBe(1)
    },
  )
}

describe('a seller that goes on asking to be paid gets one payment', () => {
  it('by ky, which is told to ask again after a 402 and is wrapped twice', async () => {
    const seller = await openSeller((_request, response) => askToPay(response))
    const { client, signatures } = createBuyer()
    const eager = ky.create({ retry: { limit: 3, delay: () => 1, statusCodes: [402], methods: ['post'] } })
    const api = wrapKyWithPayment(wrapKyWithPayment(eager, client), client)
    await expect(api.post(seller.url)).rejects.toMatchObject({ cause: { code: 'PAYMENT_REJECTED' } })
    expect(signatures()).toBe(1)
    expect(seller.authorizations().size).toBe(1)
  })

  it('by a fetch that is wrapped twice, with one between that makes another response of it', async () => {
    const seller = await openSeller((_request, response) => askToPay(response))
    const { client, signatures } = createBuyer()
    const inner = wrapFetchWithPayment(fetch, client, { refusals: 'return' })
    const between: typeof fetch = async (input, init) => {
      const { body, status, headers } = await inner(input, init)
      return new Response(body, { status, headers })
    }
    const outer = wrapFetchWithPayment(between, client, { refusals: 'return' })
    const response = await outer(seller.url, { method: 'POST' })
    expect(paymentOf(response)?.error?.code).toBe('PAYMENT_REJECTED')
    expect(signatures()).toBe(1)
  })

  it('by a client that holds to less, below one that would pay', async () => {
    const seller = await openSeller(sell)
    const poor = createBuyer({ limits: { perPayment: '$0.001' } }, { refusals: 'return' })
    const rich = createBuyer()
    const response = await wrapFetchWithPayment(poor.paidFetch, rich.client)(seller.url)
    expect(paymentOf(response)?.error?.code).toBe('LIMIT_PER_PAYMENT')
    expect(rich.signatures() + poor.signatures()).toBe(0)
  })
})

throughEveryDoor('a caller who gives up takes nothing from those who joined', async ({ open, shop }) => {
  const [paid, joined] = [createGate(), createGate()]
  let asked = 0
  let sends = 0
  const seller = await open((request, response) => {
    if (request.payment !== undefined && sends++ > 0) return deliver(response, request)
    if (request.payment !== undefined) return paid.open()
    if (++asked === 3) joined.open()
    askToPay(response)
  })
  const shopper = shop()
  const headers = { 'idempotency-key': 'order-1' }
  const caller = new AbortController()
  const first = shopper.request(seller.url, { headers, signal: caller.signal }).catch((error: unknown) => error)
  await paid.passed
  const others = [1, 2].map(() => shopper.request(seller.url, { headers }))
  await joined.passed
  await wait(50)
  caller.abort()
  expect(await first).toMatchObject({ name: 'AbortError' })
  expect((await Promise.all(others)).map(({ text }) => text)).toEqual(['{"ok":true}', '{"ok":true}'])
  expect(shopper.signatures()).toBe(1)
  expect(seller.authorizations().size).toBe(1)
})
