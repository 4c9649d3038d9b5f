import { describe, expect, it } from 'vitest'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { encodePaymentRequiredHeader, paymentOf } from '../../../src/index.js'
import { createBuyer } from '../../support/create-buyer.js'
import { askToPay, createRequired, sell } from '../../support/offers.js'
import type { SellerRequest } from '../../support/start-seller.js'
import { refusalOf } from '../flow/refusal-of.js'
import { openSeller } from './open-seller.js'

describe('wrapFetchWithPayment: a Request', () => {
  it('is paid when it has no body', async () => {
    const seller = await openSeller(sell)
    const request = new Request(`${seller.url}/weather?q=1`, { headers: { 'x-trace': 't' } })
    expect(paymentOf(await createBuyer().paidFetch(request))?.money).toBe('settled')
    expect(seller.requests.map(toLine)).toEqual(['GET /weather?q=1 t: ', 'GET /weather?q=1 t: '])
  })

  it('is sent again with its body', async () => {
    const seller = await openSeller(sell)
    const request = post(`${seller.url}/ask`, 'question ☂')
    expect(paymentOf(await createBuyer().paidFetch(request))?.money).toBe('settled')
    expect(seller.requests.map(toLine)).toEqual(['POST /ask t: question ☂', 'POST /ask t: question ☂'])
  })

  it('is sent again with the same type of content', async () => {
    const seller = await openSeller(sell)
    const body = new FormData()
    body.append('a', '1')
    await createBuyer().paidFetch(post(seller.url, body))
    const types = seller.requests.map(({ headers }) => headers['content-type'])
    expect(types[0]).toMatch(/^multipart\/form-data; boundary=/)
    expect(types[1]).toBe(types[0])
    expect(seller.requests[1]?.body).toEqual(seller.requests[0]?.body)
  })

  it('is sent with the body of init, both times', async () => {
    const seller = await openSeller(sell)
    await createBuyer().paidFetch(post(seller.url, 'replaced'), { body: 'sent' })
    expect(seller.requests.map(toLine)).toEqual(['POST / t: sent', 'POST / t: sent'])
  })

  it('is sent with the method and headers of init, both times', async () => {
    const seller = await openSeller(sell)
    await createBuyer().paidFetch(post(seller.url, 'kept'), { method: 'PUT', headers: { 'x-trace': 'u' } })
    expect(seller.requests.map(toLine)).toEqual(['PUT / u: kept', 'PUT / u: kept'])
  })

  it('is paid although its own body was used, when init has another', async () => {
    const seller = await openSeller(sell)
    const request = post(seller.url, 'used')
    await request.text()
    await createBuyer().paidFetch(request, { body: 'sent' })
    expect(seller.requests.map(toLine)).toEqual(['POST / t: sent', 'POST / t: sent'])
  })

  it('is refused by the given fetch when its body was used already', async () => {
    const seller = await openSeller(sell)
    const request = post(seller.url, 'used')
    await request.text()
    await expect(createBuyer().paidFetch(request)).rejects.toThrow(TypeError)
    expect(seller.requests).toHaveLength(0)
  })

  it('is followed with its body to another address of its origin', async () => {
    const seller = await openSeller((request, response) => {
      if (request.payment === undefined) return askToPay(response)
      if (request.path === '/new') return sell(request, response)
      response.writeHead(307, { location: '/new' })
      response.end()
    })
    expect((await createBuyer().paidFetch(post(`${seller.url}/old`, 'question'))).status).toBe(200)
    expect(seller.requests.map(toLine).at(-1)).toBe('POST /new t: question')
  })

  it('ends with its own signal', async () => {
    const seller = await openSeller(sell)
    const abort = new AbortController()
    const { client, paidFetch, signatures } = createBuyer()
    client.onBeforePaymentCreation(() => abort.abort())
    const error = await refusalOf(paidFetch(new Request(seller.url, { signal: abort.signal })))
    expect(error).toMatchObject({ name: 'AbortError', money: 'untouched' })
    expect(signatures()).toBe(0)
  })

  it('reads the purchase key of its headers', async () => {
    const seller = await openSeller(sell)
    const { paidFetch, records } = createBuyer()
    for (const path of ['a', 'b']) {
      await paidFetch(new Request(`${seller.url}/${path}`, { headers: { 'idempotency-key': 'order-1' } }))
    }
    const [one, other] = await records()
    expect(one?.call.purchase).toMatch(/^[0-9a-f]{64}$/)
    expect(one?.call.purchase).toBe(other?.call.purchase)
  })

  it('of another library is sent again as it was, or refused before signing', async () => {
    const seller = await openSeller(sell)
    const foreign = createForeignRequest(post(`${seller.url}/ask`, 'question'))
    const { client } = createBuyer()
    const foreignFetch: typeof fetch = (input, init) => fetch(input === foreign ? foreign.unwrap() : input, init)
    const answer = wrapFetchWithPayment(foreignFetch, client)(foreign)
    await answer.catch((error: unknown) => expect(error).toMatchObject({ money: 'untouched' }))
    expect(seller.requests.map(toLine)).toEqual(seller.requests.map(() => 'POST /ask t: question'))
  })
})

