import { describe, expect, it } from 'vitest'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { type ClientOptions, x402Client } from '../../../src/index.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import type { ChainVerdict, SchemeNetworkClient } from '../../../src/payment/scheme.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { createLocalFetch, localTerms } from '../../support/money/create-local-fetch.js'
import { createOffer, createRequired, NETWORK, PAY_TO, TRANSACTION, USDC } from '../../support/offers.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

/** What a shop answers to a payment; `undefined` for nothing at all. */
type Answer = () => Response | undefined

/** Delivers, and says that less was taken than was signed. */
const delivers: Answer = () => {
  const receipt = { success: true, transaction: TRANSACTION, network: NETWORK, amount: '2500' }
  return new Response('bought', { headers: { 'payment-response': encodeJsonHeader(receipt) } })
}

/** A buyer of one cent at most, whose scheme may take less, and a chain that the test speaks for. */
function openShop(scheme: string, answer: Answer, options: ClientOptions = {}) {
  const clock = createBriskClock()
  const chain = { says: { verdict: 'unknown' } as ChainVerdict, asked: 0 }
  let signatures = 0
  const signer: SchemeNetworkClient = {
    scheme,
    payer: 'buyer',
    findDefaultAsset: (asset) => ({ asset, decimals: 6, symbol: 'USDC' }),
    async createPaymentPayload(x402Version) {
      return { x402Version, payload: { nonce: `nonce ${++signatures}` } }
    },
    describe: (payload) => ({
      payer: 'buyer',
      payTo: PAY_TO,
      asset: USDC,
      amount: 10_000n,
      validUntilSeconds: clock.nowSeconds() + 60,
      nonce: String(Reflect.get(new Object(payload), 'nonce')),
    }),
    canReconcile: () => true,
    async reconcile() {
      chain.asked++
      return chain.says
    },
  }
  const client = new x402Client({ clock, ledger: createMemoryLedger({ clock }), ...options }).register(NETWORK, signer)
  const localFetch = createLocalFetch(({ payment }) => {
    if (payment === undefined) return localTerms(createRequired([createOffer({ scheme })]))
    const response = answer()
    if (response === undefined) throw new TypeError('fetch failed')
    return response
  })
  const paidFetch = wrapFetchWithPayment(localFetch, client)
  const buy = (what: string) => paidFetch(`https://seller.example/${what}`)
  /** Turns the clock past the end of all payments, with the minute of grace. */
  const outlive = () => clock.advance(120)
  return { client, chain, clock, buy, outlive, signatures: () => signatures }
}

const spent = async ({ client }: ReturnType<typeof openShop>) => (await client.spending())[0]

