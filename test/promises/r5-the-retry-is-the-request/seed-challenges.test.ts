import { afterEach, describe, expect, it } from 'vitest'
import { isX402Error } from '../../../src/errors/x402-error.js'
import { createBuyer } from '../../support/create-buyer.js'
import { deliver } from '../../support/offers.js'
import { type Seller, startSeller } from '../../support/start-seller.js'

/**
 * The 402s that stand in the documents which the product must satisfy: Polygon's pages on x402 v2 and on how x402 works, a page on
 * the flow of protocol 1, and HPP's page on its sellers.
 */
const examples = {
  'Polygon, v2 without payTo': {
    x402Version: 2,
    accepts: [
      { scheme: 'exact', network: 'eip155:137', maxAmountRequired: '1000', description: 'Access to premium API' },
    ],
    error: null,
  },
  'a v1 flow on Solana': {
    x402Version: 1,
    accepts: [
      {
        scheme: 'exact',
        network: 'solana-devnet',
        asset: 'USDC',
        maxAmountRequired: '10000',
        payTo: '7xKX...',
        resource: 'https://api.example.com/api/data',
        description: 'API access',
        mimeType: 'application/json',
        maxTimeoutSeconds: 60,
      },
    ],
  },
  'Polygon, a draft of v1': {
    x402Version: 1,
    accepts: [
      {
        scheme: 'erc-3009',
        network: 'polygon',
        token: 'USDC_address',
        maxAmountRequired: '1000000',
        description: 'Access to premium API',
      },
    ],
    error: null,
  },
  'HPP, v2 in the body': {
    x402Version: 2,
    resource: { url: 'https://seller.example.com/paid/hello', description: 'A paid hello-world endpoint.' },
    accepts: [
      {
        scheme: 'exact',
        network: 'eip155:190415',
        amount: '10000',
        asset: '0x401eCb1D350407f13ba348573E5630B83638E30D',
        payTo: '0x209693Bc6afc0C5328bA36FaF03C514EF312287C',
        maxTimeoutSeconds: 600,
        extra: { name: 'Bridged USDC', version: '2' },
      },
    ],
    extensions: {},
  },
}

let seller: Seller
afterEach(() => seller.stop())

async function openWith(required: object): Promise<void> {
  seller = await startSeller((request, response) => {
    if (request.payment !== undefined) return deliver(response, request)
    response.writeHead(402, { 'content-type': 'application/json' })
    response.end(JSON.stringify(required))
  })
}

describe('the 402s of the seeds', () => {
  const refused = {
    'Polygon, v2 without payTo': '"exact" on eip155:137: asset, payTo, maxTimeoutSeconds are missing',
    'a v1 flow on Solana': '"exact" on "solana-devnet": no scheme is registered for it',
    'Polygon, a draft of v1': '"erc-3009" on "polygon": asset, payTo, maxTimeoutSeconds are missing',
  } as const

  for (const [name, reason] of Object.entries(refused)) {
    it(`${name}: refused, naming what is missing`, async () => {
      await openWith(examples[name as keyof typeof refused])
      const buyer = createBuyer()
      const error: unknown = await buyer.paidFetch(seller.url).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'NO_PAYABLE_OFFER', money: 'untouched', facts: { 'offer 1': reason } })
      expect(buyer.signatures()).toBe(0)
    })
  }

  it('HPP, v2 in the body: paid, since it holds all that a payment needs', async () => {
    await openWith(examples['HPP, v2 in the body'])
    const buyer = createBuyer()
    expect((await buyer.paidFetch(seller.url)).status).toBe(200)
    expect(seller.requests[1]?.payment).toMatchObject({
      x402Version: 2,
      resource: examples['HPP, v2 in the body'].resource,
      accepted: examples['HPP, v2 in the body'].accepts[0],
    })
  })

  it('a draft of v1 with what is missing: its old scheme name is read as exact and written back', async () => {
    const [draft] = examples['Polygon, a draft of v1'].accepts
    const offer = {
      ...draft,
      asset: '0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359',
      payTo: '0x209693Bc6afc0C5328bA36FaF03C514EF312287C',
      maxTimeoutSeconds: 60,
    }
    await openWith({ x402Version: 1, accepts: [offer], error: null })
    const buyer = createBuyer()
    const response = await buyer.paidFetch(seller.url).catch((error: unknown) => {
      throw isX402Error(error) ? new Error(error.message) : error
    })
    expect(response.status).toBe(200)
    expect(seller.requests[1]?.payment).toMatchObject({ x402Version: 1, scheme: 'erc-3009', network: 'polygon' })
  })
})
