import ky, { type Options } from 'ky'
import ky2 from 'ky2'
import { describe, expect, it } from 'vitest'
import type { ClientOptions } from '../../../src/client/options.js'
import { isX402Error } from '../../../src/errors/x402-error.js'
import { paymentOf, wrapKyWithPayment } from '../../../src/ky/index.js'
import { createBriskBuyer } from '../../support/money/create-brisk-buyer.js'
import { stopTimers } from '../../support/money/stop-timers.js'
import { askToPay, createOffer, createRequired, deliver, sell } from '../../support/offers.js'
import type { Handler } from '../../support/start-seller.js'
import { openSeller } from '../fetch/open-seller.js'
import { refusalOf } from '../flow/refusal-of.js'

/** Never retried by ky for its status, and too dear. */
const tooDear: Handler = (_request, response) =>
  askToPay(response, createRequired([createOffer({ amount: '9000000' })]))

/** Both versions take the options of these tests; ky 2 reads `prefix` where ky 1 reads `prefixUrl`. */
const versions: Record<string, { ky: typeof ky; prefix: (url: string) => Options }> = {
  'ky 1': { ky, prefix: (prefixUrl) => ({ prefixUrl }) },
  'ky 2': { ky: ky2 as never, prefix: (prefix) => new Object({ prefix }) },
}

/** What a promise of ky was rejected with. */
async function errorOf(answer: Promise<unknown>): Promise<Error> {
  const error: unknown = await answer.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof Error) return error
  throw new Error('it was not rejected')
}

