import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { drops, inTurn, pays, refuses } from '../../support/money/paid-answers.js'

const used = refuses('invalid_exact_evm_nonce_already_used')

for (const method of ['GET', 'POST']) {
  throughEveryDoor(
    `presents a used payment of a ${method} once more, to fetch what was bought`,
    async ({ open, shop }) => {
      const seller = await open(inTurn(used, pays))
      const shopper = shop({ clock: createBriskClock() })
      expect(await shopper.request(seller.url, { method })).toMatchObject({ status: 200 })
      expect(seller.authorizations().size).toBe(1)
      expect(shopper.signatures()).toBe(1)
    },
  )
}

throughEveryDoor('says so when the seller still doesn’t deliver', async ({ open, shop }) => {
  const seller = await open(inTurn(used))
  const shopper = shop({ clock: createBriskClock() })
  const error = await shopper.refusal(seller.url)
  expect(error).toMatchObject({ name: 'PaymentRejectedError', code: 'PAID_NOT_DELIVERED', money: 'in-doubt' })
  expect(seller.requests).toHaveLength(3)
  expect(shopper.signatures()).toBe(1)
})

throughEveryDoor('says so when the answer was lost and the seller delivers nothing twice', async ({ open, shop }) => {
  const seller = await open(inTurn(drops, used))
  const shopper = shop({ clock: createBriskClock() })
  expect(await shopper.refusal(seller.url)).toMatchObject({ code: 'PAID_NOT_DELIVERED' })
  expect(await shopper.refusal(seller.url)).toMatchObject({ code: 'PAID_NOT_DELIVERED' })
  expect(seller.authorizations().size).toBe(1)
  expect(shopper.signatures()).toBe(1)
})

throughEveryDoor('never repeats after a plain second 402', async ({ open, shop }) => {
  const seller = await open(inTurn(refuses('Payment required'), pays))
  const clock = createBriskClock()
  const shopper = shop({ clock })
  expect(await shopper.refusal(seller.url)).toMatchObject({ code: 'PAYMENT_REJECTED', money: 'in-doubt' })
  expect(seller.requests).toHaveLength(2)
  expect(clock.pausesMs).toEqual([])
})
