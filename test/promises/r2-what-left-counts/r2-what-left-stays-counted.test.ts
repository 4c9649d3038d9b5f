import { describe, expect, it } from 'vitest'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { createBriskBuyer } from '../../support/money/create-brisk-buyer.js'
import { drops, inTurn, type PaidAnswer, pays, refuses, says } from '../../support/money/paid-answers.js'
import { NETWORK } from '../../support/offers.js'
import { createProvingBuyer } from '../../support/proving-buyer.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

const failedReceipt = encodeJsonHeader({
  success: false,
  errorReason: 'insufficient_funds',
  transaction: '',
  network: NETWORK,
})

/** What a seller may say so that the buyer believes nothing was taken. */
const excuses: Readonly<Record<string, PaidAnswer>> = {
  'a second 402': refuses('Payment required'),
  'a 402 that names a lack of funds': refuses('invalid_exact_evm_insufficient_balance'),
  'a 402 that names an expiry': refuses('invalid_exact_evm_payload_authorization_valid_before'),
  'success: false beside a 200': says(200, { 'payment-response': failedReceipt }),
  'success: false beside a 402': says(402, { 'payment-response': failedReceipt }),
  'a 500': says(500),
  'a 404': says(404),
  'a redirect to elsewhere': says(302, { location: 'https://elsewhere.example/' }),
  'a connection that closes': drops,
}

describe('R2, what left the process stays counted after', () => {
  it.each(Object.entries(excuses))('%s', async (_name, answer) => {
    const seller = await openSeller(inTurn(answer))
    const buyer = createBriskBuyer({ limits: { total: '$0.01' } })
    await buyer.paidFetch(seller.url).catch((error: unknown) => expect(error).toMatchObject({ money: 'in-doubt' }))
    expect(await buyer.client.spending()).toMatchObject([
      { limit: 'perDay' },
      { limit: 'total', held: '$0.01', left: '$0.00' },
    ])
    const error = await refusalOf(buyer.paidFetch(`${seller.url}/other`))
    expect(error).toMatchObject({ code: 'LIMIT_TOTAL', money: 'untouched' })
    expect(buyer.signatures()).toBe(1)
  })

  it('its own expiry', async () => {
    const seller = await openSeller(inTurn(drops))
    const buyer = createBriskBuyer({ limits: { total: '$0.01' } })
    await refusalOf(buyer.paidFetch(seller.url))
    buyer.clock.advance(1_000_000)
    expect(await refusalOf(buyer.paidFetch(`${seller.url}/other`))).toMatchObject({ code: 'LIMIT_TOTAL' })
  })

  it('a clock that is set back', async () => {
    const seller = await openSeller(inTurn(pays))
    const buyer = createBriskBuyer({ limits: { perHour: '$0.01' } })
    await buyer.paidFetch(seller.url)
    buyer.clock.advance(-1_000_000)
    expect(await refusalOf(buyer.paidFetch(`${seller.url}/other`))).toMatchObject({ code: 'LIMIT_WINDOW' })
  })

  it('forget', async () => {
    const seller = await openSeller(inTurn(drops))
    const buyer = createBriskBuyer({ limits: { total: '$0.01' } })
    await refusalOf(buyer.paidFetch(seller.url))
    const [lost] = await buyer.client.inDoubt()
    await buyer.client.forget(lost?.id ?? '')
    expect(await refusalOf(buyer.paidFetch(seller.url))).toMatchObject({ code: 'LIMIT_TOTAL' })
  })

  it('a chain that says unspent, since it can still be spent', async () => {
    const seller = await openSeller(inTurn(drops))
    const buyer = createProvingBuyer({ limits: { total: '$0.01' } })
    buyer.chain.verdict = 'unspent'
    await refusalOf(buyer.paidFetch(seller.url))
    expect(await buyer.client.reconcile()).toMatchObject([{ money: 'in-doubt' }])
    expect(await refusalOf(buyer.paidFetch(`${seller.url}/other`))).toMatchObject({ code: 'LIMIT_TOTAL' })
  })
})

describe('R2, what is proven counts as what it is proven to be:', () => {
  it('settled, once a receipt that fits the terms says so', async () => {
    const seller = await openSeller(inTurn(pays))
    const buyer = createBriskBuyer({ limits: { total: '$1' } })
    await buyer.paidFetch(seller.url)
    expect(await buyer.client.spending()).toMatchObject([{}, { spent: '$0.01', held: '$0.00', left: '$0.99' }])
  })

  it('settled, once the chain says that it was spent', async () => {
    const seller = await openSeller(inTurn(drops))
    const buyer = createProvingBuyer({ limits: { total: '$1' } })
    await refusalOf(buyer.paidFetch(seller.url))
    buyer.chain.verdict = 'spent'
    expect(await buyer.client.reconcile()).toMatchObject([{ money: 'settled' }])
    expect(await buyer.client.spending()).toMatchObject([{}, { spent: '$0.01', held: '$0.00', left: '$0.99' }])
  })

  it('nothing, once the chain says that it never will be spent, which is asked before a limit refuses', async () => {
    const seller = await openSeller(inTurn(drops, pays))
    const buyer = createProvingBuyer({ limits: { total: '$0.01' } })
    await refusalOf(buyer.paidFetch(seller.url, { method: 'POST' }))
    buyer.chain.verdict = 'unspent-and-dead'
    buyer.clock.advance(120)
    expect((await buyer.paidFetch(`${seller.url}/other`)).status).toBe(200)
    expect(await buyer.client.payments()).toMatchObject([{ money: 'settled' }, { money: 'released' }])
  })
})
