import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'

const used = { refuses: 'invalid_exact_evm_nonce_already_used' }

for (const method of ['GET', 'POST']) {
  throughEveryDoor(
    `presents a used payment of a ${method} once more, to fetch what was bought`,
    async ({ sell, shop }) => {
      const clock = createBriskClock()
      const seller = await sell({ clock, whenPaid: [used] })
      const shopper = shop({ clock })
      expect(await shopper.request(seller.url, { method })).toMatchObject({ status: 200 })
      expect(seller.payments).toMatchObject([{ state: 'settled', presented: 2 }])
      expect(shopper.signatures()).toBe(1)
    },
  )
}

throughEveryDoor('says so when the seller still doesn’t deliver', async ({ sell, shop }) => {
  const clock = createBriskClock()
  const seller = await sell({ clock, whenPaid: Array.from({ length: 9 }, () => used) })
  const shopper = shop({ clock })
  const error = await shopper.refusal(seller.url)
  expect(error).toMatchObject({ name: 'PaymentRejectedError', code: 'PAID_NOT_DELIVERED', money: 'in-doubt' })
  expect(seller.payments).toMatchObject([{ presented: 2 }])
  expect(shopper.signatures()).toBe(1)
})

throughEveryDoor('says so when the answer was lost and the seller delivers nothing twice', async ({ sell, shop }) => {
  const clock = createBriskClock()
  const seller = await sell({ clock, whenPaid: ['loses-response'] })
  const shopper = shop({ clock })
  expect(await shopper.refusal(seller.url)).toMatchObject({ code: 'PAID_NOT_DELIVERED' })
  expect(await shopper.refusal(seller.url)).toMatchObject({ code: 'PAID_NOT_DELIVERED' })
  expect(seller.payments).toMatchObject([{ state: 'settled', taken: 10_000n }])
  expect(shopper.signatures()).toBe(1)
})

throughEveryDoor('never repeats after a plain second 402', async ({ sell, shop }) => {
  const clock = createBriskClock()
  const seller = await sell({ clock, whenPaid: ['asks-again'] })
  const shopper = shop({ clock })
  expect(await shopper.refusal(seller.url)).toMatchObject({ code: 'PAYMENT_REJECTED', money: 'in-doubt' })
  expect(seller.requests).toHaveLength(2)
  expect(clock.pausesMs).toEqual([])
})
