import { expect, it } from 'vitest'
import { paymentOf } from '../../../src/payment/summary.js'
import { createBuyer } from '../../support/create-buyer.js'
import { sell } from '../../support/offers.js'
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
