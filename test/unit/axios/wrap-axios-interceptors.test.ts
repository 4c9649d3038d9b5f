import axios, { type AxiosAdapter, AxiosHeaders } from 'axios'
import { describe, expect, it } from 'vitest'
import { wrapAxiosWithPayment } from '../../../src/axios/wrap-axios-with-payment.js'
import { paymentOf } from '../../../src/payment/summary.js'
import { createBuyer } from '../../support/create-buyer.js'
import { createRequired, sell } from '../../support/offers.js'
import { openSeller } from '../fetch/open-seller.js'

describe('wrapAxiosWithPayment', () => {
  it('runs every interceptor once a call, whenever it was added', async () => {
    const seller = await openSeller(sell)
    const instance = axios.create()
    const ran: string[] = []
    const addInterceptors = (when: string) => {
      instance.interceptors.request.use((config) => {
        ran.push(`request ${when}`)
        return config
      })
      instance.interceptors.response.use((response) => {
        ran.push(`response ${when}`)
        return response
      })
    }
    addInterceptors('before')
    const api = wrapAxiosWithPayment(instance, createBuyer().client)
    addInterceptors('after')
    const response = await api.get(seller.url)
    expect(paymentOf(response)).toMatchObject({ money: 'settled' })
    expect(ran).toEqual(['request after', 'request before', 'response before', 'response after'])
    expect(seller.requests).toHaveLength(2)
  })

  it('keeps interceptors synchronous that are', async () => {
    const seller = await openSeller(sell)
    const api = wrapAxiosWithPayment(axios.create(), createBuyer().client)
    let ran = false
    const spy = (config: Parameters<AxiosAdapter>[0]) => {
      ran = true
      return config
    }
    api.interceptors.request.use(spy, undefined, { synchronous: true })
    const answer = api.get(seller.url)
    expect(ran).toBe(true)
    await answer
  })

  it('returns the instance itself', () => {
    const instance = axios.create()
    expect(wrapAxiosWithPayment(instance, createBuyer().client)).toBe(instance)
  })

  it('pays once when an instance was wrapped twice', async () => {
    const seller = await openSeller(sell)
    const [first, second] = [createBuyer(), createBuyer()]
    const api = wrapAxiosWithPayment(wrapAxiosWithPayment(axios.create(), first.client), second.client)
    await api.get(seller.url)
    expect(seller.authorizations().size).toBe(1)
    expect(first.signatures() + second.signatures()).toBe(1)
  })

  it('leaves to a wrapped fetch inside what that one paid', async () => {
    const seller = await openSeller(sell)
    const buyer = createBuyer({}, { refusals: 'return' })
    const instance = axios.create({ adapter: 'fetch', env: { fetch: buyer.paidFetch } })
    const response = await wrapAxiosWithPayment(instance, buyer.client).get(seller.url)
    expect(paymentOf(response)).toMatchObject({ money: 'settled' })
    expect(buyer.signatures()).toBe(1)
  })

  it('pays whatever validateStatus makes of a 402', async () => {
    const seller = await openSeller(sell)
    for (const validateStatus of [() => true, () => false, null]) {
      const api = wrapAxiosWithPayment(axios.create({ validateStatus }), createBuyer().client)
      const answer = await api.get(seller.url).catch(({ response }) => response)
      expect(answer).toMatchObject({ status: 200, data: { ok: true } })
    }
  })

  it('carries the payment through the caller’s own transforms and interceptors', async () => {
    const seller = await openSeller(sell)
    const api = wrapAxiosWithPayment(axios.create(), createBuyer().client)
    api.interceptors.response.use((response) => {
      response.data = 'replaced'
      return response
    })
    const response = await api.get(seller.url, { transformResponse: (data: unknown) => data })
    expect(response.data).toBe('replaced')
    expect(paymentOf(response)).toMatchObject({ money: 'settled', terms: { price: '0.01 USDC', dollars: '$0.01' } })
    expect(Object.keys(response)).not.toContain('payment')
  })

  const seen: string[] = []
  const own: AxiosAdapter = (config) => {
    seen.push(String(config.headers.get('payment-signature') ?? 'unpaid'))
    return axios.getAdapter('http')(config)
  }

  it.each([
    ['http', 'http'],
    ['fetch', 'fetch'],
    ['a list', ['xhr', 'http', 'fetch']],
    ['axios’s own function', axios.getAdapter('http')],
    ['a function of the caller’s', own],
    ['none', undefined],
  ])('pays by the adapter that is named: %s', async (_, adapter) => {
    const seller = await openSeller(sell)
    const api = wrapAxiosWithPayment(axios.create(), createBuyer().client)
    const response = await api.get(seller.url, adapter === undefined ? {} : { adapter })
    expect(response).toMatchObject({ status: 200, data: { ok: true } })
    expect(paymentOf(response)).toMatchObject({ money: 'settled' })
  })

  it('sends both requests by an adapter of the caller’s own', async () => {
    const seller = await openSeller(sell)
    seen.length = 0
    await wrapAxiosWithPayment(axios.create({ adapter: own }), createBuyer().client).get(seller.url)
    expect(seen).toEqual(['unpaid', expect.stringMatching(/^e/)])
  })

  it('pays by an adapter that answers with objects and throws what isn’t a success', async () => {
    const mock: AxiosAdapter = async (config) => {
      const isPaid = config.headers.has('payment-signature')
      const data = isPaid ? { ok: true } : createRequired()
      const response = { data, status: isPaid ? 200 : 402, statusText: '', headers: new AxiosHeaders(), config }
      if (isPaid) return response
      throw new axios.AxiosError('Request failed with status code 402', 'ERR_BAD_REQUEST', config, undefined, response)
    }
    const buyer = createBuyer()
    const response = await wrapAxiosWithPayment(axios.create({ adapter: mock }), buyer.client).get('https://a.example/')
    expect(response.data).toEqual({ ok: true })
    expect(buyer.signatures()).toBe(1)
  })

  it('fails as axios does where no adapter fits', async () => {
    const api = wrapAxiosWithPayment(axios.create({ adapter: 'xhr' }), createBuyer().client)
    await expect(api.get('https://a.example/')).rejects.toMatchObject({ code: 'ERR_NOT_SUPPORT', isAxiosError: true })
  })

  it.each([
    ['no instance', () => wrapAxiosWithPayment(undefined as never, createBuyer().client)],
    ['no client', () => wrapAxiosWithPayment(axios.create(), {} as never)],
    [
      'an unknown option',
      () => wrapAxiosWithPayment(axios.create(), createBuyer().client, { refusals: 'throw' } as never),
    ],
    [
      'a timeout of zero',
      () => wrapAxiosWithPayment(axios.create(), createBuyer().client, { timeouts: { paidMs: 0 } }),
    ],
  ])('refuses %s', (_, wrap) => {
    expect(wrap).toThrow(expect.objectContaining({ name: 'ConfigurationError' }))
  })
})
