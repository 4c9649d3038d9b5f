import axios from 'axios'
import ky from 'ky'
import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'
import { wrapAxiosWithPayment } from 'pay402/axios'
import { wrapFetchWithPayment } from 'pay402/fetch'
import { wrapKyWithPayment } from 'pay402/ky'
import { createSeller } from 'pay402/testing'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createBuyer } from './buyers.js'

describe('seller.fetch', () => {
  it('takes what fetch takes, at any address, and names the address', async () => {
    const seller = createSeller({ price: 'free', answer: async (request: Request) => await request.text() })
    const request = new Request('https://api.example.com/a', { method: 'POST', body: 'from a Request' })
    const response = await seller.fetch(request)
    expect([await response.text(), response.url]).toEqual(['from a Request', 'https://api.example.com/a'])
    expect(request.bodyUsed).toBe(true)
    expect((await seller.fetch(new URL('https://other.example/b#part'))).url).toBe('https://other.example/b')
    expect(seller.requests.map(({ url, body }) => [url, body])).toEqual([
      ['https://api.example.com/a', 'from a Request'],
      ['https://other.example/b#part', ''],
    ])
  })

  it('answers HEAD without a body', async () => {
    const { paidFetch } = createBuyer(createSeller())
    const response = await paidFetch('https://seller.example/', { method: 'HEAD' })
    expect([response.status, response.body]).toEqual([200, null])
  })

  it('ends when it is aborted, before and while it waits', async () => {
    const seller = createSeller({ whenAsked: [{ waits: 60_000 }] })
    await expect(seller.fetch(seller.url, { signal: AbortSignal.abort('early') })).rejects.toBe('early')
    const abort = new AbortController()
    const asking = seller.fetch(seller.url, { signal: abort.signal })
    abort.abort('late')
    await expect(asking).rejects.toBe('late')
    expect(seller.requests).toHaveLength(1)
  })

  it('follows its own redirects as fetch does, and shows those that it is told not to follow', async () => {
    const moved = (status: number) => new Response(null, { status, headers: { location: '/new' } })
    const seller = createSeller({
      price: 'free',
      routes: {
        '/see-other': { answer: moved(303) },
        '/kept': { answer: moved(308) },
        '/round': { answer: new Response(null, { status: 302, headers: { location: '/round' } }) },
        '/new': { answer: async (request: Request) => `${request.method} ${await request.text()}` },
      },
    })
    const post = { method: 'POST', body: 'text' }
    const text = async (path: string) => (await seller.fetch(`${seller.url}${path}`, post)).text()
    expect([await text('/see-other'), await text('/kept')]).toEqual(['GET ', 'POST text'])
    await expect(seller.fetch(`${seller.url}/round`)).rejects.toThrow(TypeError)
    await expect(seller.fetch(`${seller.url}/kept`, { redirect: 'error' })).rejects.toThrow(TypeError)
    expect((await seller.fetch(`${seller.url}/kept`, { redirect: 'manual' })).status).toBe(308)
  })

  it('lets a browser ask first, and keeps that out of its requests', async () => {
    const seller = createSeller()
    const headers = { 'access-control-request-method': 'GET', origin: 'https://shop.example' }
    const response = await seller.fetch(seller.url, { method: 'OPTIONS', headers })
    expect(response.headers.get('access-control-allow-headers')).toContain('PAYMENT-SIGNATURE')
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(seller.requests).toEqual([])
  })
})

