import dns from 'node:dns'
import http from 'node:http'
import net from 'node:net'
import axios, { type AxiosError, type AxiosRequestConfig, type AxiosResponse, isAxiosError } from 'axios'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { wrapAxiosWithPayment } from '../../../../src/axios/wrap-axios-with-payment.js'
import type { RestrictOptions } from '../../../../src/limits/narrow-limits.js'
import { paymentOf } from '../../../../src/payment/summary.js'
import { createBuyer } from '../../../support/create-buyer.js'
import { sell } from '../../../support/offers.js'
import type { Handler, Seller } from '../../../support/start-seller.js'
import { openSeller } from '../../fetch/open-seller.js'

const secret: Handler = (_request, response) => void response.end('a secret of this network')

function open(config: AxiosRequestConfig, options: RestrictOptions = {}) {
  return wrapAxiosWithPayment(axios.create(config), createBuyer().client.restrict(options))
}

async function errorOf(answer: Promise<unknown>): Promise<AxiosError> {
  const error: unknown = await answer.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (isAxiosError(error)) return error
  throw new Error('it did not end with an error of axios')
}

const OUT_OF_REACH = { code: 'ERR_BAD_REQUEST', cause: { code: 'HOST_OUT_OF_REACH', money: 'untouched' } }

/** What a name is said to resolve to: first where it is checked, and then where it is connected to. */
function resolveTo(checked: string, connected: string) {
  vi.spyOn(dns.promises, 'lookup').mockImplementation(async () => [{ address: checked, family: 4 }] as never)
  vi.spyOn(dns, 'lookup').mockImplementation(((_name: string, { all }: dns.LookupOptions, found: Found) => {
    if (all) found(null, [{ address: connected, family: 4 }])
    else found(null, connected, 4)
  }) as never)
  onTestFinished(() => void vi.restoreAllMocks())
}

type Found = (error: null, address: string | readonly dns.LookupAddress[], family?: number) => void

/** Connects to one seller, whatever the name. */
function connectTo(seller: Seller): http.Agent {
  const agent = new http.Agent()
  agent.createConnection = () => net.connect(Number(new URL(seller.url).port), '127.0.0.1')
  return agent
}

const toProxy = ({ url }: Seller, host: string) => ({ host, port: Number(new URL(url).port), protocol: 'http' })

describe('axios, http adapter, for an agent without a list:', () => {
  it('connects to no other address than the one that was checked', async () => {
    const seller = await openSeller(secret)
    resolveTo('8.8.8.8', '127.0.0.1')
    const { port } = new URL(seller.url)
    const api = open({ adapter: 'http' })
    expect(await errorOf(api.get(`http://rebound.example.com:${port}/`))).toMatchObject(OUT_OF_REACH)
    expect(seller.requests).toEqual([])
  })

  it.each<[string, NonNullable<AxiosRequestConfig['lookup']>]>([
    ['that calls back', ((_name: string, _options: object, found: Found) => found(null, '127.0.0.1', 4)) as never],
    ['that promises', async () => ['127.0.0.1', 4]],
    ['that promises an object', (async () => ({ address: '127.0.0.1', family: 4 })) as never],
  ])("holds a caller's own lookup to that, %s", async (_form, lookup) => {
    const seller = await openSeller(secret)
    resolveTo('8.8.8.8', '8.8.8.8')
    const { host, port } = new URL(seller.url)
    const url = `http://rebound.example.com:${port}/`
    expect(await errorOf(open({ adapter: 'http', lookup }).get(url))).toMatchObject(OUT_OF_REACH)
    expect(seller.requests).toEqual([])
    // A host that is listed may be anywhere.
    const listed = open({ adapter: 'http', lookup }, { hosts: [host, `rebound.example.com:${port}`] })
    expect((await listed.get(url)).data).toBe('a secret of this network')
  })

  it('follows no redirect to an address of this machine, and tells the caller of each that it follows', async () => {
    const other = await openSeller(secret)
    const seller = await openSeller(({ path }, response) => {
      response.writeHead(302, { location: path === '/' ? '/again' : other.url }).end()
    })
    resolveTo('8.8.8.8', '8.8.8.8')
    const followed: unknown[] = []
    const beforeRedirect: AxiosRequestConfig['beforeRedirect'] = ({ href }) => void followed.push(href)
    const api = open({ adapter: 'http', httpAgent: connectTo(seller), beforeRedirect })
    expect(await errorOf(api.get('http://public.example.com/'))).toMatchObject(OUT_OF_REACH)
    expect(followed).toEqual(['http://public.example.com/again', `${other.url}/`])
    expect(other.requests).toEqual([])
  })

  it.each(['127.0.0.1', 'localhost'])('pays a public host through a proxy at %s', async (host) => {
    const proxy = await openSeller(sell)
    vi.spyOn(dns.promises, 'lookup').mockImplementation(async () => [{ address: '8.8.8.8', family: 4 }] as never)
    onTestFinished(() => void vi.restoreAllMocks())
    const client = createBuyer({ allowPlainHttp: true }).client.restrict({ total: '$1' })
    const api = wrapAxiosWithPayment(axios.create({ adapter: 'http', proxy: toProxy(proxy, host) }), client)
    const asked = 'http://public.example.com/weather'
    const response = await api.get(asked)
    expect(paymentOf(response)).toMatchObject({ money: 'settled' })
    expect(proxy.requests.map(({ path }) => path)).toEqual([asked, asked])
  })

  it('hands over nothing that a proxy brings from a redirect out of reach', async () => {
    const proxy = await openSeller(({ path }, response) => {
      if (path.includes('inside')) return void response.end('a secret of this network')
      response.writeHead(302, { location: 'http://inside.example.com/' }).end()
    })
    const found = async (name: string) => [{ address: name.startsWith('inside') ? '10.0.0.1' : '8.8.8.8', family: 4 }]
    vi.spyOn(dns.promises, 'lookup').mockImplementation(found as never)
    onTestFinished(() => void vi.restoreAllMocks())
    const api = open({ adapter: 'http', proxy: toProxy(proxy, '127.0.0.1') })
    expect(await errorOf(api.get('http://public.example.com/'))).toMatchObject(OUT_OF_REACH)
  })
})

