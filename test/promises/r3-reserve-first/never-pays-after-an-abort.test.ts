import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { askToPay, sell } from '../../support/offers.js'

throughEveryDoor('signs nothing when the call is aborted before the 402', async ({ open, shop }) => {
  const abort = new AbortController()
  const seller = await open(() => abort.abort())
  const shopper = shop()
  await expect(shopper.request(seller.url, { signal: abort.signal })).rejects.toMatchObject({ name: 'AbortError' })
  expect(shopper.signatures()).toBe(0)
})

throughEveryDoor('releases the money when the call is aborted before the payment is sent', async ({ open, shop }) => {
  const abort = new AbortController()
  const seller = await open(sell)
  const shopper = shop()
  shopper.client.onAfterPaymentCreation(async () => abort.abort())
  const error = await shopper.refusal(seller.url, { signal: abort.signal })
  expect(error).toMatchObject({ name: 'AbortError', money: 'released' })
  expect(seller.requests).toHaveLength(1)
  expect(await shopper.records()).toMatchObject([{ state: 'released' }])
})

throughEveryDoor('is in doubt when the call is aborted after the payment was sent', async ({ open, shop }) => {
  const abort = new AbortController()
  const seller = await open((request, response) => {
    if (request.payment === undefined) askToPay(response)
    else abort.abort()
  })
  const shopper = shop()
  const error = await shopper.refusal(seller.url, { signal: abort.signal })
  expect(error).toMatchObject({ name: 'AbortError', code: 'ABORTED', money: 'in-doubt' })
  expect(await shopper.records()).toMatchObject([{ state: 'sent', delivery: 'lost' }])
})
