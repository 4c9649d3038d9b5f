import axios from 'axios'
import fetchCookie from 'fetch-cookie'
import ky from 'ky'
import { describe, expect, it } from 'vitest'
import { wrapAxiosWithPayment } from '../../../src/axios/wrap-axios-with-payment.js'
import type { ClientOptions } from '../../../src/client/options.js'
import type { Payer } from '../../../src/client/payer.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { wrapKyWithPayment } from '../../../src/ky/wrap-ky-with-payment.js'
import { createBriskBuyer } from '../../support/money/create-brisk-buyer.js'
import { drops, inTurn, type PaidAnswer, paymentHeaders, pays, says } from '../../support/money/paid-answers.js'
import type { Seller } from '../../support/start-seller.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

/** A seller that begins a new session with every response. */
async function openSessions(...answers: readonly PaidAnswer[]): Promise<Seller> {
  const answer = inTurn(...answers)
  let sessions = 0
  return openSeller((request, response) => {
    response.setHeader('set-cookie', `session=${++sessions}; Path=/`)
    return answer(request, response)
  })
}

/** Where a jar of cookies can be. */
const jars: Readonly<Record<string, (client: Payer) => typeof fetch>> = {
  'around the wrapped fetch': (client) => fetchCookie(wrapFetchWithPayment(fetch, client)) as typeof fetch,
  'below the wrapped fetch': (client) => wrapFetchWithPayment(fetchCookie(fetch) as typeof fetch, client),
}

/** What brings nothing, and then what is bought. */
const tries = [says(500), says(409), drops, pays]

async function callAll(call: () => Promise<Response>): Promise<(number | string)[]> {
  const outcomes: (number | string)[] = []
  for (const _try of tries)
    outcomes.push(
      await call().then(
        ({ status }) => status,
        ({ code }) => code,
      ),
    )
  return outcomes
}

describe("R1, `buyers: 'one'`, whose credentials change between tries: the same payload is presented", () => {
  const options: ClientOptions = { buyers: 'one' }

  it.each(Object.entries(jars))('with a cookie jar %s', async (_where, wrap) => {
    const seller = await openSessions(...tries)
    const buyer = createBriskBuyer(options)
    const jarFetch = wrap(buyer.client)
    expect(await callAll(() => jarFetch(seller.url, { method: 'POST', body: 'draft' }))).toEqual([
      500,
      409,
      'ANSWER_LOST',
      200,
    ])
    expect(new Set(seller.requests.map(({ headers }) => headers.cookie)).size).toBeGreaterThan(2)
    expect(new Set(paymentHeaders(seller)).size).toBe(1)
    expect(buyer.signatures()).toBe(1)
  })

  it('with an Authorization that is signed anew for each try', async () => {
    const seller = await openSeller(inTurn(...tries))
    const buyer = createBriskBuyer(options)
    let signed = 0
    const call = () =>
      buyer.paidFetch(seller.url, {
        method: 'POST',
        body: 'draft',
        headers: { authorization: `Signature ${++signed}` },
      })
    expect(await callAll(call)).toEqual([500, 409, 'ANSWER_LOST', 200])
    expect(new Set(paymentHeaders(seller)).size).toBe(1)
    expect(buyer.signatures()).toBe(1)
  })

  it('but not for another API key', async () => {
    const seller = await openSeller(inTurn(says(500), pays))
    const buyer = createBriskBuyer(options)
    for (const key of ['ann', 'bob']) await buyer.paidFetch(seller.url, { headers: { 'x-api-key': key } })
    expect(seller.authorizations().size).toBe(2)
  })
})

describe('R1, where nothing is said of buyers, changing credentials make one payment', () => {
  it('with a cookie jar below, the same payload', async () => {
    const seller = await openSessions(...tries)
    const buyer = createBriskBuyer()
    const jarFetch = jars['below the wrapped fetch']?.(buyer.client) ?? fetch
    expect(await callAll(() => jarFetch(seller.url, { method: 'POST' }))).toEqual([500, 409, 'ANSWER_LOST', 200])
    expect(new Set(paymentHeaders(seller)).size).toBe(1)
    expect(buyer.signatures()).toBe(1)
  })

  it('with a cookie jar around: the next try is refused untouched, and told what to say', async () => {
    const seller = await openSessions(says(500), pays)
    const buyer = createBriskBuyer()
    const jarFetch = jars['around the wrapped fetch']?.(buyer.client) ?? fetch
    expect((await jarFetch(seller.url)).status).toBe(500)
    for (let times = 0; times < 3; times++) {
      const error = await refusalOf(jarFetch(seller.url))
      expect(error).toMatchObject({ code: 'PAID_PERHAPS', money: 'untouched' })
      expect(error.message).toContain("buyers: 'one'")
    }
    expect(seller.authorizations().size).toBe(1)
    expect(buyer.signatures()).toBe(1)
    buyer.clock.advance(60)
    expect((await jarFetch(seller.url)).status).toBe(200)
  })

  it('with an Authorization that is signed anew for each try: refused untouched, for as long as the first is alive', async () => {
    const seller = await openSeller(inTurn(says(500), pays))
    const buyer = createBriskBuyer()
    let signed = 0
    const call = () => buyer.paidFetch(seller.url, { headers: { authorization: `Signature ${++signed}` } })
    expect((await call()).status).toBe(500)
    buyer.clock.advance(59)
    expect(await refusalOf(call())).toMatchObject({ code: 'PAID_PERHAPS', money: 'untouched' })
    expect(buyer.signatures()).toBe(1)
    buyer.clock.advance(1)
    expect((await call()).status).toBe(200)
    expect(buyer.signatures()).toBe(2)
  })
})