describe('axios, an adapter of one’s own, for an agent:', () => {
  it('is asked for no address that can not be read', async () => {
    const adapter = vi.fn()
    await expect(open({ adapter }).get('http://[::1%25lo]/')).rejects.toThrow(TypeError)
    expect(adapter).not.toHaveBeenCalled()
  })

  const answer = (config: AxiosResponse['config'], responseURL?: string): AxiosResponse => ({
    data: 'found',
    status: 200,
    statusText: 'OK',
    headers: {},
    config,
    request: { responseURL },
  })

  it('is asked for no host that is left out', async () => {
    const asked: unknown[] = []
    const adapter = async (config: AxiosResponse['config']) => {
      asked.push(config.url)
      return answer(config)
    }
    const api = open({ adapter }, { hosts: ['a.example'] })
    for (const url of ['https://b.example', '//b.example', 'http://a.example:8080']) {
      expect(await errorOf(api.get(url))).toMatchObject(OUT_OF_REACH)
    }
    expect(asked).toEqual([])
    expect((await api.get('/an-address-that-it-completes')).data).toBe('found')
    expect((await api.get('https://a.example/b', { baseURL: 'https://b.example' })).data).toBe('found')
  })

  it('hands over nothing that it followed out of reach', async () => {
    const api = open({ adapter: async (config) => answer(config, 'http://10.0.0.1/') }, { hosts: ['a.example'] })
    expect(await errorOf(api.get('https://a.example'))).toMatchObject(OUT_OF_REACH)
  })

  it('is told to follow no redirect out of reach, where it ends in the http adapter', async () => {
    const other = await openSeller(secret)
    const seller = await openSeller((_request, response) => void response.writeHead(302, { location: other.url }).end())
    const ends = axios.getAdapter('http')
    const api = open({ adapter: (config) => ends(config) }, { hosts: [new URL(seller.url).host] })
    expect(await errorOf(api.get(seller.url))).toMatchObject(OUT_OF_REACH)
    expect(other.requests).toEqual([])
  })
})

describe('axios, fetch adapter, for an agent:', () => {
  it("sends by the caller's own fetch, and a body with each redirect", async () => {
    const seller = await openSeller(({ path, body }, response) => {
      if (path === '/2') return void response.end(body)
      response.writeHead(307, { location: path === '/' ? '/1' : '/2' }).end()
    })
    const asked: string[] = []
    const own: typeof fetch = (input, init) => {
      asked.push(input instanceof Request ? input.url : String(input))
      return fetch(input, init)
    }
    const api = open({ adapter: 'fetch', env: { fetch: own as never } }, { hosts: [new URL(seller.url).host] })
    expect((await api.post(seller.url, { a: 1 })).data).toEqual({ a: 1 })
    expect(asked).toEqual(['/', '/1', '/2'].map((path) => seller.url + path))
  })

  it('follows no redirect where the caller wants none', async () => {
    const seller = await openSeller((_request, response) => void response.writeHead(302, { location: '/b' }).end())
    const api = open({ adapter: 'fetch', maxRedirects: 0 }, { hosts: [new URL(seller.url).host] })
    expect(await errorOf(api.get(seller.url))).toMatchObject({ response: { status: 302 } })
    expect(seller.requests).toHaveLength(1)
  })
})

describe('axios, http adapter, for an agent that waits for a job:', () => {
  it('connects to no other address than the one that was checked', async () => {
    const seller = await openSeller(secret)
    resolveTo('8.8.8.8', '127.0.0.1')
    const origin = `http://rebound.example.com:${new URL(seller.url).port}`
    const job = await open({ adapter: 'http' }).job({ payment: 'p', url: `${origin}/job`, origin })
    await expect(job.wait()).rejects.toMatchObject({ code: 'HOST_OUT_OF_REACH' })
    expect(seller.requests).toEqual([])
  })
})

describe.each(['http', 'fetch'] as const)('axios, %s adapter, for an agent:', (adapter) => {
  it('quotes nothing from out of reach', async () => {
    const other = await openSeller(sell)
    const api = open({ adapter }, { hosts: ['a.example'] })
    expect(await errorOf(api.quote(other.url))).toMatchObject(OUT_OF_REACH)
    expect(other.requests).toEqual([])
  })

  it('takes up no job from out of reach', async () => {
    const other = await openSeller(secret)
    const api = open({ adapter }, { hosts: ['a.example'] })
    const job = await api.job({ payment: 'p', url: `${other.url}/job`, origin: other.url })
    await expect(job.wait()).rejects.toMatchObject({ code: 'HOST_OUT_OF_REACH' })
    expect(other.requests).toEqual([])
  })
})
