import { createRequire } from 'node:module'
import { Readable } from 'node:stream'
import axios, { type AxiosProgressEvent, type AxiosRequestConfig } from 'axios'
import { describe, expect, it } from 'vitest'
import { wrapAxiosWithPayment } from '../../../src/axios/wrap-axios-with-payment.js'
import { createBuyer } from '../../support/create-buyer.js'
import { sell } from '../../support/offers.js'
import { openSeller } from '../fetch/open-seller.js'

/** The package `form-data`, which axios brings: a form that is a stream. */
const FormDataStream = createRequire(createRequire(import.meta.url).resolve('axios'))('form-data')

const requests: Readonly<Record<string, AxiosRequestConfig>> = {
  'params that an address writes in another way': { params: { q: "it's [a] $1,2:3", list: [1, 2] } },
  'a serializer of the caller’s own': { params: { a: 1 }, paramsSerializer: (params) => `own=${params['a']}&x=%27` },
  'a fragment': { url: '/p#f' },
  'basic auth': { auth: { username: 'a:b', password: '☂' } },
  'an object as JSON': { data: { city: 'Lissabon ☂' } },
  'a transform of the caller’s': {
    data: { a: 1 },
    transformRequest: (data, headers) => `${headers.set('x-own', '1').get('x-own')} ${data.a}`,
  },
  'a Buffer': { data: Buffer.from([0, 255, 1]) },
  'an ArrayBuffer': { data: new Uint8Array([0, 255, 1]).buffer },
  'a Blob': { data: new Blob(['blob'], { type: 'text/x' }) },
  URLSearchParams: { data: new URLSearchParams({ a: '1', b: '☂' }) },
  'upload progress': { data: 'x'.repeat(10_000), onUploadProgress: () => undefined },
  'headers of the caller’s': { headers: { 'X-Own': 'a', Accept: 'text/x', 'user-agent': 'mine' } },
}

for (const adapter of ['http', 'fetch'] as const) {
  describe(`wrapAxiosWithPayment, through the ${adapter} adapter`, () => {
    it.each(Object.entries(requests))('sends the same request again with %s', async (_, config) => {
      const seller = await openSeller(sell)
      const api = wrapAxiosWithPayment(axios.create({ adapter, baseURL: `${seller.url}/base` }), createBuyer().client)
      const response = await api.request({ url: '/p', method: 'post', ...config })
      const [first, second] = seller.requests
      // The last two are the platform's own, which is told not to cache what is paid for.
      const { 'payment-signature': payment, 'cache-control': _cache, pragma, ...headers } = second?.headers ?? {}
      expect(response.status).toBe(200)
      expect(payment).toBeDefined()
      expect(pragma).toBe(adapter === 'fetch' ? 'no-cache' : undefined)
      expect({ ...second, headers }).toEqual({ ...first, payment: second?.payment })
    })

    it('sends the same form again, file by file', async () => {
      const seller = await openSeller(sell)
      const form = new FormData()
      form.append('name', 'Ada')
      form.append('file', new File(['contents'], 'a.txt', { type: 'text/plain' }))
      const api = wrapAxiosWithPayment(axios.create({ adapter }), createBuyer().client)
      await api.postForm(seller.url, form)
      const [first, second] = seller.requests.map(({ body, headers }) => {
        const [, boundary = ''] = /boundary=(.+)$/.exec(headers['content-type'] ?? '') ?? []
        return body.toString().replaceAll(boundary, '')
      })
      expect(second).toBe(first)
      expect(second).toContain('filename="a.txt"')
    })

    it('takes the same form for the same purchase after its answer was lost', async () => {
      let dropped = false
      const seller = await openSeller((request, response) => {
        if (request.payment === undefined || dropped) return sell(request, response)
        dropped = true
        response.destroy()
      })
      const buyer = createBuyer()
      const api = wrapAxiosWithPayment(axios.create({ adapter }), buyer.client)
      const form = new FormData()
      form.append('name', 'Ada')
      const post = () => api.postForm(seller.url, form)
      await expect(post()).rejects.toMatchObject({ cause: { code: 'ANSWER_LOST' } })
      expect(await post()).toMatchObject({ status: 200 })
      expect(buyer.signatures()).toBe(1)
      expect(seller.authorizations().size).toBe(1)
    })

    it('refuses a stream before anything is signed', async () => {
      const seller = await openSeller(sell)
      const buyer = createBuyer()
      const data = adapter === 'http' ? Readable.from([Buffer.from('once')]) : new Blob(['once']).stream()
      const post = wrapAxiosWithPayment(axios.create({ adapter }), buyer.client).post(seller.url, data)
      await expect(post).rejects.toMatchObject({ cause: { code: 'BODY_NOT_REPLAYABLE', money: 'untouched' } })
      expect(buyer.signatures()).toBe(0)
      expect(seller.requests.map(({ body }) => body.toString())).toEqual(['once'])
    })

    it('tells the progress of a download to its end', async () => {
      const seller = await openSeller(sell)
      const events: AxiosProgressEvent[] = []
      const api = wrapAxiosWithPayment(axios.create({ adapter }), createBuyer().client)
      const onDownloadProgress = (event: AxiosProgressEvent) => void events.push(event)
      const { data } = await api.get(seller.url, { onDownloadProgress, responseType: 'arraybuffer' })
      expect(data.byteLength).toBe(11)
      await expect.poll(() => events.at(-1)?.loaded).toBe(11)
    })

    it('shows the config that was asked with, not the one that paid', async () => {
      const seller = await openSeller(sell)
      const api = wrapAxiosWithPayment(axios.create({ adapter }), createBuyer().client)
      const { config } = await api.get(seller.url, { responseType: 'json', maxRedirects: 4 })
      expect(config).toMatchObject({ responseType: 'json', maxRedirects: 4, url: seller.url })
      expect(config.headers.has('payment-signature')).toBe(false)
      expect(config.validateStatus?.(402)).toBe(false)
    })
  })
}

