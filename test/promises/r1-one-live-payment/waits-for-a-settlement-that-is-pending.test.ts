import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { inTurn, pays, refuses } from '../../support/money/paid-answers.js'

throughEveryDoor('presents the same payment after a 402 that says pending', async ({ open, shop }) => {
  const seller = await open(inTurn(refuses('settlement_pending'), refuses('settlement_pending'), pays))
  const clock = createBriskClock()
  const shopper = shop({ clock })
  expect(await shopper.request(seller.url)).toMatchObject({ status: 200, payment: { money: 'settled' } })
  expect(clock.pausesMs).toEqual([250, 1000])
  expect(seller.authorizations().size).toBe(1)
  expect(shopper.signatures()).toBe(1)
})

throughEveryDoor('stays in doubt while it is pending, and the next call presents it again', async ({ open, shop }) => {
  const pending = refuses('settlement_pending')
  const seller = await open(inTurn(pending, pending, pending, pays))
  const shopper = shop({ clock: createBriskClock() })
  const error = await shopper.refusal(seller.url)
  expect(error).toMatchObject({ code: 'PAYMENT_REJECTED', money: 'in-doubt' })
  expect(error.message).toContain('Call again: the same payment is presented')
  expect(await shopper.request(seller.url)).toMatchObject({ status: 200 })
  expect(shopper.signatures()).toBe(1)
})