/** Libraries that refresh a token by themselves when it is refused, as their users write it. */
const refreshing: Readonly<Record<string, (url: string, client: Payer) => Promise<number>>> = {
  async 'a hook of ky'(url, client) {
    let token = 'stale'
    const api = wrapKyWithPayment(ky, client).extend({
      retry: 0,
      hooks: {
        beforeRequest: [(request) => request.headers.set('authorization', `Bearer ${token}`)],
        afterResponse: [
          (request, _options, response) => {
            if (response.status !== 401 || token === 'fresh') return undefined
            token = 'fresh'
            return api(request)
          },
        ],
      },
    })
    return (await api(url)).status
  },
  async 'a hook of ky around a wrapped fetch'(url, client) {
    const paidFetch = wrapFetchWithPayment(fetch, client)
    const response = await ky(url, {
      fetch: paidFetch,
      headers: { authorization: 'Bearer stale' },
      hooks: {
        afterResponse: [
          (request, _options, { status }) => {
            if (status !== 401) return undefined
            const refreshed = new Request(request)
            refreshed.headers.set('authorization', 'Bearer fresh')
            return ky(refreshed, { fetch: paidFetch })
          },
        ],
      },
    })
    return response.status
  },
  'an interceptor of axios, by the http adapter': (url, client) => refreshByAxios('http', url, client),
  'an interceptor of axios, by the fetch adapter': (url, client) => refreshByAxios('fetch', url, client),
  async 'a fetch of one’s own'(url, client) {
    const paidFetch = wrapFetchWithPayment(fetch, client)
    const withToken = (token: string) => paidFetch(url, { headers: { authorization: `Bearer ${token}` } })
    const response = await withToken('stale')
    return response.status === 401 ? (await withToken('fresh')).status : response.status
  },
}

async function refreshByAxios(adapter: 'http' | 'fetch', url: string, client: Payer): Promise<number> {
  const api = wrapAxiosWithPayment(axios.create({ adapter }), client)
  api.interceptors.response.use(undefined, (error: unknown) => {
    if (!axios.isAxiosError(error) || error.response?.status !== 401 || error.config === undefined) throw error
    error.config.headers.set('authorization', 'Bearer fresh')
    return api.request(error.config)
  })
  return (await api.get(url, { headers: { authorization: 'Bearer stale' } })).status
}

describe.each(Object.entries(refreshing))('R1, a token that %s refreshes', (_library, ask) => {
  it.each([undefined, 'one'] as const)('is one payment, where buyers are %s', async (buyers) => {
    const seller = await openSeller((request, response) => {
      const isFresh = request.headers.authorization === 'Bearer fresh'
      return inTurn(isFresh ? pays : says(401))(request, response)
    })
    const buyer = createBriskBuyer({ buyers })
    expect(await ask(seller.url, buyer.client)).toBe(200)
    expect(new Set(paymentHeaders(seller)).size).toBe(1)
    expect(buyer.signatures()).toBe(1)
  })
})

describe('R1, a payment that a refreshed token took over', () => {
  it('is presented again by the same call, when the seller says "not now"', async () => {
    const seller = await openSeller(inTurn(says(401), says(503), pays))
    const buyer = createBriskBuyer()
    const call = (token: string) => buyer.paidFetch(seller.url, { headers: { authorization: token } })
    expect((await call('stale')).status).toBe(401)
    expect((await call('fresh')).status).toBe(200)
    expect(new Set(paymentHeaders(seller)).size).toBe(1)
  })

  it('is no longer the refused one’s, once it failed otherwise', async () => {
    const seller = await openSeller(inTurn(says(401), says(500), pays))
    const buyer = createBriskBuyer()
    const call = (token: string) => buyer.paidFetch(seller.url, { headers: { authorization: token } })
    for (const token of ['stale', 'fresh']) await call(token)
    expect(await refusalOf(call('stale'))).toMatchObject({ code: 'PAID_PERHAPS', money: 'untouched' })
    expect((await call('fresh')).status).toBe(200)
    expect(buyer.signatures()).toBe(1)
  })

  it('is found under no name any more, once it was delivered', async () => {
    const seller = await openSeller(inTurn(says(401), pays))
    const buyer = createBriskBuyer()
    const call = (token?: string) =>
      buyer.paidFetch(seller.url, token === undefined ? {} : { headers: { authorization: token } })
    await call()
    for (const token of ['fresh', 'fresh', undefined]) expect((await call(token)).status).toBe(200)
    expect(buyer.signatures()).toBe(3)
  })
})
