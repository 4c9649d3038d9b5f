import { describe, expect, it } from 'vitest'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { paymentOf } from '../../../src/payment/summary.js'
import { createBriskBuyer } from '../../support/money/create-brisk-buyer.js'
import { drops, inTurn, paymentHeaders, pays, refuses, says } from '../../support/money/paid-answers.js'
import { askToPay, createOffer, createRequired, sell } from '../../support/offers.js'
import { createProvingBuyer } from '../../support/proving-buyer.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

const post = { method: 'POST', body: 'question' }

describe('R1, a retry sends the same signed payload again:', () => {
  it('within one call, byte for byte', async () => {
    const seller = await openSeller(inTurn(drops, says(503), pays))
    const buyer = createBriskBuyer()
    const response = await buyer.paidFetch(seller.url)
    expect(await response.text()).toBe('{"ok":true}')
    expect(paymentHeaders(seller)).toHaveLength(3)
    expect(new Set(paymentHeaders(seller)).size).toBe(1)
    expect(buyer.signatures()).toBe(1)
  })

  it('in the next call, byte for byte', async () => {
    const seller = await openSeller(inTurn(says(500), pays))
    const buyer = createBriskBuyer()
    expect((await buyer.paidFetch(seller.url, post)).status).toBe(500)
    expect((await buyer.paidFetch(seller.url, post)).status).toBe(200)
    expect(new Set(paymentHeaders(seller)).size).toBe(1)
    expect(buyer.signatures()).toBe(1)
  })

  it('when a restricted client repeats the call of the wider one, and loses the response, too', async () => {
    const seller = await openSeller(inTurn(drops, drops, pays, pays))
    const buyer = createBriskBuyer()
    await refusalOf(buyer.paidFetch(seller.url, post))
    const agentFetch = wrapFetchWithPayment(fetch, buyer.client.restrict({ reach: 'anywhere', total: '$1' }))
    await refusalOf(agentFetch(seller.url, post))
    expect(seller.authorizations().size).toBe(1)
    expect((await agentFetch(seller.url, post)).status).toBe(200)
    expect(buyer.signatures()).toBe(1)
    // It was delivered, so this is another purchase.
    expect((await buyer.paidFetch(seller.url, post)).status).toBe(200)
    expect(seller.authorizations().size).toBe(2)
  })

  it('when the new 402 can no longer be read', async () => {
    const seller = await openSeller((request, response) => {
      if (request.payment !== undefined) return (seller.requests.length === 2 ? drops : pays)(request, response)
      if (seller.requests.length === 1) return askToPay(response)
      response.writeHead(402, { 'payment-required': 'bm9uc2Vuc2U=' }).end()
    })
    const buyer = createBriskBuyer()
    await refusalOf(buyer.paidFetch(seller.url, post))
    expect((await buyer.paidFetch(seller.url, post)).status).toBe(200)
    expect(buyer.signatures()).toBe(1)
  })

  it('when the chain settled the payment while its answer was under way and then lost', async () => {
    const buyer = createProvingBuyer()
    const seller = await openSeller(
      inTurn(async (request, response) => {
        buyer.chain.verdict = 'spent'
        await buyer.client.reconcile()
        return drops(request, response)
      }, pays),
    )
    await refusalOf(buyer.paidFetch(seller.url, post))
    expect((await buyer.paidFetch(seller.url, post)).status).toBe(200)
    expect(buyer.signatures()).toBe(1)
  })
})