describe("wrapFetchWithPayment: a Request with `replay: 'never'`", () => {
  it('error: BODY_NOT_REPLAYABLE when it has a body, and the 402 can be read', async () => {
    const seller = await openSeller(sell)
    const { paidFetch, signatures, records } = createBuyer({}, { replay: 'never' })
    const error = await refusalOf(paidFetch(post(seller.url, 'question')))
    expect(error).toMatchObject({ name: 'DeliveryError', code: 'BODY_NOT_REPLAYABLE', money: 'untouched' })
    expect(await (error.response as Response).text()).toBe('{}')
    expect(signatures()).toBe(0)
    expect(await records()).toEqual([])
  })

  it('is handed on without a copy of its body', async () => {
    const request = post('https://api.example.com/free', 'question')
    const { client } = createBuyer()
    const send = async () => new Response(String(request.bodyUsed || request.body?.locked))
    const response = await wrapFetchWithPayment(send, client, { replay: 'never' })(request)
    expect(await response.text()).toBe('false')
  })

  it('is paid when it has no body', async () => {
    const seller = await openSeller(sell)
    const { paidFetch } = createBuyer({}, { replay: 'never' })
    expect(paymentOf(await paidFetch(new Request(seller.url)))?.money).toBe('settled')
  })

  it('is paid when init has the body', async () => {
    const seller = await openSeller(sell)
    const { paidFetch } = createBuyer({}, { replay: 'never' })
    await paidFetch(post(seller.url, 'replaced'), { body: 'sent' })
    expect(seller.requests.map(toLine)).toEqual(['POST / t: sent', 'POST / t: sent'])
  })
})

function post(url: string, body: BodyInit): Request {
  return new Request(url, { method: 'POST', body, headers: { 'x-trace': 't' } })
}

function toLine({ method, path, headers, body }: SellerRequest): string {
  return `${method} ${path} ${headers['x-trace']}: ${body}`
}

/** A Request of another implementation, as the package undici has one: the same to look at, and no instance of ours. */
function createForeignRequest(request: Request): Request & { unwrap(): Request } {
  return new Proxy(Object.create(null), {
    get: (_target, name) => {
      if (name === 'unwrap') return () => request.clone()
      if (name === Symbol.toStringTag) return 'Request'
      const value: unknown = Reflect.get(request, name)
      return typeof value === 'function' ? value.bind(request) : value
    },
  })
}

it('wrapFetchWithPayment: ends with its signal while the stream of a request that was answered early stalls', async () => {
  const { client, signatures } = createBuyer()
  const abort = new AbortController()
  const early = async () => {
    setImmediate(() => abort.abort())
    const headers = { 'payment-required': encodePaymentRequiredHeader(createRequired() as never) }
    return new Response('{}', { status: 402, headers })
  }
  const body = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(1)) })
  const init = { method: 'POST', body, duplex: 'half', signal: abort.signal } as RequestInit
  const call = wrapFetchWithPayment(early, client)(new Request('https://api.example.com/', init))
  await expect(call).rejects.toMatchObject({ name: 'AbortError' })
  expect(signatures()).toBe(0)
})
