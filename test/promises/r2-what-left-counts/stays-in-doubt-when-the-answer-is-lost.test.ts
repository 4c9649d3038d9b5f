import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { askToPay } from '../../support/offers.js'

throughEveryDoor('stays in doubt when the answer is lost', async ({ open, shop }) => {
  const seller = await open((request, response) => {
    if (request.payment === undefined) askToPay(response)
    else response.destroy()
  })
  const shopper = shop()
  const error = await shopper.refusal(seller.url)
  expect(error).toMatchObject({ name: 'DeliveryError', code: 'ANSWER_LOST', money: 'in-doubt' })
  expect(error.cause).toBeInstanceOf(Error)
  expect(await shopper.records()).toMatchObject([{ state: 'sent', delivery: 'lost' }])
})

throughEveryDoor('presents the same payment when the call is made again', async ({ open, shop }) => {
  let dropped = false
  const seller = await open((request, response) => {
    if (request.payment === undefined) return askToPay(response)
    if (dropped) return void response.end('bought')
    dropped = true
    response.destroy()
  })
  const shopper = shop()
  const post = { method: 'POST', body: 'question' }
  await shopper.refusal(seller.url, post)
  expect(await shopper.request(seller.url, post)).toMatchObject({ status: 200, text: 'bought' })
  expect(seller.authorizations().size).toBe(1)
  expect(shopper.signatures()).toBe(1)
})