describe.each(Object.entries(versions))('wrapKyWithPayment, %s:', (_version, { ky, prefix }) => {
  const wrap = (options: ClientOptions = {}, defaults: Options = {}) => {
    const buyer = createBriskBuyer(options)
    return { ...buyer, api: wrapKyWithPayment(ky.create(defaults), buyer.client) }
  }

  it('pays once and gives what `json()` reads', async () => {
    const seller = await openSeller(sell)
    const { api, signatures } = wrap()
    expect(await api.get(seller.url).json()).toEqual({ ok: true })
    expect(signatures()).toBe(1)
    expect(seller.requests).toHaveLength(2)
  })

  it("asks what an agent may not ask no second time, and goes on retrying as the caller's own rule says", async () => {
    const { client } = createBriskBuyer()
    const asked: string[] = []
    const broken = async (input: RequestInfo | URL) => {
      asked.push(input instanceof Request ? input.url : String(input))
      throw new TypeError('fetch failed')
    }
    const tried: unknown[] = []
    const shouldRetry = ({ error }: { error: Error }) => {
      tried.push(error)
      return tried.length < 2
    }
    const retry = { limit: 5, delay: () => 0, shouldRetry }
    const agent = client.restrict({ hosts: ['a.example'] })
    const api = wrapKyWithPayment(ky.create({ fetch: broken, retry }), agent)
    const error = await errorOf(api('https://b.example'))
    expect([error, error.cause].filter((one) => isX402Error(one))).toMatchObject([{ code: 'HOST_OUT_OF_REACH' }])
    expect([asked, tried]).toEqual([[], []])
    await errorOf(api('https://a.example'))
    expect(asked).toEqual(['https://a.example/', 'https://a.example/'])
  })

  it('tells what was paid, also of a clone', async () => {
    const seller = await openSeller(sell)
    const response = await wrap().api(seller.url)
    expect(paymentOf(response)).toMatchObject({ money: 'settled', delivery: 'delivered' })
    expect(paymentOf(response.clone())).toMatchObject({ money: 'settled' })
  })

  it('sends a json body, search parameters and headers again as they were', async () => {
    const seller = await openSeller(sell)
    const { api } = wrap({}, { ...prefix(`${seller.url}/v1`), headers: { 'x-own': 'yes' } })
    await api.post('report', { json: { question: 'why' }, searchParams: { page: 2 } })
    expect(seller.requests.map(({ path }) => path)).toEqual(['/v1/report?page=2', '/v1/report?page=2'])
    expect(seller.requests.map(({ body }) => String(body))).toEqual(['{"question":"why"}', '{"question":"why"}'])
    expect(seller.requests.map(({ headers }) => headers['x-own'])).toEqual(['yes', 'yes'])
  })

  it('ends what isn’t paid as an HTTPError of the seller’s 402 with our error as its cause, and asks once', async () => {
    const seller = await openSeller(tooDear)
    const { api, signatures } = wrap({}, { retry: 5 })
    const error = await errorOf(api.get(seller.url))
    expect(error).toMatchObject({ name: 'HTTPError', response: { status: 402 } })
    expect(error.cause).toMatchObject({ code: 'LIMIT_PER_PAYMENT', money: 'untouched' })
    expect(isX402Error(error.cause)).toBe(true)
    expect(seller.requests).toHaveLength(1)
    expect(signatures()).toBe(0)
  })

  it('asks a person once, whatever ky retries', async () => {
    const seller = await openSeller(sell)
    let asked = 0
    const { api } = wrap({ limits: { approve: () => ++asked > 100 } }, { retry: 5 })
    expect((await errorOf(api.get(seller.url))).cause).toMatchObject({ code: 'NOT_APPROVED' })
    expect(asked).toBe(1)
  })

  it('returns the seller’s 402 where `throwHttpErrors` is off, with the error beside it', async () => {
    const seller = await openSeller(tooDear)
    const response = await wrap().api(seller.url, { throwHttpErrors: false })
    expect(response.status).toBe(402)
    expect(await response.text()).toBe('{}')
    expect(paymentOf(response)?.error).toMatchObject({ code: 'LIMIT_PER_PAYMENT' })
  })

  it('delivers with one authorization when the first two paid answers are dropped', async () => {
    let paid = 0
    const seller = await openSeller((request, response) => {
      if (request.payment === undefined) return askToPay(response)
      if (++paid <= 2) response.destroy()
      else deliver(response, request)
    })
    const { api, signatures, records } = wrap({}, { retry: { limit: 5, delay: () => 1 } })
    expect(await api.get(seller.url).json()).toEqual({ ok: true })
    expect(signatures()).toBe(1)
    expect(seller.authorizations().size).toBe(1)
    expect(await records()).toMatchObject([{ state: 'settled' }])
  })

  it('presents the same payment in each retry of ky’s own', async () => {
    let paid = 0
    const seller = await openSeller((request, response) => {
      if (request.payment === undefined) return askToPay(response)
      if (++paid <= 4) response.writeHead(500).end()
      else deliver(response, request)
    })
    const { api, signatures } = wrap({ circuit: false }, { retry: { limit: 5, delay: () => 1 } })
    expect(await api.get(seller.url).json()).toEqual({ ok: true })
    expect(signatures()).toBe(1)
    expect(seller.authorizations().size).toBe(1)
  })

  it('leaves the money in doubt when ky’s timeout strikes, and the same call presents the same payment', async () => {
    const pass = stopTimers()
    let isSlow = true
    const seller = await openSeller((request, response) => {
      if (request.payment === undefined) return askToPay(response)
      if (isSlow) pass(5000)
      else deliver(response, request)
    })
    const { api, client, signatures } = wrap({}, { retry: 0 })
    expect(await errorOf(api.get(seller.url, { timeout: 5000 }))).toMatchObject({ name: 'TimeoutError' })
    expect(await client.inDoubt()).toHaveLength(1)
    isSlow = false
    expect(await api.get(seller.url).json()).toEqual({ ok: true })
    expect(signatures()).toBe(1)
    expect(seller.authorizations().size).toBe(1)
  })

  it('runs hooks once for each attempt of ky’s', async () => {
    const seller = await openSeller(sell)
    const calls: string[] = []
    const { api } = wrap(
      {},
      {
        hooks: { beforeRequest: [() => void calls.push('before')], afterResponse: [() => void calls.push('after')] },
      },
    )
    await api.get(seller.url)
    expect(calls).toEqual(['before', 'after'])
  })

  it('shows the cause to hooks that were there before', async () => {
    const seller = await openSeller(tooDear)
    const seen: unknown[] = []
    const look = (given: object) => {
      const error = given instanceof Error ? given : Reflect.get(given, 'error')
      seen.push(error.cause?.code)
      return error
    }
    await errorOf(wrap({}, { hooks: { beforeError: [look] } }).api.get(seller.url))
    expect(seen).toEqual(['LIMIT_PER_PAYMENT'])
  })

  it('pays through instances that are extended from it, and through the fetch of the one it wraps', async () => {
    const seller = await openSeller(sell)
    const urls: string[] = []
    const own: typeof fetch = (input, init) => {
      urls.push(input instanceof Request ? input.url : String(input))
      return fetch(input, init)
    }
    const { api, signatures } = wrap({}, { fetch: own })
    await api.extend({ ...prefix(seller.url) }).get('a')
    expect(signatures()).toBe(1)
    expect(urls).toEqual([`${seller.url}/a`, `${seller.url}/a`])
  })

  it('hands on what one call says for itself', async () => {
    const seller = await openSeller(sell)
    const { api, records } = wrap()
    await api.get(seller.url, { x402: { tags: ['report'], purchase: 'order-1' } })
    expect(await records()).toMatchObject([{ call: { tags: ['report'], isKeyed: true } }])
    const error = await errorOf(api.get(`${seller.url}/dear`, { x402: { max: '$0.001' } }))
    expect(error.cause).toMatchObject({ code: 'LIMIT_PER_PAYMENT' })
  })

  it('pays once when the fetch is wrapped already', async () => {
    const seller = await openSeller(sell)
    const buyer = createBriskBuyer()
    const api = wrapKyWithPayment(ky.create({ fetch: buyer.paidFetch }), buyer.client)
    expect(await api.get(seller.url).json()).toEqual({ ok: true })
    expect(buyer.signatures()).toBe(1)
  })
})

it('wrapKyWithPayment: gives an instance of the version that it was given', async () => {
  const seller = await openSeller(sell)
  const api: typeof ky2 = wrapKyWithPayment(ky2, createBriskBuyer().client)
  expect(await api.get(seller.url).json()).toEqual({ ok: true })
})

it.each([undefined, {}, fetch, { extend: () => undefined }])(
  'error: INVALID_OPTION for %s in place of ky',
  async (wrong) => {
    const buyer = createBriskBuyer()
    const refusal = refusalOf(Promise.resolve().then(() => wrapKyWithPayment(wrong as never, buyer.client)))
    expect(await refusal).toMatchObject({ code: 'INVALID_OPTION', money: 'untouched' })
  },
)

it('error: UNKNOWN_OPTION for an option that does not exist', () => {
  const buyer = createBriskBuyer()
  expect(() => wrapKyWithPayment(ky, buyer.client, new Object({ refusals: 'throw' }))).toThrow(
    '`wrapKyWithPayment.refusals` is unknown',
  )
})