describe('R1, one call makes one signature:', () => {
  it('through a fetch that is wrapped twice by one client', async () => {
    const seller = await openSeller(sell)
    const buyer = createBriskBuyer()
    const twice = wrapFetchWithPayment(buyer.paidFetch, buyer.client)
    expect((await twice(seller.url)).status).toBe(200)
    expect(buyer.signatures()).toBe(1)
  })

  it('through a fetch that is wrapped twice, when the seller never takes the payment', async () => {
    const seller = await openSeller((_request, response) => askToPay(response))
    const buyer = createBriskBuyer({}, { refusals: 'return' })
    const twice = wrapFetchWithPayment(buyer.paidFetch, buyer.client, { refusals: 'return' })
    const response = await twice(seller.url)
    expect(response.status).toBe(402)
    expect(paymentOf(response)).toMatchObject({ money: 'in-doubt', error: { code: 'PAYMENT_REJECTED' } })
    expect(seller.authorizations().size).toBe(1)
    expect(buyer.signatures()).toBe(1)
  })

  it('through a fetch that is wrapped twice, each time by another client', async () => {
    const seller = await openSeller((_request, response) => askToPay(response))
    const inner = createBriskBuyer({}, { refusals: 'return' })
    const outer = createBriskBuyer()
    await wrapFetchWithPayment(inner.paidFetch, outer.client, { refusals: 'return' })(seller.url)
    expect(inner.signatures() + outer.signatures()).toBe(1)
  })

  it('when the seller answers 402 for ever, whoever calls again', async () => {
    const seller = await openSeller((_request, response) => askToPay(response))
    const buyer = createBriskBuyer()
    for (let call = 0; call < 5; call++) await refusalOf(buyer.paidFetch(seller.url))
    expect(seller.authorizations().size).toBe(1)
    expect(buyer.signatures()).toBe(1)
  })
})

describe('R1, a new signature only once the old one is proven never to be spent:', () => {
  it('error: TERMS_CHANGED_WHILE_PAID when the seller asks for other terms meanwhile, and nothing is signed', async () => {
    const prices = ['10000', '9000', '10000']
    const seller = await openSeller((request, response) => {
      if (request.payment !== undefined) return drops(request, response)
      askToPay(response, createRequired([createOffer({ amount: prices.shift() })]))
    })
    const buyer = createBriskBuyer()
    await refusalOf(buyer.paidFetch(seller.url, post))
    const error = await refusalOf(buyer.paidFetch(seller.url, post))
    expect(error).toMatchObject({ name: 'DeliveryError', code: 'TERMS_CHANGED_WHILE_PAID', money: 'in-doubt' })
    expect(seller.authorizations().size).toBe(1)
    // The offer stands again: so does the payment.
    await refusalOf(buyer.paidFetch(seller.url, post))
    expect(seller.authorizations().size).toBe(1)
    expect(buyer.signatures()).toBe(1)
  })

  it('error: PAID_PERHAPS when its time has passed, however long ago, and it stays in doubt', async () => {
    const seller = await openSeller(inTurn(drops))
    const buyer = createBriskBuyer()
    await refusalOf(buyer.paidFetch(seller.url, post))
    for (const seconds of [60, 3_600, 86_400, 31_536_000]) {
      buyer.clock.advance(seconds)
      const error = await refusalOf(buyer.paidFetch(seller.url, post))
      expect(error).toMatchObject({ code: 'PAID_PERHAPS', money: 'in-doubt' })
    }
    expect(paymentHeaders(seller)).toHaveLength(1)
    expect(buyer.signatures()).toBe(1)
  })

  it('takes one payment of a buyer whose seller answers 402 and waits out each expiry', async () => {
    const seller = await openSeller((_request, response) => askToPay(response))
    const buyer = createBriskBuyer()
    await refusalOf(buyer.paidFetch(seller.url))
    for (let expiry = 0; expiry < 10; expiry++) {
      buyer.clock.advance(61)
      expect(await refusalOf(buyer.paidFetch(seller.url))).toMatchObject({ code: 'PAID_PERHAPS' })
    }
    expect(seller.authorizations().size).toBe(1)
    expect(buyer.signatures()).toBe(1)
  })

  it('by forget, which allows buying anew and keeps the old payment counted', async () => {
    const seller = await openSeller(inTurn(drops, pays))
    const buyer = createBriskBuyer({ limits: { total: '$0.02' } })
    await refusalOf(buyer.paidFetch(seller.url, post))
    buyer.clock.advance(61)
    const [lost] = await buyer.client.inDoubt()
    await buyer.client.forget(lost?.id ?? '')
    expect((await buyer.paidFetch(seller.url, post)).status).toBe(200)
    expect(seller.authorizations().size).toBe(2)
    const error = await refusalOf(buyer.paidFetch(`${seller.url}/other`))
    expect(error).toMatchObject({ code: 'LIMIT_TOTAL', facts: { spent: '$0.01' } })
    expect(buyer.signatures()).toBe(2)
  })

  it.each(['unknown', 'unspent', 'spent'] as const)(
    'never when the chain says %s, also where the client may sign anew',
    async (verdict) => {
      const seller = await openSeller(inTurn(drops, pays))
      const buyer = createProvingBuyer({ resign: 'when-proven-unspent' })
      await refusalOf(buyer.paidFetch(seller.url, post))
      buyer.clock.advance(61)
      buyer.chain.verdict = verdict
      const error = await refusalOf(buyer.paidFetch(seller.url, post))
      const expected = { code: 'PAID_PERHAPS', money: 'in-doubt' }
      const spent = { code: 'PAID_NOT_DELIVERED', money: 'settled' }
      expect(error).toMatchObject(verdict === 'spent' ? spent : expected)
      expect(buyer.signatures()).toBe(1)
    },
  )

  it('once the chain says that it is unspent and dead, where the client may sign anew', async () => {
    const seller = await openSeller(inTurn(drops, pays))
    const buyer = createProvingBuyer({ resign: 'when-proven-unspent', limits: { total: '$0.01' } })
    await refusalOf(buyer.paidFetch(seller.url, post))
    buyer.clock.advance(120)
    buyer.chain.verdict = 'unspent-and-dead'
    expect((await buyer.paidFetch(seller.url, post)).status).toBe(200)
    expect(seller.authorizations().size).toBe(2)
    expect(buyer.signatures()).toBe(2)
  })

  it('never by a mere call, whatever the chain says, where the client may not', async () => {
    const seller = await openSeller(inTurn(drops, pays))
    const buyer = createProvingBuyer()
    await refusalOf(buyer.paidFetch(seller.url, post))
    buyer.clock.advance(120)
    buyer.chain.verdict = 'unspent-and-dead'
    expect(await refusalOf(buyer.paidFetch(seller.url, post))).toMatchObject({ code: 'PAID_PERHAPS' })
    expect(buyer.signatures()).toBe(1)
  })

  it('by a cancellation that is final', async () => {
    const seller = await openSeller(inTurn(drops, pays))
    const buyer = createProvingBuyer({ limits: { total: '$0.01' } })
    await refusalOf(buyer.paidFetch(seller.url, post))
    const [lost] = await buyer.client.inDoubt()
    expect(await buyer.client.cancel(lost?.id ?? '')).toMatchObject({ money: 'released' })
    expect((await buyer.paidFetch(seller.url, post)).status).toBe(200)
    expect(buyer.chain.canceled).toHaveLength(1)
    expect(buyer.signatures()).toBe(2)
  })
})

