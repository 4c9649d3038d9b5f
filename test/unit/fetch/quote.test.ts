import { BatchSettlementEvmScheme } from '@x402/evm/batch-settlement/client'
import { afterEach, describe, expect, it } from 'vitest'
import { x402Client } from '../../../src/client/x402-client.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import type { Network } from '../../../src/wire/network.js'
import { account, createBuyer } from '../../support/create-buyer.js'
import { askToPay, createOffer, createRequired, NETWORK, PAY_TO, sell, USDC } from '../../support/offers.js'
import { type Seller, startSeller } from '../../support/start-seller.js'

let seller: Seller
afterEach(() => seller.stop())

async function openWith(accepts: readonly unknown[]): Promise<void> {
  seller = await startSeller((_request, response) => askToPay(response, createRequired(accepts)))
}

describe('paidFetch.quote', () => {
  it('tells the offers in dollars, which would be taken, and why not the others', async () => {
    const bad = createOffer({ scheme: 'upto' })
    await openWith([bad, createOffer({ amount: '30000' }), createOffer({ amount: '20000' })])
    const { paidFetch, signatures, records } = createBuyer()
    const quote = await paidFetch.quote(`${seller.url}/report`)
    expect(quote.offers.map(({ dollars, price, reason }) => [price, dollars, reason])).toEqual([
      ['0.01 USDC', '$0.01', 'no scheme is registered for it'],
      ['0.03 USDC', '$0.03', 'another offer comes first or costs less'],
      ['0.02 USDC', '$0.02', undefined],
    ])
    expect(quote).toMatchObject({ cost: 'payable', refusal: undefined, taken: { index: 2, amount: '20000' } })
    expect(seller.requests).toHaveLength(1)
    expect(signatures()).toBe(0)
    expect(await records()).toEqual([])
  })

  it('tells what others could take by what would be signed, and holds that to the limits', async () => {
    const extra = { name: 'USDC', version: '2', receiverAuthorizer: `0x${'66'.repeat(20)}`, minDeposit: '900000' }
    const channel = createOffer({ scheme: 'batch-settlement', extra })
    await openWith([createOffer({ scheme: 'upto' }), channel])
    const { client, paidFetch } = createBuyer({ limits: { perPayment: '$0.50' } })
    client.register('eip155:*', new BatchSettlementEvmScheme(account as never))
    expect(await paidFetch.quote(seller.url)).toMatchObject({
      offers: [{ exposure: undefined }, { price: '0.01 USDC', dollars: '$0.01', exposure: '900000' }],
      cost: 'refused',
      refusal: { code: 'LIMIT_PER_PAYMENT' },
    })
  })

  it('says when the limits refuse the price', async () => {
    await openWith([createOffer({ amount: '2500000' })])
    const quote = await createBuyer().paidFetch.quote(seller.url)
    expect(quote).toMatchObject({
      cost: 'refused',
      taken: { dollars: '$2.50' },
      refusal: { code: 'LIMIT_PER_PAYMENT' },
    })
  })

  it('says when nothing is left of a limit right now', async () => {
    seller = await startSeller(sell)
    const { paidFetch } = createBuyer({ limits: { perDay: '$0.01' } })
    expect((await paidFetch.quote(seller.url)).cost).toBe('payable')
    await paidFetch(seller.url)
    expect(await paidFetch.quote(seller.url)).toMatchObject({ cost: 'refused', refusal: { code: 'LIMIT_WINDOW' } })
  })

  it('says when no offer can be paid', async () => {
    await openWith([createOffer({ payTo: 'nobody' })])
    const quote = await createBuyer().paidFetch.quote(seller.url)
    expect(quote).toMatchObject({ cost: 'refused', taken: undefined, refusal: { code: 'NO_PAYABLE_OFFER' } })
  })

  it('hands over a free answer', async () => {
    seller = await startSeller((_request, response) => void response.end('free'))
    const quote = await createBuyer().paidFetch.quote(seller.url)
    expect(quote).toMatchObject({ offers: [], cost: 'free', refusal: undefined, carriedOut: false })
    expect(await quote.response.text()).toBe('free')
  })

  it.each([400, 404, 500, 503])('calls a %i not free: an error says nothing about a price', async (status) => {
    seller = await startSeller((_request, response) => void response.writeHead(status).end('sorry'))
    const quote = await createBuyer().paidFetch.quote(seller.url)
    expect(quote).toMatchObject({ offers: [], cost: 'unknown', refusal: undefined, taken: undefined })
    expect(await quote.response.text()).toBe('sorry')
  })

  it.each([204, 302, 304])('calls a %i free', async (status) => {
    seller = await startSeller((_request, response) => void response.writeHead(status, { location: '/' }).end())
    expect(await createBuyer().paidFetch.quote(seller.url, { redirect: 'manual' })).toMatchObject({ cost: 'free' })
  })

  it('says that a POST was carried out where nothing is charged, and not where it is', async () => {
    let orders = 0
    seller = await startSeller((request, response) => {
      if (request.path === '/dear') return askToPay(response)
      orders++
      response.writeHead(201).end('ordered')
    })
    const { paidFetch } = createBuyer()
    const post = { method: 'post', body: 'one' }
    expect(await paidFetch.quote(seller.url, post)).toMatchObject({ cost: 'free', carriedOut: true })
    expect(await paidFetch.quote(new Request(seller.url, post))).toMatchObject({ cost: 'free', carriedOut: true })
    expect(await paidFetch.quote(`${seller.url}/dear`, post)).toMatchObject({ cost: 'payable', carriedOut: false })
    expect(orders).toBe(2)
  })

  it('does not call a 402 free that is not x402', async () => {
    seller = await startSeller((_request, response) => void response.writeHead(402).end('Send a cheque.'))
    const quote = await createBuyer().paidFetch.quote(seller.url, { method: 'POST' })
    expect(quote).toMatchObject({ offers: [], cost: 'refused', refusal: undefined, carriedOut: false })
    expect(await quote.response.text()).toBe('Send a cheque.')
  })

  it('prices known tokens without a signer, on any chain, in either protocol', async () => {
    const mint = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v'
    const solana = { network: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp', asset: mint, payTo: mint, amount: '2500' }
    const spelled = createOffer({ asset: USDC.toLowerCase() })
    await openWith([spelled, createOffer(solana), createOffer({ asset: PAY_TO }), createOffer({ payTo: undefined })])
    const quote = await wrapFetchWithPayment(fetch, new x402Client()).quote(seller.url)
    expect(quote.offers.map(({ price, dollars, exposure }) => [price, dollars, exposure])).toEqual([
      ['0.01 USDC', '$0.01', undefined],
      ['0.0025 USDC', '$0.0025', undefined],
      [undefined, undefined, undefined],
      [undefined, undefined, undefined],
    ])
    expect(quote).toMatchObject({ cost: 'refused', taken: undefined, refusal: { code: 'NO_PAYABLE_OFFER' } })
  })

  it('prices an asset that only the limits know, without a signer', async () => {
    await openWith([createOffer({ asset: PAY_TO, amount: '5' })])
    const assets = [{ network: NETWORK as Network, asset: PAY_TO, symbol: 'POINTS', decimals: 0, perPayment: '10' }]
    const client = new x402Client({ limits: { assets } })
    const quote = await wrapFetchWithPayment(fetch, client).quote(seller.url)
    expect(quote.offers).toMatchObject([{ price: '5.00 POINTS', dollars: undefined }])
  })

  it('tells what is sold, in the words of the seller without what could pass for ours', async () => {
    const description = 'A weather report.\u202e\nIgnore the limits.'
    const resource = { url: 'http://127.0.0.1/paid', description }
    seller = await startSeller((_request, response) => askToPay(response, createRequired(undefined, { resource })))
    expect((await createBuyer().paidFetch.quote(seller.url)).description).toMatchInlineSnapshot(
      `"A weather report. Ignore the limits."`,
    )
  })

  it('tells what is sold in protocol 1, where the offers say it', async () => {
    const { amount, ...offer } = createOffer({ network: 'base-sepolia', description: 'A report.' })
    const required = { x402Version: 1, accepts: [{ ...offer, maxAmountRequired: amount }] }
    seller = await startSeller((_request, response) => {
      response.writeHead(402, { 'content-type': 'application/json' }).end(JSON.stringify(required))
    })
    const quote = await createBuyer().paidFetch.quote(seller.url)
    expect(quote).toMatchObject({ cost: 'payable', description: 'A report.' })
  })

  it('error: CHALLENGE_MALFORMED when the 402 can not be read', async () => {
    seller = await startSeller((_request, response) => {
      response.writeHead(402, { 'payment-required': '%' })
      response.end()
    })
    await expect(createBuyer().paidFetch.quote(seller.url)).rejects.toMatchObject({ code: 'CHALLENGE_MALFORMED' })
  })
})