describe('R2, less than was signed counts only once the chain says so:', () => {
  it('a receipt that names less lowers nothing', async () => {
    const shop = openShop('upto', delivers, { limits: { perDay: '$0.02' } })
    await shop.buy('1')
    await shop.buy('2')
    expect(await spent(shop)).toMatchObject({ spent: '$0.02', left: '$0.00' })
    expect(await refusalOf(shop.buy('3'))).toMatchObject({ code: 'LIMIT_WINDOW' })
    expect(shop.signatures()).toBe(2)
  })

  it('reconcile gives back to the budget what the chain says was not taken', async () => {
    const shop = openShop('upto', delivers, { limits: { perDay: { amount: '$0.02', payments: 5 } } })
    const id = await shop.buy('1').then(async () => (await shop.client.payments())[0]?.id)
    shop.chain.says = { verdict: 'spent', amount: 4000n, transaction: TRANSACTION }
    shop.outlive()
    expect(await shop.client.reconcile()).toEqual([{ id, money: 'settled', transaction: TRANSACTION, charged: 4000n }])
    expect(await spent(shop)).toMatchObject({ spent: '$0.004', left: '$0.016' })
    expect(await shop.client.payments()).toMatchObject([{ id, amount: '10000', charged: '4000', dollars: '$0.01' }])
  })

  it('not before our own clock is a minute past its end: a chain that lies frees no part of a live payment', async () => {
    const shop = openShop('upto', delivers, { limits: { perDay: '$0.01' } })
    await shop.buy('1')
    shop.chain.says = { verdict: 'spent', amount: 0n }
    for (const seconds of [0, 60, 59]) {
      shop.clock.advance(seconds)
      expect(await shop.client.reconcile()).toEqual([])
      expect(await refusalOf(shop.buy('2'))).toMatchObject({ code: 'LIMIT_WINDOW' })
    }
    shop.clock.advance(1)
    expect(await shop.client.reconcile()).toMatchObject([{ money: 'settled', charged: 0n }])
    expect((await shop.buy('2')).status).toBe(200)
  })

  it('not before then where its answer was lost, either: it settles, and counts in full until then', async () => {
    const shop = openShop('upto', () => undefined)
    await refusalOf(shop.buy('1'))
    shop.chain.says = { verdict: 'spent', amount: 1n }
    expect(await shop.client.reconcile()).toMatchObject([{ money: 'settled', charged: undefined }])
    expect(await spent(shop)).toMatchObject({ spent: '$0.01' })
    shop.outlive()
    expect(await shop.client.reconcile()).toMatchObject([{ money: 'settled', charged: 1n }])
  })

  it('what is known is not asked for again', async () => {
    const shop = openShop('upto', delivers)
    await shop.buy('1')
    shop.chain.says = { verdict: 'spent', amount: 10_000n }
    shop.outlive()
    await shop.client.reconcile()
    expect(await shop.client.reconcile()).toEqual([])
    expect(shop.chain.asked).toBe(1)
  })

  it('more than was signed counts as what was signed', async () => {
    const shop = openShop('upto', delivers)
    await shop.buy('1')
    shop.chain.says = { verdict: 'spent', amount: 10n ** 30n }
    shop.outlive()
    await shop.client.reconcile()
    expect(await spent(shop)).toMatchObject({ spent: '$0.01' })
  })

  it.each<[string, ChainVerdict]>([
    ['does not tell', { verdict: 'spent' }],
    ['tells a number below nothing', { verdict: 'spent', amount: -1n }],
    ['knows of no payment', { verdict: 'unspent', amount: 0n }],
    ['says that it is dead', { verdict: 'unspent-and-dead', amount: 0n }],
    ['can not be asked', { verdict: 'unknown', amount: 0n }],
  ])('a settled payment counts in full while the chain %s', async (_what, says) => {
    const shop = openShop('upto', delivers)
    await shop.buy('1')
    shop.chain.says = says
    shop.outlive()
    expect(await shop.client.reconcile()).toEqual([])
    expect(await spent(shop)).toMatchObject({ spent: '$0.01' })
  })

  it('a payment whose answer was lost settles to what the chain says was taken', async () => {
    const shop = openShop('upto', () => undefined)
    await refusalOf(shop.buy('1'))
    shop.chain.says = { verdict: 'spent', amount: 1n, transaction: TRANSACTION }
    shop.outlive()
    expect(await shop.client.reconcile()).toMatchObject([{ money: 'settled', charged: 1n }])
    expect(await spent(shop)).toMatchObject({ spent: '$0.000001', held: '$0.00' })
  })

  it('a limit that refuses asks the chain first, and lets pass what fits then', async () => {
    const shop = openShop('upto', delivers, { limits: { perDay: '$0.01' } })
    await shop.buy('1')
    shop.chain.says = { verdict: 'spent', amount: 0n }
    shop.outlive()
    expect((await shop.buy('2')).status).toBe(200)
    expect(shop.signatures()).toBe(2)
  })

  it('a payment that took less was spent: it is never replaced by another', async () => {
    const shop = openShop('upto', () => undefined, { resign: 'when-proven-unspent' })
    await refusalOf(shop.buy('1'))
    shop.clock.advance(300)
    shop.chain.says = { verdict: 'spent', amount: 0n }
    expect(await refusalOf(shop.buy('1'))).toMatchObject({ code: 'PAID_NOT_DELIVERED', money: 'settled' })
    expect(shop.signatures()).toBe(1)
  })

  it('of a scheme that takes exactly what was signed, nothing settled is asked about', async () => {
    const shop = openShop('exact', delivers)
    await shop.buy('1')
    shop.chain.says = { verdict: 'spent', amount: 1n }
    shop.outlive()
    expect(await shop.client.reconcile()).toEqual([])
    expect(shop.chain.asked).toBe(0)
  })

  it('of a scheme that takes exactly what was signed, no chain lowers what counts', async () => {
    const shop = openShop('exact', () => undefined)
    await refusalOf(shop.buy('1'))
    shop.chain.says = { verdict: 'spent', amount: 1n }
    expect(await shop.client.reconcile()).toMatchObject([{ money: 'settled', charged: undefined }])
    expect(await spent(shop)).toMatchObject({ spent: '$0.01' })
  })
})
