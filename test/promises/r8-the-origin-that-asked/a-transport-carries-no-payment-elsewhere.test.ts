import http from 'node:http'
import http2 from 'node:http2'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axios, { type AxiosAdapter, type AxiosRequestConfig } from 'axios'
import ky from 'ky'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { type WrapAxiosOptions, wrapAxiosWithPayment } from '../../../src/axios/wrap-axios-with-payment.js'
import { isX402Error, type X402Error } from '../../../src/errors/x402-error.js'
import { wrapKyWithPayment } from '../../../src/ky/wrap-ky-with-payment.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { createSlowLedger } from '../../../src/testing/slow-ledger.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { createBuyer } from '../../support/create-buyer.js'
import { askToPay, createRequired, sell } from '../../support/offers.js'
import type { Seller } from '../../support/start-seller.js'
import { openSeller } from '../../unit/fetch/open-seller.js'

/** What axios sends by unless it is told otherwise; its own dependency. */
const followRedirects = createRequire(createRequire(import.meta.url).resolve('axios'))('follow-redirects')

type Options = Omit<http.RequestOptions, 'headers'> & {
  readonly hostname: string
  readonly headers: http.OutgoingHttpHeaders
}

/** What a caller may have written: it asks again where a redirect leads, with what `headersOf` finds. */
function createFollower(headersOf: (options: Options, first: http.ClientRequest) => http.OutgoingHttpHeaders) {
  return {
    request(options: Options, onResponse: (response: http.IncomingMessage) => void) {
      const first = http.request(options, (response) => {
        const { location } = response.headers
        if (location === undefined) return onResponse(response)
        // Unread, since axios waits for ever for what comes after the end of its own request.
        const headers = { ...headersOf(options, first) }
        delete headers['host']
        http.request(location, { headers, method: 'GET' }, onResponse).end()
      })
      return first
    },
  }
}

const followers: Readonly<Record<string, object>> = {
  'the package follow-redirects': followRedirects.http,
  'one of follow-redirects with limits of its own': followRedirects.wrap({ http, https: http }).http,
  'one that follows with its options': createFollower(({ headers }) => headers),
  'one that follows with what it sent': createFollower((_options, first) => first.getHeaders()),
  'one that follows by the names of what it sent': createFollower((_options, first) =>
    Object.fromEntries(first.getHeaderNames().map((name) => [name, first.getHeader(name)])),
  ),
}

const ledgers = {
  'a fast ledger': () => createMemoryLedger(),
  'a ledger of 8 ms': () => createSlowLedger(createMemoryLedger()),
}

/** A seller that redirects what was paid to another origin, and that origin. */
async function openThieves(status: number) {
  const other = await openSeller(sell)
  const seller = await openSeller((request, response) => {
    if (request.payment === undefined) return askToPay(response)
    response.writeHead(status, { location: `${other.url}/steal` }).end()
  })
  return { seller, other }
}

async function buyByAxios(url: string, config: object, options: { wrap?: WrapAxiosOptions; slow?: boolean } = {}) {
  const ledger = ledgers[options.slow ? 'a ledger of 8 ms' : 'a fast ledger']()
  const buyer = createBuyer({ ledger })
  const api = wrapAxiosWithPayment(axios.create(config as AxiosRequestConfig), buyer.client, options.wrap)
  const answer = await api.get(url).catch((error: unknown) => error)
  const cause: unknown = axios.isAxiosError(answer) ? answer.cause : undefined
  return { answer, error: isX402Error(cause) ? (cause as X402Error) : undefined, signatures: buyer.signatures() }
}

function expectNothingStolen(other: Seller): void {
  for (const { headers } of other.requests) {
    expect(headers).not.toHaveProperty('payment-signature')
    expect(headers).not.toHaveProperty('x-payment')
  }
}

