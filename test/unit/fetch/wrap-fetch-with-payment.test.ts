import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { type WrapFetchOptions, wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { paymentOf, x402HTTPClient } from '../../../src/index.js'
import type { Ledger } from '../../../src/ledger/index.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { createBuyer } from '../../support/create-buyer.js'
import { createRequired, sell } from '../../support/offers.js'
import { refusalOf } from '../flow/refusal-of.js'
import { openSeller } from './open-seller.js'
import { recordFetch } from './record-fetch.js'

describe('wrapFetchWithPayment: a free call', () => {
  it('hands the very input and init to the given fetch, and its very answer to the caller', async () => {
    const answer = new Response('free')
    const { fetch, calls } = recordFetch(async () => answer)
    const paidFetch = wrapFetchWithPayment(fetch, createBuyer().client)
    const input = new URL('https://api.example.com/free')
    const init = Object.freeze({ method: 'POST', body: 'x' })
    expect(await paidFetch(input, init)).toBe(answer)
    expect(calls).toHaveLength(1)
    expect(calls[0]?.input).toBe(input)
    expect(calls[0]?.init).toBe(init)
  })

  it('hands the very Request on when it has no body', async () => {
    const { fetch, calls } = recordFetch(async () => new Response('free'))
    const request = new Request('https://api.example.com/free')
    await wrapFetchWithPayment(fetch, createBuyer().client)(request)
    expect(calls[0]?.input).toBe(request)
    expect(calls[0]?.init).toBeUndefined()
  })

  it('never asks the ledger', async () => {
    const seller = await openSeller((_request, response) => void response.end('free'))
    const ledger = new Proxy({} as Ledger, { get: () => () => expect.unreachable('the ledger was asked') })
    const { client } = createBuyer({ ledger })
    const response = await wrapFetchWithPayment(fetch, client)(seller.url, { method: 'POST', body: 'x' })
    expect(await response.text()).toBe('free')
  })

  it('rejects as the given fetch rejects', async () => {
    const failure = new TypeError('fetch failed')
    const paidFetch = wrapFetchWithPayment(() => Promise.reject(failure), createBuyer().client)
    await expect(paidFetch('https://api.example.com/free')).rejects.toBe(failure)
  })

  it('hands on a 402 that asks for no payment, as it came', async () => {
    const answer = new Response('{"error":"upgrade your plan"}', { status: 402 })
    const paidFetch = wrapFetchWithPayment(async () => answer, createBuyer().client)
    expect(await paidFetch('https://api.example.com/plan')).toBe(answer)
    expect(await answer.text()).toBe('{"error":"upgrade your plan"}')
  })
})

describe('wrapFetchWithPayment: the paid call', () => {
  it('is called as the unpaid one, with what a runtime adds to init', async () => {
    const seller = await openSeller(sell)
    const { fetch: recorded, calls } = recordFetch((input, init) =>
      fetch(input, { ...init, dispatcher: undefined } as RequestInit),
    )
    const own = { next: { revalidate: 60 }, cf: { cacheTtl: 5 }, dispatcher: { dispatch: true } }
    await wrapFetchWithPayment(recorded, createBuyer().client)(seller.url, own as RequestInit)
    expect(calls).toHaveLength(2)
    for (const { init } of calls) {
      for (const [name, value] of Object.entries(own)) expect(Reflect.get(init ?? {}, name)).toBe(value)
    }
  })

  it('follows no redirect by itself, and is stored by no cache', async () => {
    const [, paid] = await recordPurchase({ redirect: 'follow', cache: 'force-cache' })
    expect(paid?.init).toMatchObject({ redirect: 'manual', cache: 'no-store' })
  })

  it('has the caller’s headers, the payment, and nothing else', async () => {
    const [, paid] = await recordPurchase({ headers: { 'X-Trace': 't' } })
    expect(Object.keys(paid?.init?.headers ?? {})).toEqual(['X-Trace', 'PAYMENT-SIGNATURE'])
  })

  it('leaves the caller’s init as it is', async () => {
    const init = Object.freeze({ method: 'POST', body: 'x', headers: Object.freeze({ 'X-Trace': 't' }) })
    await recordPurchase(init)
    expect(init).toEqual({ method: 'POST', body: 'x', headers: { 'X-Trace': 't' } })
  })

  it('is the call that was made, whatever the caller does with his init meanwhile', async () => {
    const seller = await openSeller(sell)
    const { paidFetch } = createBuyer()
    const init = { method: 'POST', body: 'first', headers: { 'x-trace': 'first' } }
    const first = paidFetch(seller.url, init)
    Object.assign(init, { body: 'second', headers: { 'x-trace': 'second' } })
    await first
    expect(seller.requests.map(({ body, headers }) => `${body} ${headers['x-trace']}`)).toEqual([
      'first first',
      'first first',
    ])
  })

  it('keeps headers that can be read only once, or refuses before signing', async () => {
    const seller = await openSeller(sell)
    const { paidFetch } = createBuyer()
    const headers: Iterable<[string, string]> = new Map([['x-trace', 't']]).entries()
    await paidFetch(seller.url, { headers } as RequestInit).catch((error: unknown) =>
      expect(error).toMatchObject({ money: 'untouched' }),
    )
    expect(seller.requests.map((request) => request.headers['x-trace'])).toEqual(seller.requests.map(() => 't'))
  })

  it('asks a relative address at the place where the given fetch found it', async () => {
    const seller = await openSeller(sell)
    const { fetch: relative, calls } = recordFetch((input, init) => fetch(new URL(String(input), seller.url), init))
    const { client, records } = createBuyer()
    const response = await wrapFetchWithPayment(relative, client)('/weather?city=Lisbon')
    expect(paymentOf(response)?.money).toBe('settled')
    expect(calls.map(({ input }) => input)).toEqual(['/weather?city=Lisbon', '/weather?city=Lisbon'])
    expect(await records()).toMatchObject([{ call: { origin: seller.url, resource: `GET ${seller.url}/weather` } }])
  })

  it('error: URL_NOT_ABSOLUTE when nothing says where a relative address leads', async () => {
    const seller = await openSeller(sell)
    const { fetch: relative } = recordFetch((input, init) =>
      withoutUrl(fetch(new URL(String(input), seller.url), init)),
    )
    const error = await refusalOf(wrapFetchWithPayment(relative, createBuyer().client)('/weather'))
    expect(error).toMatchObject({ code: 'URL_NOT_ABSOLUTE', money: 'untouched' })
  })

  it('error: URL_NOT_ABSOLUTE when a relative address was redirected', async () => {
    const seller = await openSeller((request, response) => {
      if (request.path === '/new') return sell(request, response)
      response.writeHead(302, { location: '/new' })
      response.end()
    })
    const { fetch: relative } = recordFetch((input, init) => fetch(new URL(String(input), seller.url), init))
    const error = await refusalOf(wrapFetchWithPayment(relative, createBuyer().client)('/old'))
    expect(error).toMatchObject({ code: 'URL_NOT_ABSOLUTE', money: 'untouched' })
  })

  it('is not made, and the money is free again, when the call is aborted while the 402 is read to its end', async () => {
    const seller = await openSeller((_request, response) => {
      response.writeHead(402, { 'payment-required': encodeJsonHeader(createRequired()) })
      response.write('endless')
    })
    const { client, paidFetch, records } = createBuyer()
    const abort = new AbortController()
    client.onAfterPaymentCreation(async () => void setImmediate(() => abort.abort()))
    const error = await refusalOf(paidFetch(seller.url, { signal: abort.signal }))
    expect(seller.requests).toHaveLength(1)
    expect(error).toMatchObject({ name: 'AbortError', money: 'released' })
    expect(await records()).toMatchObject([{ state: 'released' }])
  })

  it('pays a HEAD like a GET', async () => {
    const seller = await openSeller(sell)
    const response = await createBuyer().paidFetch(seller.url, { method: 'HEAD' })
    expect(response.status).toBe(200)
    expect(paymentOf(response)).toMatchObject({ money: 'settled', delivery: 'delivered' })
    expect(seller.requests.map(({ method }) => method)).toEqual(['HEAD', 'HEAD'])
  })

  it('takes an x402HTTPClient in place of its client', async () => {
    const seller = await openSeller(sell)
    const response = await wrapFetchWithPayment(fetch, new x402HTTPClient(createBuyer().client))(seller.url)
    expect(paymentOf(response)?.money).toBe('settled')
  })
})

describe('wrapFetchWithPayment: the paid answer', () => {
  it('is the Response of the given fetch, unread', async () => {
    const seller = await openSeller(sell)
    const answers: Response[] = []
    const { fetch: recorded } = recordFetch(async (input, init) => {
      const answer = await fetch(input, init)
      answers.push(answer)
      return answer
    })
    const response = await wrapFetchWithPayment(recorded, createBuyer().client)(seller.url)
    expect(response).toBe(answers[1])
    expect(await response.json()).toEqual({ ok: true })
  })

  it('shows nothing more than any Response to whoever lists, spreads or prints it', async () => {
    const seller = await openSeller(sell)
    const response = await createBuyer().paidFetch(seller.url)
    const free = new Response()
    const names: string[] = []
    for (const name in response) names.push(name)
    expect(names.filter((name) => !(name in free))).toEqual([])
    expect(Reflect.ownKeys({ ...response })).toEqual(Reflect.ownKeys({ ...free }))
    expect(inspect(response)).not.toContain('pay402')
  })

  it('carries a payment that nobody can change', async () => {
    const seller = await openSeller(sell)
    expect(Object.isFrozen(paymentOf(await createBuyer().paidFetch(seller.url)))).toBe(true)
  })

  it('keeps its payment when it is cloned', async () => {
    const seller = await openSeller(sell)
    const response = await createBuyer().paidFetch(seller.url)
    expect(paymentOf(response.clone())).toBe(paymentOf(response))
  })
})

describe('wrapFetchWithPayment: its arguments', () => {
  it.each<[string, unknown, unknown]>([
    ['no fetch', undefined, createBuyer().client],
    ['no client', fetch, undefined],
    ['a client of another make', fetch, { createPaymentPayload: () => undefined }],
    ['both the wrong way round', createBuyer().client, fetch],
  ])('error: INVALID_OPTION when it is given %s', (_what, given, client) => {
    expect(() => wrapFetchWithPayment(given as typeof fetch, client as x402HTTPClient)).toThrow(
      expect.objectContaining({ name: 'ConfigurationError', code: 'INVALID_OPTION', money: 'untouched' }),
    )
  })

  it('error: UNKNOWN_OPTION when an option is misspelt', () => {
    const options = { refusal: 'return' } as WrapFetchOptions
    expect(() => wrapFetchWithPayment(fetch, createBuyer().client, options)).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_OPTION', money: 'untouched' }),
    )
  })

  it.each([{ refusals: 'Throw' }, { replay: 'always' }])('error: INVALID_OPTION when it is given %j', (options) => {
    expect(() => wrapFetchWithPayment(fetch, createBuyer().client, options as WrapFetchOptions)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})

/** Both calls of the given fetch when something is bought. */
async function recordPurchase(init: RequestInit) {
  const seller = await openSeller(sell)
  const { fetch: recorded, calls } = recordFetch()
  expect((await wrapFetchWithPayment(recorded, createBuyer().client)(seller.url, init)).status).toBe(200)
  return calls
}

/** An answer that doesn't say where it came from, as fetches that call an app in the same process make it. */
async function withoutUrl(answer: Promise<Response>): Promise<Response> {
  const { status, headers, body } = await answer
  return new Response(body, { status, headers })
}