describe('wrapAxiosWithPayment', () => {
  it('sends the form again that axios makes of an object, and knows it for the same purchase', async () => {
    let dropped = false
    const seller = await openSeller((request, response) => {
      if (request.payment === undefined || dropped) return sell(request, response)
      dropped = true
      response.destroy()
    })
    const buyer = createBuyer()
    const api = wrapAxiosWithPayment(axios.create(), buyer.client)
    const post = () => api.postForm(seller.url, { name: 'Ada', file: Buffer.from([0, 255]) })
    await expect(post()).rejects.toMatchObject({ cause: { code: 'ANSWER_LOST' } })
    expect(await post()).toMatchObject({ status: 200 })
    expect(buyer.signatures()).toBe(1)
    const [first, second] = seller.requests
    expect(first?.body.length).toBeGreaterThan(100)
    expect(second?.body.equals(first?.body ?? Buffer.alloc(0))).toBe(true)
    expect(second?.headers['content-type']).toBe(first?.headers['content-type'])
  })

  it('refuses a form with a stream in it', async () => {
    const seller = await openSeller(sell)
    const form = new FormDataStream()
    form.append('file', Readable.from([Buffer.from('once')]), { filename: 'a.txt', knownLength: 4 })
    const buyer = createBuyer()
    const post = wrapAxiosWithPayment(axios.create(), buyer.client).post(seller.url, form)
    await expect(post).rejects.toMatchObject({ cause: { code: 'BODY_NOT_REPLAYABLE' } })
    expect(buyer.signatures()).toBe(0)
    expect(seller.requests).toHaveLength(1)
  })

  it('names two purchases for two accounts of one server', async () => {
    const seller = await openSeller((request, response) => {
      if (request.payment === undefined) return sell(request, response)
      response.destroy()
    })
    const buyer = createBuyer({ buyers: 'many' })
    const api = wrapAxiosWithPayment(axios.create({ x402: { redeliver: 'never' } }), buyer.client)
    const ask = (username: string) => api.get(seller.url, { auth: { username, password: 'p' } }).catch(() => undefined)
    await ask('ada')
    await ask('bob')
    await ask(`${'ada'}`)
    expect(buyer.signatures()).toBe(2)
  })

  it('takes credentials in the address for those of the call', async () => {
    const seller = await openSeller(sell)
    const api = wrapAxiosWithPayment(axios.create(), createBuyer().client)
    const response = await api.post(seller.url.replace('://', '://ada:secret@'), 'x')
    expect(response.status).toBe(200)
    expect(seller.requests.map(({ headers }) => headers.authorization)).toEqual(
      new Array(2).fill('Basic YWRhOnNlY3JldA=='),
    )
  })
})
