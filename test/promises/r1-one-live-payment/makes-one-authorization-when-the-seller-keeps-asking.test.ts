import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { askToPay } from '../../support/offers.js'

throughEveryDoor('makes one authorization when the seller keeps asking', async ({ open, shop }) => {
  const seller = await open((_request, response) => askToPay(response))
  const shopper = shop()
  const error = await shopper.refusal(`${seller.url}/greedy`)
  expect(error).toMatchObject({ name: 'PaymentRejectedError', code: 'PAYMENT_REJECTED', money: 'in-doubt' })
  expect(error.facts['seller says']).toBe('"Payment required"')
  expect(seller.authorizations().size).toBe(1)
  expect(shopper.signatures()).toBe(1)
  expect(await shopper.records()).toMatchObject([{ state: 'sent', delivery: 'lost', terms: { amount: 10_000n } }])
})
