import { afterEach, describe, expect, it } from 'vitest'
import { ExactSvmScheme, toClientSvmSigner } from '../../../schemes/svm/index.js'
import { wrapFetchWithPayment } from '../../../src/fetch/index.js'
import { x402Client } from '../../../src/index.js'
import { createBuyer } from '../../support/create-buyer.js'
import { deliver, PAY_TO } from '../../support/offers.js'
import { type Seller, startSeller } from '../../support/start-seller.js'

/**
 * The 402s that stand in the documents which the product must satisfy: Polygon's pages on x402 v2 and on how x402 works, a page on
 * the flow of protocol 1, and HPP's page on its sellers.
 */
const examples = {
  'Polygon, v2': {
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
        payTo: '0xYourReceivingAddress',
        maxTimeoutSeconds: 600,
        extra: { name: 'Bridged USDC', version: '2' },
      },
    ],
    extensions: {},
  },
}
type Name = keyof typeof examples

let seller: Seller
afterEach(() => seller.stop())

async function openWith(required: object): Promise<void> {
  seller = await startSeller((request, response) => {
    if (request.payment !== undefined) return deliver(response, request)
    response.writeHead(402, { 'content-type': 'application/json' })
    response.end(JSON.stringify(required))
  })
}

/** The example with other fields in its one offer, such as a real `payTo`. */
function fill(name: Name, changes: object): { accepts: readonly object[] } {
  const { accepts, ...required } = examples[name]
  return { ...required, accepts: accepts.map((offer) => ({ ...offer, ...changes })) }
}

/** What a buyer is told who is asked to pay it. */
async function refuse(required: object) {
  await openWith(required)
  const buyer = createBuyer()
  const error: unknown = await buyer.paidFetch(seller.url).catch((thrown: unknown) => thrown)
  expect(buyer.signatures()).toBe(0)
  return error
}

describe('the 402s of the seeds, as they stand', () => {
  const refused: Record<Name, string> = {
    'Polygon, v2': '"exact" on eip155:137: payTo is missing',
    'a v1 flow on Solana': '"exact" on "solana-devnet": no scheme is registered for it',
    'Polygon, a draft of v1': '"erc-3009" on "polygon": payTo is missing',
    'HPP, v2 in the body': '"exact" on eip155:190415: payTo is not an address of 20 bytes in hex',
  }

  for (const [name, reason] of Object.entries(refused)) {
    it(`${name}: refused, naming what is missing`, async () => {
      const error = await refuse(examples[name as Name])
      expect(error).toMatchObject({ code: 'NO_PAYABLE_OFFER', money: 'untouched', facts: { 'offer 1': reason } })
    })
  }
})

describe('the 402s of the seeds, with a real payTo', () => {
  it('HPP, v2 in the body: paid, and the offer goes back as it was written', async () => {
    const required = fill('HPP, v2 in the body', { payTo: PAY_TO })
    await openWith(required)
    expect((await createBuyer().paidFetch(seller.url)).status).toBe(200)
    expect(seller.requests[1]?.payment).toMatchObject({
      x402Version: 2,
      resource: examples['HPP, v2 in the body'].resource,
      accepted: required.accepts[0],
    })
  })

  it('Polygon, v2: paid in the one dollar that its network is known for, within a minute, and goes back as it was written', async () => {
    const required = fill('Polygon, v2', { payTo: PAY_TO })
    await openWith(required)
    const buyer = createBuyer()
    expect((await buyer.paidFetch(seller.url)).status).toBe(200)
    expect(seller.requests[1]?.payment?.accepted).toEqual(required.accepts[0])
    expect(await buyer.client.payments()).toMatchObject([
      { amount: '1000', asset: '0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359', payTo: PAY_TO, price: '0.001 USDC' },
    ])
  })

  it('Polygon, a draft of v1: its token is read as the asset, its old scheme name as exact, and both go back as they were', async () => {
    await openWith(fill('Polygon, a draft of v1', { payTo: PAY_TO }))
    const buyer = createBuyer()
    expect((await buyer.paidFetch(seller.url)).status).toBe(200)
    expect(seller.requests[1]?.payment).toMatchObject({ x402Version: 1, scheme: 'erc-3009', network: 'polygon' })
    expect(await buyer.client.payments()).toMatchObject([
      { scheme: 'exact', amount: '1000000', asset: '0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359' },
    ])
  })

  it.each([
    ['an address', { token: '0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359' }],
    ['a symbol', { token: 'usdc' }],
    ['the same under both names', { token: 'USDC', asset: 'USDC' }],
  ])('Polygon, a draft of v1, with %s for a token: paid', async (_what, named) => {
    await openWith(fill('Polygon, a draft of v1', { payTo: PAY_TO, ...named }))
    expect((await createBuyer().paidFetch(seller.url)).status).toBe(200)
  })

  /** Solana's own sellers always say who pays the fee: a buyer never does. */
  it('a v1 flow on Solana: paid in USDC of devnet once it says who pays the fee, too', async () => {
    const signer = await toClientSvmSigner(new Uint8Array(32).fill(0x22))
    const payTo = '2wKupLR9q6wXYppw8Gr2NvWxKBUqm4PPJKkQfoxHDBg4'
    const extra = { feePayer: '9aE476sH92Vz7DMPyq5WLPkrKWivxeuTKEFKd2sZZcde', recentBlockhash: payTo }
    await openWith(fill('a v1 flow on Solana', { payTo, extra }))
    const client = new x402Client().register('solana:*', new ExactSvmScheme(signer, { rpc: {} }))
    const response = await wrapFetchWithPayment(fetch, client)(seller.url)
    expect(response.status).toBe(200)
    expect(seller.requests[1]?.payment).toMatchObject({ x402Version: 1, scheme: 'exact', network: 'solana-devnet' })
    expect(await client.payments()).toMatchObject([
      { asset: '4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU', amount: '10000', price: '0.01 USDC', payTo },
    ])
  })
})

describe('a token that is named by a symbol', () => {
  it.each([
    ['a symbol that nobody knows there', 'eip155:137', 'EURC', 'asset is not an address of 20 bytes in hex'],
    ['no symbol where several dollars are known', 'eip155:42220', undefined, 'asset is missing'],
    ['another token under the other name', 'eip155:137', 'USDT', 'asset and token differ'],
  ])('is refused: %s', async (_what, network, asset, reason) => {
    const named = asset === 'USDT' ? { token: 'USDC' } : {}
    const error = await refuse(fill('Polygon, v2', { payTo: PAY_TO, network, asset, ...named }))
    expect(error).toMatchObject({ code: 'NO_PAYABLE_OFFER', facts: { 'offer 1': `"exact" on ${network}: ${reason}` } })
  })

  it('is the one token of that symbol among several dollars', async () => {
    await openWith(fill('Polygon, v2', { payTo: PAY_TO, network: 'eip155:42220', asset: 'USDT' }))
    const buyer = createBuyer()
    expect((await buyer.paidFetch(seller.url)).status).toBe(200)
    expect(await buyer.client.payments()).toMatchObject([{ asset: '0x48065fbBE25f71C9282ddf5e1cD6D6A887483D5e' }])
  })

  it('counts against the limits of the token that it names', async () => {
    await openWith(fill('Polygon, v2', { payTo: PAY_TO, asset: 'USDC' }))
    const buyer = createBuyer({ limits: { perPayment: '$0.0009' } })
    await expect(buyer.paidFetch(seller.url)).rejects.toMatchObject({ code: 'LIMIT_PER_PAYMENT' })
    expect(buyer.signatures()).toBe(0)
  })
})
