import { describe, expect, it } from 'vitest'
import { createPaymentTools } from '../../../src/agents/index.js'
import { createSeller } from '../../../src/testing/index.js'
import { createAgent, createShop, SOLD } from './create-shop.js'

const KEY = 'sk-live-0123456789'
const HOST = 'seller.example'

/** Sends back what it was sent, as some sellers do. */
async function echo(request: Request): Promise<Response> {
  const headers = Object.fromEntries(request.headers)
  const paid = headers['payment-signature'] ?? ''
  return Response.json({ headers, decoded: paid === '' ? '' : atob(paid), key: encodeURIComponent(KEY) })
}

describe("the operator's headers", () => {
  it('reach their host, with and without a payment, and never the model', async () => {
    const headers = { [HOST]: { 'x-api-key': KEY, authorization: `Bearer ${KEY}-2` } }
    const { buy, seller, tools } = createShop({ answer: echo }, { headers })
    const result = await buy({ url: SOLD })
    expect(result).toMatchObject({ outcome: 'received', price: '$0.01' })
    expect(seller.requests.map((request) => request.headers.get('x-api-key'))).toEqual([KEY, KEY])
    expect(seller.requests.map((request) => request.headers.get('authorization'))).toEqual([
      `Bearer ${KEY}-2`,
      `Bearer ${KEY}-2`,
    ])
    expect(result.untrusted?.body).toContain('[removed by pay402]')
    for (const said of [result, await tools.price.execute({ url: SOLD }), await tools.my_purchases.execute({})]) {
      expect(JSON.stringify(said)).not.toContain(KEY)
    }
  })

  it('are taken out of what a seller says of a refusal or of itself, too', async () => {
    const refuses = { refuses: `bad key ${KEY}` }
    const script = { whenPaid: [refuses, refuses, refuses], description: `For ${KEY}` }
    const { buy, tools } = createShop(script, { headers: { [HOST]: { 'x-api-key': KEY } } })
    expect(await tools.price.execute({ url: SOLD })).toMatchObject({ sellerSays: 'For [removed by pay402]' })
    expect(await buy({ url: SOLD })).toMatchObject({ sellerSays: 'bad key [removed by pay402]' })
    expect(await tools.my_purchases.execute({})).toMatchObject({
      purchases: [{ sellerSays: 'bad key [removed by pay402]' }],
    })
  })

  it('are no content type either', async () => {
    const answer = () => new Response('text', { headers: { 'content-type': `text/${KEY}; charset=${KEY}` } })
    const { buy } = createShop({ answer }, { headers: { [HOST]: { 'x-api-key': KEY } } })
    const { untrusted } = await buy({ url: SOLD })
    expect(untrusted).toMatchObject({ body: 'text', encoding: 'text' })
    expect(untrusted).not.toHaveProperty('contentType')
  })

  it('go to no other host', async () => {
    const headers = { 'other.example': { 'x-api-key': KEY } }
    const { buy, seller } = createShop({}, { headers })
    await buy({ url: SOLD })
    expect(seller.requests.map((request) => request.headers.get('x-api-key'))).toEqual([null, null])
  })

  it('stay behind when their host redirects elsewhere, and go along where it stays', async () => {
    const asked: [string, string | null][] = []
    const fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
      const { hostname, pathname } = new URL(String(input))
      asked.push([hostname + pathname, new Headers(init?.headers).get('x-api-key')])
      if (pathname === '/a') return new Response(null, { status: 302, headers: { location: '/b' } })
      if (pathname === '/b') return new Response(null, { status: 307, headers: { location: 'https://evil.example/c' } })
      return new Response('there')
    }
    const headers = { [HOST]: { 'x-api-key': KEY } }
    const agent = createAgent({ total: '$0.50', hosts: [HOST, 'evil.example'] })
    const tools = createPaymentTools(agent, { fetch, headers })
    const result = await tools.pay_and_fetch.execute({ url: `https://${HOST}/a` })
    expect(result).toMatchObject({ outcome: 'received', untrusted: { body: 'there' } })
    expect(asked).toEqual([
      [`${HOST}/a`, KEY],
      [`${HOST}/b`, KEY],
      ['evil.example/c', null],
    ])
  })

  it('follow no circle of redirects', async () => {
    const fetch = async () => new Response(null, { status: 302, headers: { location: SOLD } })
    const tools = createPaymentTools(createAgent(), { fetch, headers: { [HOST]: { 'x-api-key': KEY } } })
    expect(await tools.pay_and_fetch.execute({ url: SOLD })).toMatchObject({ outcome: 'failed', money: 'untouched' })
  })

  it('make a GET of a redirected POST, without its body, as platforms do', async () => {
    const asked: unknown[] = []
    const fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
      asked.push([init?.method, init?.body, new Headers(init?.headers).get('content-type')])
      return String(input).endsWith('/b')
        ? new Response('done')
        : new Response(null, { status: 303, headers: { location: '/b' } })
    }
    const tools = createPaymentTools(createAgent(), { fetch, headers: { [HOST]: { 'x-api-key': KEY } } })
    await tools.pay_and_fetch.execute({ url: SOLD, method: 'POST', body: '{}' })
    expect(asked).toEqual([
      ['POST', '{}', 'application/json'],
      ['GET', undefined, null],
    ])
  })
})

describe('a payment', () => {
  it('that a seller sends back is taken out, as it was sent and as it reads', async () => {
    const { buy, seller } = createShop({ answer: echo })
    const result = await buy({ url: SOLD })
    const sent = seller.requests.at(-1)?.headers.get('payment-signature') ?? ''
    expect(sent.length).toBeGreaterThan(100)
    const body = result.untrusted?.body ?? ''
    expect(body).not.toContain(sent)
    for (const [signed] of atob(sent).matchAll(/0x[0-9a-f]{64,}/gi)) expect(body).not.toContain(signed)
    expect(body).toContain('[removed by pay402]')
  })

  it('that a seller sends back in what it calls an image is taken out, too', async () => {
    const answer = async (request: Request) =>
      new Response(request.headers.get('payment-signature'), { headers: { 'content-type': 'image/png' } })
    const { buy, seller } = createShop({ answer })
    const { untrusted } = await buy({ url: SOLD })
    expect(untrusted?.encoding).toBe('base64')
    expect(atob(untrusted?.body ?? '')).toBe('[removed by pay402]')
    expect(seller.payments).toHaveLength(1)
  })

  it('that stands where the body is cut is taken out whole', async () => {
    const answer = async (request: Request) =>
      new Response(`${'x'.repeat(90)}${request.headers.get('payment-signature')}`, {
        headers: { 'content-type': 'text/plain' },
      })
    const { untrusted } = await createShop({ answer }, { maxBytes: 100 }).buy({ url: SOLD })
    expect(untrusted?.body).toBe(`${'x'.repeat(90)}[removed b… [cut here]`)
  })
})

describe('an address', () => {
  it('is listed without its query, which may hold a key', async () => {
    const seller = createSeller({})
    const tools = createPaymentTools(createAgent(), { fetch: seller.fetch })
    await tools.pay_and_fetch.execute({ url: `${SOLD}?apikey=${KEY}` })
    const { purchases } = await tools.my_purchases.execute({})
    expect(purchases).toMatchObject([{ resource: `GET ${SOLD}` }])
  })
})
