import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { sell } from '../../support/offers.js'

/** Another name of this machine than the loopback's, as a plain HTTP seller elsewhere would have. */
const toOtherName = (url: string) => url.replace('127.0.0.1', '0.0.0.0')

throughEveryDoor('never pays over plain HTTP beyond the loopback, and names the option', async ({ open, shop }) => {
  const seller = await open(sell)
  const shopper = shop()
  const error = await shopper.refusal(toOtherName(seller.url))
  expect(error).toMatchObject({ code: 'INSECURE_TRANSPORT', money: 'untouched' })
  expect(error.message).toContain('`allowPlainHttp`')
  expect(shopper.signatures()).toBe(0)
  expect(seller.requests).toHaveLength(1)
})

throughEveryDoor('pays over plain HTTP where that is allowed', async ({ open, shop }) => {
  const seller = await open(sell)
  const answer = await shop({ allowPlainHttp: true }).request(toOtherName(seller.url))
  expect(answer).toMatchObject({ status: 200, payment: { money: 'settled' } })
})