describe('a transport of axios carries no payment to another origin:', () => {
  for (const slow of [false, true]) {
    for (const status of [302, 307, 308]) {
      it.each(Object.entries(followers))(
        `%s, on a ${status}${slow ? ', on a ledger of 8 ms' : ''}`,
        async (_name, transport) => {
          const { seller, other } = await openThieves(status)
          const { error } = await buyByAxios(seller.url, { transport }, { slow })
          expect(error).toMatchObject({ code: expect.stringMatching(/^REDIRECTED/), money: 'in-doubt' })
          expectNothingStolen(other)
          expect(seller.authorizations().size).toBe(1)
        },
      )
    }
  }

  const http5: AxiosAdapter = (config) => axios.getAdapter('http')({ ...config, maxRedirects: 5 })
  const told: AxiosAdapter = (config) =>
    axios.getAdapter('http')({ ...config, maxRedirects: 5, beforeRedirect: () => undefined })

  it.each<[string, object]>([
    ['maxRedirects', { maxRedirects: 5 }],
    ['beforeRedirect', { maxRedirects: 5, beforeRedirect: () => undefined }],
    ['an agent', { httpAgent: new http.Agent({ keepAlive: true }) }],
    ['fetchOptions', { adapter: 'fetch', fetchOptions: { redirect: 'follow' } }],
    ['an adapter that sets maxRedirects', { adapter: http5 }],
    ['an adapter that sets beforeRedirect too', { adapter: told }],
    ['an adapter with a transport', { adapter: http5, transport: followRedirects.http }],
  ])('nor does what a config says by %s', async (_name, config) => {
    const { seller, other } = await openThieves(307)
    const { error } = await buyByAxios(seller.url, config)
    if (error !== undefined)
      expect(error).toMatchObject({ code: expect.stringMatching(/^REDIRECTED/), money: 'in-doubt' })
    expectNothingStolen(other)
    expect(seller.authorizations().size).toBe(1)
  })

  it('follows a redirect within the origin with the same payment, by follow-redirects too', async () => {
    const seller = await openSeller((request, response) => {
      if (request.payment === undefined || request.path === '/new') return sell(request, response)
      response.writeHead(307, { location: '/new' }).end()
    })
    const { answer } = await buyByAxios(`${seller.url}/old`, { transport: followRedirects.http })
    expect(answer).toMatchObject({ status: 200, data: { ok: true } })
    expect(seller.authorizations().size).toBe(1)
  })
})

describe('a transport of axios that follows nothing goes on paying:', () => {
  it.each<[string, object]>([
    ['Node’s own', http],
    ['one function of Node’s', { request: http.request }],
    ['one around Node’s', { request: (...given: Parameters<typeof http.request>) => http.request(...given) }],
    [
      'one with an agent of its own',
      { request: (options: Options, on: () => void) => http.request({ ...options, agent: new http.Agent() }, on) },
    ],
  ])('%s', async (_name, transport) => {
    const seller = await openSeller(sell)
    const { answer } = await buyByAxios(seller.url, { transport })
    expect(answer).toMatchObject({ status: 200, data: { ok: true } })
    expect(seller.authorizations().size).toBe(1)
  })

  it('a Unix socket', async () => {
    const socketPath = join(tmpdir(), `pay402-${process.pid}.sock`)
    const server = http.createServer((request, response) => {
      if (request.headers['payment-signature'] === undefined) askToPay(response)
      else response.end('{"ok":true}')
    })
    await new Promise<void>((resolve) => server.listen(socketPath, resolve))
    onTestFinished(() => void server.close())
    const { answer } = await buyByAxios('http://localhost/it', { socketPath, transport: http })
    expect(answer).toMatchObject({ status: 200, data: { ok: true } })
  })
})

/** HTTP/2 without a message of Node's HTTP/1: nothing tells what it does with a redirect. */
const byHttp2 = {
  request(options: Options, onResponse: (response: object) => void) {
    const session = http2.connect(`http://${options.hostname}:${options.port}`)
    const stream = session.request({ ':method': options.method, ':path': options.path ?? '/', ...options.headers })
    stream.once('response', ({ ':status': statusCode, ...headers }) =>
      onResponse(Object.assign(stream, { statusCode, headers })),
    )
    stream.once('close', () => session.close())
    return Object.assign(stream, { setTimeout: () => stream })
  },
}

