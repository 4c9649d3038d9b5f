import { describe, expect, it, vi } from 'vitest'
import { x402HTTPClient } from '../../../src/client/x402-http-client.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { createBuyer } from '../../support/create-buyer.js'
import { sell } from '../../support/offers.js'
import type { Handler } from '../../support/start-seller.js'
import { refusalOf } from '../flow/refusal-of.js'
import { openSeller } from './open-seller.js'

const hostOf = ({ url }: { readonly url: string }) => new URL(url).host

async function openTwo(handler: Handler) {
  const [seller, other] = [await openSeller(handler), await openSeller(sell)]
  const agent = createBuyer().client.restrict({ hosts: [hostOf(seller)] })
  return { seller, other, agent, agentFetch: wrapFetchWithPayment(fetch, agent) }
}

describe('a wrapped fetch of an agent:', () => {
  it('quotes only what it may ask, with the body of a Request along redirects', async () => {
    const { seller, other, agentFetch } = await openTwo((request, response) => {
      if (request.path === '/new') return void response.end(request.body)
      response.writeHead(307, { location: '/new' }).end()
    })
    expect(await refusalOf(agentFetch.quote(other.url))).toMatchObject({ code: 'HOST_OUT_OF_REACH' })
    const request = new Request(`${seller.url}/old`, { method: 'PUT', body: 'words' })
    expect(await (await agentFetch.quote(request)).response.text()).toBe('words')
    expect(seller.requests.map(({ path, body }) => `${path} ${body}`)).toEqual(['/old words', '/new words'])
    expect(other.requests).toEqual([])
  })

  it.each(['http://[::1%25lo]/', 'http://127.0.0.1:x/', 'http://a b/'])('asks no fetch for %s', async (address) => {
    const lenient = vi.fn<typeof fetch>(async () => new Response('a secret'))
    const agentFetch = wrapFetchWithPayment(lenient, createBuyer().client.restrict({}))
    await expect(agentFetch(address)).rejects.toThrow(TypeError)
    expect(lenient).not.toHaveBeenCalled()
  })

  it('takes up no job from out of reach', async () => {
    const { other, agentFetch } = await openTwo(sell)
    const job = await agentFetch.job({ payment: 'p', url: `${other.url}/job`, origin: other.url })
    expect(await refusalOf(job.wait())).toMatchObject({ code: 'HOST_OUT_OF_REACH' })
    expect(other.requests).toEqual([])
  })

  it('is handed nothing of a job from out of reach by a fetch that follows every redirect', async () => {
    const secret: typeof fetch = async () =>
      Object.defineProperty(new Response('a secret'), 'url', { value: 'http://127.0.0.1/secret' })
    const agentFetch = wrapFetchWithPayment(secret, createBuyer().client.restrict({ hosts: ['a.example'] }))
    const job = await agentFetch.job({ payment: 'p', url: 'https://a.example/job', origin: 'https://a.example' })
    expect(await refusalOf(job.wait())).toMatchObject({ code: 'HOST_OUT_OF_REACH' })
  })

  it('sends a Request whose body a redirect asks for once more, and pays with it', async () => {
    const { seller, agentFetch } = await openTwo((request, response) => {
      if (request.path === '/new/') return sell(request, response)
      response.writeHead(308, { location: '/new/' }).end()
    })
    const asked = new Request(`${seller.url}/new`, { headers: { 'x-own': 'yes' } })
    expect((await agentFetch(asked)).status).toBe(200)
    expect(seller.requests.map(({ path, headers }) => [path, headers['x-own']])).toEqual([
      ['/new', 'yes'],
      ['/new/', 'yes'],
      ['/new/', 'yes'],
    ])
  })

  it('gives up in time, also while a redirect is followed', async () => {
    const seller = await openSeller(({ path }, response) => {
      if (path === '/') response.writeHead(302, { location: '/never' }).end()
    })
    const agent = createBuyer().client.restrict({ hosts: [hostOf(seller)] })
    const hasty = wrapFetchWithPayment(fetch, agent, { timeouts: { unpaidMs: 200 } })
    await expect(hasty(seller.url)).rejects.toMatchObject({ name: 'TimeoutError' })
  })

  it('asks what was checked, whatever the caller makes of its objects meanwhile', async () => {
    const { seller, other, agentFetch } = await openTwo(sell)
    const url = new URL(seller.url)
    const init: RequestInit = { headers: { 'x-own': 'before' } }
    const asking = agentFetch(url, init)
    url.href = other.url
    init.headers = { 'x-own': 'after' }
    expect((await asking).status).toBe(200)
    expect(other.requests).toEqual([])
    expect(seller.requests.map(({ headers }) => headers['x-own'])).toEqual(['before', 'before'])
  })

  it('asks nothing at an address without a host but what is written in it', async () => {
    const { agentFetch } = await openTwo(sell)
    expect(await (await agentFetch('data:text/plain,words')).text()).toBe('words')
    for (const url of ['file:///etc/passwd', 'ftp://a.example/', 'about:blank']) {
      expect(await refusalOf(agentFetch(url))).toMatchObject({ code: 'HOST_OUT_OF_REACH' })
    }
  })

  it('keeps to it also through an x402HTTPClient, and where it is wrapped twice', async () => {
    const { seller, other, agent, agentFetch } = await openTwo(sell)
    const around = new x402HTTPClient(agent as never) // it takes any client that can pay
    for (const one of [wrapFetchWithPayment(fetch, around), wrapFetchWithPayment(agentFetch, createBuyer().client)]) {
      expect(await refusalOf(one(other.url))).toMatchObject({ code: 'HOST_OUT_OF_REACH' })
      expect((await one(`${seller.url}/${Math.random()}`)).status).toBe(200)
    }
    expect(other.requests).toEqual([])
  })
})

it.each(['everywhere', true, {}])('error: INVALID_OPTION for the reach %j', (reach) => {
  expect(() => createBuyer().client.restrict({ reach } as never)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('restrict.reach') }),
  )
})
