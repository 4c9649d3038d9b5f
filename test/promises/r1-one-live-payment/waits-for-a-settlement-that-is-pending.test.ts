import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'

const pending = { refuses: 'settlement_pending' }

throughEveryDoor('presents the same payment after a 402 that says pending', async ({ sell, shop }) => {
  const clock = createBriskClock()
  const seller = await sell({ clock, whenPaid: [pending, pending] })
  const shopper = shop({ clock })
  expect(await shopper.request(seller.url)).toMatchObject({ status: 200, payment: { money: 'settled' } })
  expect(clock.pausesMs).toEqual([250, 1000])
  expect(seller.payments).toMatchObject([{ state: 'settled', presented: 3 }])
  expect(shopper.signatures()).toBe(1)
})

throughEveryDoor('stays in doubt while it is pending, and the next call presents it again', async ({ sell, shop }) => {
  const clock = createBriskClock()
  const seller = await sell({ clock, whenPaid: [pending, pending, pending] })
  const shopper = shop({ clock })
  const error = await shopper.refusal(seller.url)
  expect(error).toMatchObject({ code: 'PAYMENT_REJECTED', money: 'in-doubt' })
  expect(error.message).toContain('Call again: the same payment is presented')
  expect(await shopper.request(seller.url)).toMatchObject({ status: 200 })
  expect(seller.payments).toMatchObject([{ state: 'settled', presented: 4 }])
  expect(shopper.signatures()).toBe(1)
})
