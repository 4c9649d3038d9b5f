import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'

throughEveryDoor('makes one authorization when the seller keeps asking', async ({ sell, shop }) => {
  const seller = await sell({ whenPaid: Array.from({ length: 9 }, () => 'asks-again' as const) })
  const shopper = shop()
  const error = await shopper.refusal(`${seller.url}/greedy`)
  expect(error).toMatchObject({ name: 'PaymentRejectedError', code: 'PAYMENT_REJECTED', money: 'in-doubt' })
  expect(error.facts['seller says']).toBe('"Payment required"')
  expect(seller.payments).toMatchObject([{ state: 'held', presented: 1 }])
  expect(shopper.signatures()).toBe(1)
  expect(await shopper.records()).toMatchObject([{ state: 'sent', delivery: 'lost', terms: { amount: 10_000n } }])
})
