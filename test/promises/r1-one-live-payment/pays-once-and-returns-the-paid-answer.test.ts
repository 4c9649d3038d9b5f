import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { sell, TRANSACTION } from '../../support/offers.js'

throughEveryDoor('pays once and returns the paid answer', async ({ open, shop }) => {
  const seller = await open(sell)
  const shopper = shop()
  const answer = await shopper.request(`${seller.url}/weather`)
  expect(answer).toMatchObject({ status: 200, text: '{"ok":true}' })
  expect(answer.payment).toMatchObject({ money: 'settled', delivery: 'delivered', transaction: TRANSACTION })
  expect(answer.payment?.receipt?.state).toBe('verified')
  expect(seller.requests).toHaveLength(2)
  expect(shopper.signatures()).toBe(1)
})