describe('R1, a nonce that was used:', () => {
  it('error: PAID_NOT_DELIVERED after it was presented once more, and again until it is forgotten', async () => {
    const seller = await openSeller(inTurn(refuses('invalid_exact_evm_nonce_already_used')))
    const buyer = createBriskBuyer()
    const error = await refusalOf(buyer.paidFetch(seller.url, post))
    expect(error).toMatchObject({ name: 'PaymentRejectedError', code: 'PAID_NOT_DELIVERED' })
    expect(paymentHeaders(seller)).toHaveLength(2)
    expect(await refusalOf(buyer.paidFetch(seller.url, post))).toMatchObject({ code: 'PAID_NOT_DELIVERED' })
    expect(seller.authorizations().size).toBe(1)
    expect(buyer.signatures()).toBe(1)
  })
})

describe('R1, calls at once without a key:', () => {
  it('are two purchases', async () => {
    const seller = await openSeller(sell)
    const buyer = createBriskBuyer()
    await Promise.all([1, 2].map(() => buyer.paidFetch(seller.url, post)))
    expect(seller.authorizations().size).toBe(2)
    expect(buyer.signatures()).toBe(2)
  })

  it('present one lost payment once: the others buy for themselves', async () => {
    const seller = await openSeller(inTurn(drops, pays))
    const buyer = createBriskBuyer()
    await refusalOf(buyer.paidFetch(seller.url, post))
    await Promise.all([1, 2].map(() => buyer.paidFetch(seller.url, post)))
    expect(seller.authorizations().size).toBe(2)
    expect(buyer.signatures()).toBe(2)
  })
})
