import { decodePaymentRequiredHeader } from '@x402/core/http'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Chain, createChain } from '../../support/chain/create-chain.js'
import { createOfficialBuyer } from '../../support/chain/create-official-buyer.js'
import { startOfficialExpressSeller } from '../../support/chain/official-express-seller.js'
import { createOfficialFacilitator, type OfficialFacilitator } from '../../support/chain/official-facilitator.js'
import { startOfficialHonoSeller } from '../../support/chain/official-hono-seller.js'
import type { OfficialSeller } from '../../support/chain/official-seller.js'
import { digestOf } from '../../support/chain/routes.js'

const chainStartTimeoutMs = 60_000

let chain: Chain
beforeAll(async () => {
  chain = await createChain()
}, chainStartTimeoutMs)
afterAll(() => chain.stop())

describe.each([
  ['startOfficialExpressSeller', startOfficialExpressSeller],
  ['startOfficialHonoSeller', startOfficialHonoSeller],
])('%s', (_name, start) => {
  let facilitator: OfficialFacilitator
  let seller: OfficialSeller
  beforeEach(async () => {
    facilitator = createOfficialFacilitator(chain)
    seller = await start({ facilitator })
  })
  afterEach(() => seller.stop())

  test('echoes the JSON that was sent', async () => {
    const buyer = await createOfficialBuyer(chain)
    const body = JSON.stringify({ city: 'Évora', days: [1, 2] })
    const headers = { 'content-type': 'application/json' }
    const response = await buyer.fetch(`${seller.url}/report`, { method: 'POST', body, headers })

    expect(await response.json()).toEqual({ city: 'Évora', days: [1, 2] })
    expect(seller.requests.map((request) => request.body)).toEqual([
      digestOf(Buffer.from(body)),
      digestOf(Buffer.from(body)),
    ])
  })

  test('tells which bytes were uploaded', async () => {
    const buyer = await createOfficialBuyer(chain)
    const body = crypto.getRandomValues(new Uint8Array(60_000))
    const response = await buyer.fetch(`${seller.url}/upload`, { method: 'PUT', body })

    expect(await response.json()).toEqual(digestOf(body))
  })

  test('tells which fields and files a form had', async () => {
    const buyer = await createOfficialBuyer(chain)
    const form = new FormData()
    form.set('title', 'hello')
    form.set('file', new File(['contents'], 'a.txt', { type: 'text/plain' }))
    const response = await buyer.fetch(`${seller.url}/form`, { method: 'POST', body: form })

    const file = { name: 'a.txt', type: 'text/plain', ...digestOf(Buffer.from('contents')) }
    expect(await response.json()).toEqual({ fields: { title: 'hello' }, files: { file } })
  })

  test('echoes the query and a header', async () => {
    const buyer = await createOfficialBuyer(chain)
    const response = await buyer.fetch(`${seller.url}/search?q=a%20b&n=2`, { headers: { 'x-trace': 'abc' } })

    expect(await response.json()).toEqual({ query: { q: 'a b', n: '2' }, trace: 'abc' })
    expect(seller.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /search', 'GET /search'])
  })

  test('does not settle when its handler fails', async () => {
    const buyer = await createOfficialBuyer(chain, 10_000n)
    const response = await buyer.fetch(`${seller.url}/broken`)

    expect(response.status).toBe(500)
    expect(facilitator.calls).toEqual({ verify: 1, settle: 0 })
    expect(await chain.balanceOf(buyer.address)).toBe(10_000n)
  })

  test('offers the expensive route for 25 dollars', async () => {
    const response = await fetch(`${seller.url}/expensive`)

    expect(response.status).toBe(402)
    expect(decodePaymentRequiredHeader(response.headers.get('payment-required') ?? '').accepts).toEqual([
      {
        scheme: 'exact',
        network: 'eip155:84532',
        amount: '25000000',
        asset: chain.usdc,
        payTo: seller.payTo,
        maxTimeoutSeconds: 300,
        extra: { name: 'USDC', version: '2' },
      },
    ])
  })

  test('gives the free route away', async () => {
    const response = await fetch(`${seller.url}/free`)

    expect(await response.json()).toEqual({ free: true })
    expect(facilitator.calls).toEqual({ verify: 0, settle: 0 })
  })

  test('sells the routes that it is given', async () => {
    const other = await start({
      facilitator,
      routes: { 'GET /joke': { price: '$0.03', answer: () => ({ json: 'ha' }) } },
    })
    const buyer = await createOfficialBuyer(chain)
    const response = await buyer.fetch(`${other.url}/joke`)

    expect(await response.json()).toBe('ha')
    expect(await chain.balanceOf(other.payTo)).toBe(30_000n)
    await other.stop()
  })

  test('frees its port when it stops', async () => {
    const other = await start({ facilitator })
    await fetch(`${other.url}/free`)
    expect(other.connections).toBe(1)
    await other.stop()
    await expect(fetch(`${other.url}/free`)).rejects.toThrow('fetch failed')
  })
})