async function openHttp2Seller() {
  const paid: string[] = []
  const server = http2.createServer((request, response) => {
    const payment = request.headers['payment-signature']
    if (payment === undefined)
      response.writeHead(402, { 'payment-required': encodeJsonHeader(createRequired()) }).end('{}')
    else {
      paid.push(String(payment))
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}')
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/it`, paid }
}

describe('a transport of which nothing is known:', () => {
  it('error: TRANSPORT_MAY_REDIRECT before anything is signed', async () => {
    const seller = await openHttp2Seller()
    const { answer, error, signatures } = await buyByAxios(seller.url, { transport: byHttp2 })
    expect(error).toMatchObject({ name: 'DeliveryError', code: 'TRANSPORT_MAY_REDIRECT', money: 'untouched' })
    expect(error?.message).toContain('never-followed')
    expect(answer).toMatchObject({ response: { status: 402 } })
    expect(signatures).toBe(0)
    expect(seller.paid).toEqual([])
  })

  it('pays by it where the caller says that it follows nothing', async () => {
    const seller = await openHttp2Seller()
    const { answer } = await buyByAxios(seller.url, { transport: byHttp2 }, { wrap: { redirects: 'never-followed' } })
    expect(answer).toMatchObject({ status: 200, data: { ok: true } })
    expect(seller.paid).toHaveLength(1)
  })

  it('error: INVALID_OPTION when that word is another', () => {
    expect(() => wrapAxiosWithPayment(axios.create(), createBuyer().client, { redirects: 'no' as never })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})

/** A dispatcher of undici, as far as these tests make one: Node has it, but not its types. */
type Dispatcher = { dispatch(options: { maxRedirections?: number }, handler: object): boolean; close(): Promise<void> }

/** Node's own class of agents, which is undici's. */
async function createAgent(options: object): Promise<Dispatcher> {
  await fetch('data:,') // it makes the agent that all requests share
  const shared: object = Reflect.get(globalThis, Symbol.for('undici.globalDispatcher.1'))
  const agent: Dispatcher = Reflect.construct(shared.constructor as new (given: object) => Dispatcher, [options])
  agents.push(agent)
  return agent
}

const agents: Dispatcher[] = []
afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.close()
})

const dispatchers: Readonly<Record<string, () => Promise<object>>> = {
  'that follows redirects': () => createAgent({ maxRedirections: 5 }),
  'around one that follows redirects': async () => {
    const agent = await createAgent({ maxRedirections: 5 })
    return { dispatch: (...given: Parameters<Dispatcher['dispatch']>) => agent.dispatch(...given) }
  },
  'that follows none': () => createAgent({}),
}

describe('a dispatcher of fetch carries no payment to another origin, and pays at the one that asked:', () => {
  const doors: Record<string, (url: string, init: object) => Promise<unknown>> = {
    fetch: (url, init) =>
      createBuyer()
        .paidFetch(url, init)
        .then((response) => response.json()),
    ky: (url, init) => wrapKyWithPayment(ky.create({ retry: 0 }), createBuyer().client)(url, init).json(),
    axios: async (url, fetchOptions) => {
      const api = wrapAxiosWithPayment(axios.create({ adapter: 'fetch', fetchOptions }), createBuyer().client)
      return (await api.get(url)).data
    },
  }

  for (const [door, buy] of Object.entries(doors)) {
    it.each(Object.entries(dispatchers))(`by ${door}, one %s`, async (_name, create) => {
      const { seller, other } = await openThieves(307)
      const init = { dispatcher: await create() }
      await expect(buy(seller.url, init)).rejects.toThrow()
      expect(seller.authorizations().size).toBe(1)
      expect(other.requests).toEqual([])
      const honest = await openSeller(sell)
      expect(await buy(honest.url, init)).toEqual({ ok: true })
    })
  }
})
