import { expect, it } from 'vitest'
import { paymentOf } from '../../../src/payment/summary.js'
import { createBriskBuyer } from '../../support/money/create-brisk-buyer.js'
import { inTurn, pays, says } from '../../support/money/paid-answers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'

it('presents the same payment after a 202 without a receipt', async () => {
  const seller = await openSeller(inTurn(says(202), pays))
  const buyer = createBriskBuyer()
  const response = await buyer.paidFetch(seller.url)
  expect(response.status).toBe(200)
  expect(paymentOf(response)).toMatchObject({ money: 'settled' })
  expect(buyer.clock.pausesMs).toEqual([250])
  expect(seller.authorizations().size).toBe(1)
  expect(buyer.signatures()).toBe(1)
})
