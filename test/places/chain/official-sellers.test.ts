import { decodePaymentRequiredHeader } from '@x402/core/http'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { isX402Error } from '../../../src/index.js'
import { type Chain, createChain } from '../../support/chain/create-chain.js'
import { startOfficialExpressSeller } from '../../support/chain/official-express-seller.js'
import { createOfficialFacilitator, type OfficialFacilitator } from '../../support/chain/official-facilitator.js'
import { startOfficialHonoSeller } from '../../support/chain/official-hono-seller.js'
import type { OfficialSeller } from '../../support/chain/official-seller.js'
import { digestOf } from '../../support/chain/routes.js'
import { type ChainBuyer, createChainBuyer, paymentFor } from './create-chain-buyer.js'

let chain: Chain
beforeAll(async () => {
  chain = await createChain()
})
afterAll(() => chain.stop())

describe.each([
  ['the official express seller', startOfficialExpressSeller],
  ['the official hono seller', startOfficialHonoSeller],
])('%s', (_name, start) => {
  let facilitator: OfficialFacilitator
  let seller: OfficialSeller
  beforeEach(async () => {
    facilitator = createOfficialFacilitator(chain)
    seller = await start({ facilitator })
  })
  afterEach(() => seller.stop())

  /** The money moved once, by exactly the price, and by the authorization that was signed. */
  async function expectPaid(buyer: ChainBuyer, response: Response, price: bigint): Promise<void> {
    expect(response.status).toBe(200)
    const payment = paymentFor(response)
    expect(payment).toMatchObject({
      money: 'settled',
      delivery: 'delivered',
      receipt: { state: 'verified', problems: [] },
    })
    expect(await chain.balanceOf(seller.payTo)).toBe(price)
    expect(await chain.balanceOf(buyer.address)).toBe(1_000_000n - price)
    expect(buyer.nonces).toHaveLength(1)
    for (const nonce of buyer.nonces) expect(await chain.authorizationState(buyer.address, nonce)).toBe(true)
    const receipt = await chain.publicClient.getTransactionReceipt({ hash: payment.transaction as `0x${string}` })
    expect(receipt.status).toBe('success')
  }

  test('sells a GET', async () => {
    const buyer = await createChainBuyer(chain)
    const response = await buyer.fetch(`${seller.url}/weather`)
    await expectPaid(buyer, response, 10_000n)
    expect(await response.json()).toEqual({ city: 'Lisbon', temperature: 21 })
    expect(seller.connections).toBe(1)
  })

  test('sells what it settles up front, to who allows that, before it answers', async () => {
    let balance = 0n
    const answer = async () => {
      balance = await chain.balanceOf(upfront.payTo)
      return { json: { paid: true } }
    }
    const routes = { 'GET /early': { price: '$0.01', paymentFlow: 'upfront', answer } }
    const upfront = await start({ facilitator, routes })
    try {
      const careful = await createChainBuyer(chain)
      const error = await careful.fetch(`${upfront.url}/early`).catch((cause: unknown) => cause)
      expect(error).toMatchObject({ code: 'NO_PAYABLE_OFFER', money: 'untouched' })
      const buyer = await createChainBuyer(chain, 1_000_000n, { paymentFlows: ['authorization', 'upfront'] })
      const response = await buyer.fetch(`${upfront.url}/early`)
      expect(await response.json()).toEqual({ paid: true })
      expect(paymentFor(response)).toMatchObject({ money: 'settled', receipt: { state: 'verified' } })
      expect(balance).toBe(10_000n)
      expect(await chain.balanceOf(buyer.address)).toBe(990_000n)
    } finally {
      await upfront.stop()
    }
  })

  test('sells a POST with JSON', async () => {
    const buyer = await createChainBuyer(chain)
    const body = JSON.stringify({ city: 'Évora', days: [1, 2] })
    const headers = { 'content-type': 'application/json' }
    const response = await buyer.fetch(`${seller.url}/report`, { method: 'POST', body, headers })
    await expectPaid(buyer, response, 20_000n)
    expect(await response.json()).toEqual({ city: 'Évora', days: [1, 2] })
  })

  test('sells a PUT of bytes', async () => {
    const buyer = await createChainBuyer(chain)
    const body = crypto.getRandomValues(new Uint8Array(60_000))
    const response = await buyer.fetch(`${seller.url}/upload`, { method: 'PUT', body })
    await expectPaid(buyer, response, 10_000n)
    expect(await response.json()).toEqual(digestOf(body))
    expect(seller.requests.map((request) => request.body)).toEqual([digestOf(body), digestOf(body)])
  })

  test('sells a form with a file', async () => {
    const buyer = await createChainBuyer(chain)
    const form = new FormData()
    form.set('title', 'hello')
    form.set('file', new File(['contents'], 'a.txt', { type: 'text/plain' }))
    const response = await buyer.fetch(`${seller.url}/form`, { method: 'POST', body: form })
    await expectPaid(buyer, response, 10_000n)
    const file = { name: 'a.txt', type: 'text/plain', ...digestOf(Buffer.from('contents')) }
    expect(await response.json()).toEqual({ fields: { title: 'hello' }, files: { file } })
  })

  test('sells to a Request with a body of its own', async () => {
    const buyer = await createChainBuyer(chain)
    const headers = { 'content-type': 'application/json' }
    const request = new Request(`${seller.url}/report`, { method: 'POST', body: '{"a":1}', headers })
    const response = await buyer.fetch(request)
    await expectPaid(buyer, response, 20_000n)
    expect(await response.json()).toEqual({ a: 1 })
  })

  test('sees the same query and headers in both requests', async () => {
    const buyer = await createChainBuyer(chain)
    const response = await buyer.fetch(`${seller.url}/search?q=caf%C3%A9&page=2`, { headers: { 'x-trace': 't-1' } })
    await expectPaid(buyer, response, 10_000n)
    expect(await response.json()).toEqual({ query: { q: 'café', page: '2' }, trace: 't-1' })
  })

  test('settles 20 payments that are made at once', async () => {
    const buyer = await createChainBuyer(chain)
    const answers = await Promise.all(Array.from({ length: 20 }, () => buyer.fetch(`${seller.url}/weather`)))
    expect(answers.map(({ status }) => status)).toEqual(new Array(20).fill(200))
    expect(new Set(answers.map((answer) => paymentFor(answer).transaction)).size).toBe(20)
    expect(await chain.balanceOf(seller.payTo)).toBe(200_000n)
    expect(await chain.balanceOf(buyer.address)).toBe(800_000n)
    const states = buyer.nonces.map((nonce) => chain.authorizationState(buyer.address, nonce))
    expect(await Promise.all(states)).toEqual(new Array(20).fill(true))
  })

  test('gives a free route away', async () => {
    const buyer = await createChainBuyer(chain)
    expect(await (await buyer.fetch(`${seller.url}/free`)).json()).toEqual({ free: true })
    expect(seller.requests).toHaveLength(1)
    expect(buyer.nonces).toEqual([])
  })

  test('is not paid above the limit', async () => {
    const buyer = await createChainBuyer(chain, 50_000_000n)
    await expect(buyer.fetch(`${seller.url}/expensive`)).rejects.toMatchObject({
      code: 'LIMIT_PER_PAYMENT',
      money: 'untouched',
    })
    expect(await chain.balanceOf(buyer.address)).toBe(50_000_000n)
    expect(seller.requests).toHaveLength(1)
    expect(buyer.nonces).toEqual([])
  })

  test('refuses a buyer without funds, once, and nothing moves', async () => {
    const buyer = await createChainBuyer(chain, 0n)
    const error: unknown = await buyer.fetch(`${seller.url}/weather`).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'PAYMENT_REJECTED', money: 'in-doubt' })
    expect(isX402Error(error) && error.facts['seller says']).toMatch(/insufficient_balance/)
    expect(await chain.balanceOf(seller.payTo)).toBe(0n)
    expect(buyer.nonces).toHaveLength(1)
    for (const nonce of buyer.nonces) expect(await chain.authorizationState(buyer.address, nonce)).toBe(false)
    expect(facilitator.calls.settle).toBe(0)
  })

  test('charges nothing when its handler fails after verification', async () => {
    const buyer = await createChainBuyer(chain)
    const response = await buyer.fetch(`${seller.url}/broken`)
    expect(response.status).toBe(500)
    expect(await response.json()).toEqual({ error: 'out of order' })
    expect(paymentFor(response)).toMatchObject({ money: 'in-doubt', delivery: 'lost' })
    expect(await chain.balanceOf(seller.payTo)).toBe(0n)
    expect(await chain.balanceOf(buyer.address)).toBe(1_000_000n)
    for (const nonce of buyer.nonces) expect(await chain.authorizationState(buyer.address, nonce)).toBe(false)
  })

  test('gets back the entry that it offered', async () => {
    const buyer = await createChainBuyer(chain)
    await buyer.fetch(`${seller.url}/weather`)
    const unpaid = await fetch(`${seller.url}/weather`)
    const { accepts } = decodePaymentRequiredHeader(unpaid.headers.get('payment-required') ?? '')
    const sent = seller.requests.flatMap(({ headers }) => headers['payment-signature'] ?? [])
    expect(sent).toHaveLength(1)
    for (const header of [sent].flat()) {
      expect(JSON.parse(Buffer.from(String(header), 'base64').toString()).accepted).toEqual(accepts[0])
    }
  })
})
