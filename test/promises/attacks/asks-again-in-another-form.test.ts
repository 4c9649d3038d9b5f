import type { ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import axios from 'axios'
import ky from 'ky'
import { describe, expect, it } from 'vitest'
import { wrapAxiosWithPayment } from '../../../src/axios/wrap-axios-with-payment.js'
import { isX402Error } from '../../../src/errors/x402-error.js'
import { wrapKyWithPayment } from '../../../src/ky/wrap-ky-with-payment.js'
import type { PaymentRequired } from '../../../src/wire/challenge.js'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { createBuyer } from '../../support/create-buyer.js'
import { createGate } from '../../support/money/create-gate.js'
import { drops, inTurn, pays } from '../../support/money/paid-answers.js'
import { askToPay, createRequired, deliver, startToDeliver } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'

type Buyer = ReturnType<typeof createBuyer>
type Ask = (buyer: Buyer, url: string, headers: Record<string, string>) => Promise<{ readonly status: number }>

const JSON_BODY = '{"a":1}'

function byFetch(body: BodyInit | undefined): Ask {
  return ({ paidFetch }, url, headers) =>
    paidFetch(url, { method: 'POST', headers, ...(body !== undefined && { body }) })
}

function byRequest(body: string): Ask {
  return ({ paidFetch }, url, headers) => paidFetch(new Request(url, { method: 'POST', body, headers }))
}

function byAxios(data: unknown): Ask {
  return ({ client }, url, headers) => wrapAxiosWithPayment(axios.create(), client).post(url, data, { headers })
}

const byKy: Ask = ({ client }, url, headers) =>
  wrapKyWithPayment(ky.create({ retry: 0 }), client).post(url, { body: JSON_BODY, headers })

/** What a seller can't tell apart: the same bytes, under the same headers. */
const forms: Readonly<Record<string, Readonly<Record<string, Ask>>>> = {
  'an object as JSON': {
    'a string': byFetch(JSON_BODY),
    bytes: byFetch(new TextEncoder().encode(JSON_BODY)),
    'a Blob': byFetch(new Blob([JSON_BODY])),
    'a Request': byRequest(JSON_BODY),
    'what ky makes of it': byKy,
    'what axios makes of it': byAxios({ a: 1 }),
    'a Buffer by axios': byAxios(Buffer.from(JSON_BODY)),
  },
  'a query': {
    'a string': byFetch('a=1'),
    URLSearchParams: byFetch(new URLSearchParams({ a: '1' })),
    'what axios makes of it': byAxios(new URLSearchParams({ a: '1' })),
  },
  nothing: {
    'no body': byFetch(undefined),
    'an empty string': byFetch(''),
    'a Request of an empty string': byRequest(''),
    'no data by axios': byAxios(undefined),
  },
}

/** Each form first, and the next of the list after it. */
const turns = Object.entries(forms).flatMap(([what, asks]) => {
  const all = Object.entries(asks)
  return all.map(([first, ask], index) => {
    const [second, again] = all[(index + 1) % all.length] ?? [first, ask]
    return { what, first, ask, second, again }
  })
})

const HEADERS = { 'content-type': 'application/json' }

describe('a seller that drops a paid answer isn’t paid again by a caller who asks in another form:', () => {
  it.each(turns)('$what, as $first, then as $second', async ({ ask, again }) => {
    const seller = await openSeller(inTurn(drops, pays))
    const buyer = createBuyer()
    await expect(ask(buyer, seller.url, HEADERS)).rejects.toThrow()
    const { status } = await again(buyer, seller.url, HEADERS)
    expect(status).toBe(200)
    expect(seller.authorizations().size).toBe(1)
  })

  it.each(turns)('$what under one key, as $first, then as $second, is the same request', async ({ ask, again }) => {
    const seller = await openSeller(inTurn(drops, pays))
    const buyer = createBuyer()
    const headers = { ...HEADERS, 'idempotency-key': 'order-1' }
    await expect(ask(buyer, seller.url, headers)).rejects.toThrow()
    const outcome = await again(buyer, seller.url, headers).then(({ status }) => status, toCode)
    expect(outcome).toBe(200)
    expect(seller.authorizations().size).toBe(1)
  })
})

/** The same call each time, with a body of its own. */
const repeats: Readonly<Record<string, Ask>> = {
  'a string': byFetch(JSON_BODY),
  bytes: byFetch(new TextEncoder().encode(JSON_BODY)),
  URLSearchParams: byFetch(new URLSearchParams('a=1')),
  'a form': (buyer, url, headers) => byFetch(createForm())(buyer, url, headers),
  'a Request': byRequest(JSON_BODY),
  'JSON by ky': byKy,
  'JSON by axios': byAxios({ a: 1 }),
  'a Buffer by axios': byAxios(Buffer.from(JSON_BODY)),
  'a form by axios': (buyer, url) => wrapAxiosWithPayment(axios.create(), buyer.client).postForm(url, { a: 1 }),
}

/** The address of the second call, which is the same one. */
const addresses: Readonly<Record<string, (url: string) => string>> = {
  'the same address': (url) => url,
  'another fragment': (url) => `${url}#again`,
  'the address that a URL makes of it': (url) => new URL(url).href,
}

describe('a tool whose framework asks again pays once to a seller that names its price to the second call late,', () => {
  const cases = [
    ...Object.entries(repeats).map(([form, ask]) => ({ form, ask, address: 'the same address' })),
    ...Object.keys(addresses).map((address) => ({ form: 'a string', ask: byFetch(JSON_BODY), address })),
  ]

  it.each(cases)('with $form and $address', async ({ ask, address }) => {
    const [first, second, answered] = [createGate(), createGate(), createGate()]
    let asks = 0
    const seller = await openSeller(async (request, response) => {
      if (request.payment !== undefined) {
        await second.passed
        return deliver(response, request)
      }
      if (++asks === 1) first.open()
      else {
        second.open()
        await answered.passed
      }
      askToPay(response)
    })
    const buyer = createBuyer({ inFlight: 'join' })
    const calls = [ask(buyer, seller.url, {})]
    await first.passed
    calls.push(ask(buyer, addresses[address]?.(seller.url) ?? seller.url, {}))
    await calls[0]
    answered.open()
    await Promise.all(calls)
    expect(buyer.signatures()).toBe(1)
    expect(seller.authorizations().size).toBe(1)
  })
})

throughEveryDoor(
  'a tool whose framework asks again pays once to a seller whose body goes on',
  async ({ open, shop }) => {
    const begun = createGate()
    const answers: ServerResponse[] = []
    const seller = await open((request, response) => {
      startToDeliver(request, response)
      if (request.payment === undefined) return
      answers.push(response)
      begun.open()
    })
    const shopper = shop({}, (client) => client.restrict({ reach: 'anywhere', total: '$1' }))
    const first = shopper.request(seller.url)
    await begun.passed
    await wait(100)
    const second = shopper.request(seller.url)
    await wait(200)
    for (const answer of answers) answer.end('true}')
    expect((await Promise.all([first, second])).map(({ text }) => text)).toEqual(['{"ok":true}', '{"ok":true}'])
    expect(shopper.signatures()).toBe(1)
  },
)

function createForm(): FormData {
  const form = new FormData()
  form.set('a', '1')
  return form
}

describe('a payment that is handed out', () => {
  const required = createRequired() as unknown as PaymentRequired

  it.each(['GET', 'get'])('is the lost one of the same purchase, with its method written %s', async (method) => {
    const seller = await openSeller(inTurn(drops))
    const { client, paidFetch, signatures } = createBuyer()
    await expect(paidFetch(seller.url)).rejects.toThrow()
    await client.createPaymentPayload(required, { url: seller.url, method })
    expect(signatures()).toBe(1)
  })

  it('is one for a tool whose framework races a timer and asks again', async () => {
    const { client, signatures } = createBuyer()
    const tool = client.restrict({ reach: 'anywhere' })
    const ask = () => tool.createPaymentPayload(required, { url: 'http://127.0.0.1/it' })
    const payloads = await Promise.all([ask(), ask()])
    expect(new Set(payloads.map(({ payload }) => JSON.stringify(payload))).size).toBe(1)
    expect(signatures()).toBe(1)
  })
})

function toCode(error: unknown): string {
  const own = isX402Error(error) ? error : Reflect.get(new Object(error), 'cause')
  return isX402Error(own) ? own.code : String(error)
}
