import { expect, it } from 'vitest'
import { paymentOf } from '../../../src/payment/summary.js'
import { createBuyer } from '../../support/create-buyer.js'
import { createOffer, deliver, sell } from '../../support/offers.js'
import { startSeller } from '../../support/start-seller.js'

it('sends the payment with the first request, once the price is known', async () => {
  const seller = await startSeller(sell)
  const buyer = createBuyer({ prepay: [{ route: seller.url }] })
  for (let i = 0; i < 5; i++) {
    const response = await buyer.paidFetch(seller.url)
    expect(response.status).toBe(200)
    expect(paymentOf(response)).toMatchObject({ money: 'settled' })
  }
  expect(seller.requests.length).toBe(6)
  expect(buyer.signatures()).toBe(5)
})

it('sends a HEAD with the payment, whose price is its own', async () => {
  const seller = await startSeller(sell)
  const { paidFetch } = createBuyer({ prepay: [{ route: seller.url }] })
  for (const method of ['GET', 'HEAD', 'HEAD', 'GET']) {
    const response = await paidFetch(seller.url, { method })
    expect(paymentOf(response)).toMatchObject({ money: 'settled', delivery: 'delivered' })
    expect(await response.text()).toBe(method === 'GET' ? '{"ok":true}' : '')
  }
  expect(seller.requests.map(({ method, payment }) => `${method} ${payment ? 'paid' : 'asked'}`)).toEqual([
    'GET asked',
    'GET paid',
    'HEAD asked',
    'HEAD paid',
    'HEAD paid',
    'GET paid',
  ])
})

it('pays a seller of protocol 1, at each address below one, and refuses when its price has changed', async () => {
  let amount = '10000'
  const seller = await startSeller((request, response) => {
    const { value } = new Object(request.payment?.payload['authorization']) as { value?: string } // of EIP-3009
    if (value === amount) return deliver(response, request)
    const { amount: _, ...offer } = createOffer({ network: 'base-sepolia', resource: seller.url + request.path })
    const accepts = [{ ...offer, maxAmountRequired: amount, description: '', mimeType: '' }]
    response.writeHead(402, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ x402Version: 1, error: 'X-PAYMENT header is required', accepts }))
  })
  const { paidFetch, signatures } = createBuyer({ prepay: [{ route: `${seller.url}/*` }] })
  for (const path of ['/rome', '/oslo']) expect((await paidFetch(seller.url + path)).status).toBe(200)
  expect(seller.requests.map(({ path, headers }) => `${path} ${headers['x-payment'] ? 'paid' : 'asked'}`)).toEqual([
    '/rome asked',
    '/rome paid',
    '/oslo paid',
  ])
  // Nothing of the address that was asked before goes to the seller.
  expect(Object.keys(seller.requests[2]?.payment ?? {})).toEqual(['x402Version', 'scheme', 'network', 'payload'])
  amount = '20000'
  await expect(paidFetch(seller.url)).rejects.toMatchObject({
    code: 'PRICE_CHANGED',
    money: 'in-doubt',
    facts: { prepaid: '10000 units', 'asked for': '20000 units', changed: 'maxAmountRequired' },
  })
  expect(signatures()).toBe(3)
})
