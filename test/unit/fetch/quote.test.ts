import { BatchSettlementEvmScheme } from '@x402/evm/batch-settlement/client'
import { afterEach, describe, expect, it } from 'vitest'
import { account, createBuyer } from '../../support/create-buyer.js'
import { askToPay, createOffer, createRequired, sell } from '../../support/offers.js'
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
      [undefined, undefined, 'no scheme is registered for it'],
      ['0.03 USDC', '$0.03', 'another offer comes first or costs less'],
      ['0.02 USDC', '$0.02', undefined],
    ])
    expect(quote).toMatchObject({ payable: true, refusal: undefined, taken: { index: 2, amount: '20000' } })
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
      payable: false,
      refusal: { code: 'LIMIT_PER_PAYMENT' },
    })
  })

  it('says when the limits refuse the price', async () => {
    await openWith([createOffer({ amount: '2500000' })])
    const quote = await createBuyer().paidFetch.quote(seller.url)
    expect(quote).toMatchObject({ payable: false, taken: { dollars: '$2.50' }, refusal: { code: 'LIMIT_PER_PAYMENT' } })
  })

  it('says when nothing is left of a limit right now', async () => {
    seller = await startSeller(sell)
    const { paidFetch } = createBuyer({ limits: { perDay: '$0.01' } })
    expect((await paidFetch.quote(seller.url)).payable).toBe(true)
    await paidFetch(seller.url)
    expect(await paidFetch.quote(seller.url)).toMatchObject({ payable: false, refusal: { code: 'LIMIT_WINDOW' } })
  })

  it('says when no offer can be paid', async () => {
    await openWith([createOffer({ payTo: 'nobody' })])
    const quote = await createBuyer().paidFetch.quote(seller.url)
    expect(quote).toMatchObject({ payable: false, taken: undefined, refusal: { code: 'NO_PAYABLE_OFFER' } })
  })

  it('hands over a free answer', async () => {
    seller = await startSeller((_request, response) => void response.end('free'))
    const quote = await createBuyer().paidFetch.quote(seller.url)
    expect(quote).toMatchObject({ offers: [], payable: false, refusal: undefined })
    expect(await quote.response.text()).toBe('free')
  })

  it('error: CHALLENGE_MALFORMED when the 402 can not be read', async () => {
    seller = await startSeller((_request, response) => {
      response.writeHead(402, { 'payment-required': '%' })
      response.end()
    })
    await expect(createBuyer().paidFetch.quote(seller.url)).rejects.toMatchObject({ code: 'CHALLENGE_MALFORMED' })
  })
})