describe('seller.handlers', () => {
  /** Puts handlers in front of the network for one test. */
  function intercept(...handlers: Parameters<typeof setupServer>): void {
    const server = setupServer(...handlers)
    server.listen({ onUnhandledRequest: 'error' })
    onTestFinished(() => server.close())
  }

  it('let msw answer for the address that the app asks, with other handlers alongside', async () => {
    const seller = createSeller({
      url: 'https://api.example.com',
      routes: { '/weather': { answer: { temperature: 21 } } },
    })
    intercept(
      http.get('https://free.example/', () => HttpResponse.text('free')),
      ...seller.handlers(http),
    )
    const { client } = createBuyer(seller)
    const paidFetch = wrapFetchWithPayment(fetch, client)
    expect(await (await paidFetch('https://api.example.com/weather?city=Bern')).json()).toEqual({ temperature: 21 })
    expect(await (await paidFetch('https://free.example/')).text()).toBe('free')
    expect((await paidFetch('https://api.example.com/')).status).toBe(404)
    expect(seller.payments).toMatchObject([{ state: 'settled' }])
  })

  it.each(['http', 'fetch'] as const)('reach axios by its %s adapter', async (adapter) => {
    const seller = createSeller({ whenPaid: ['loses-response'], redelivers: true })
    intercept(...seller.handlers(http))
    const api = wrapAxiosWithPayment(axios.create({ adapter, baseURL: seller.url }), createBuyer(seller).client)
    expect((await api.get('/weather')).data).toEqual({ ok: true })
    expect(seller.payments).toMatchObject([{ state: 'settled', presented: 2 }])
  })

  it('lose connections, redirect and hide headers', async () => {
    const seller = createSeller({ whenAsked: ['loses-request', { redirectsTo: '/new' }, 'hides-headers'] })
    intercept(...seller.handlers(http))
    await expect(fetch(seller.url)).rejects.toThrow(TypeError)
    const response = await fetch(seller.url)
    expect([response.url, response.status, response.headers.get('payment-required')]).toEqual([
      `${seller.url}/new`,
      402,
      null,
    ])
  })
})

describe('seller.listen', () => {
  /** Starts a seller that ends with the test. */
  async function start(script?: Parameters<typeof createSeller>[0], port?: number) {
    const seller = createSeller(script)
    const listening = await seller.listen({ port })
    onTestFinished(() => listening.stop())
    return { ...seller, url: listening.url, listening }
  }

  it('sells over a socket, by every door', async () => {
    const seller = await start({ answer: async (request: Request) => `${request.method} ${await request.text()}` })
    const { client } = createBuyer(seller)
    const post = { method: 'POST', body: 'question' }
    expect(await (await wrapFetchWithPayment(fetch, client)(`${seller.url}/a`, post)).text()).toBe('POST question')
    expect(await wrapKyWithPayment(ky, client).post(`${seller.url}/b`, post).text()).toBe('POST question')
    const api = wrapAxiosWithPayment(axios.create(), client)
    expect((await api.post(`${seller.url}/c`, 'question')).data).toBe('POST question')
    expect(seller.payments.map(({ state }) => state)).toEqual(['settled', 'settled', 'settled'])
    expect(await client.payments()).toHaveLength(3)
  })

  it('closes the connection where a response is lost', async () => {
    const seller = await start({ whenPaid: ['loses-response'], redelivers: true })
    const response = await wrapFetchWithPayment(fetch, createBuyer(seller).client)(`${seller.url}/a`)
    expect(response.status).toBe(200)
    expect(seller.payments).toMatchObject([{ presented: 2, taken: 10_000n }])
  })

  it('lets pages of other origins read terms and receipts, unless it hides them', async () => {
    const seller = await start({ whenAsked: [{ waits: 1 }, 'hides-headers'] })
    const exposed = async () => (await fetch(seller.url)).headers.get('access-control-expose-headers')
    expect(await exposed()).toContain('PAYMENT-REQUIRED')
    expect(await exposed()).toBeNull()
  })

  it('listens where it is told, and says why it can’t', async () => {
    const { listening } = await start()
    const taken = Number(new URL(listening.url).port)
    await expect(createSeller().listen({ port: taken })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await listening.stop()
    const again = await start({}, taken)
    expect(again.url).toBe(listening.url)
  })

  it('error: INVALID_OPTION where the platform has no servers, as in a page', async () => {
    const asked = vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined)
    onTestFinished(() => asked.mockRestore())
    await expect(createSeller().listen()).rejects.toMatchObject({ code: 'INVALID_OPTION', money: 'untouched' })
  })
})
