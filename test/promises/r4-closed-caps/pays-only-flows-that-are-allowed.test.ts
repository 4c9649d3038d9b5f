import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { askToPay, createOffer, createRequired, sell } from '../../support/offers.js'

for (const paymentFlow of ['escrow', 'capture', '', 7, { name: 'authorization' }]) {
  throughEveryDoor(`refuses an offer whose payment flow is ${JSON.stringify(paymentFlow)}`, async ({ open, shop }) => {
    const offer = createOffer({ extra: { name: 'USDC', version: '2', paymentFlow } })
    const seller = await open((_request, response) => askToPay(response, createRequired([offer])))
    const shopper = shop()
    const error = await shopper.refusal(seller.url)
    expect(error).toMatchObject({ code: 'NO_PAYABLE_OFFER', money: 'untouched' })
    expect(error.message).toContain('`paymentFlows`')
    expect(shopper.signatures()).toBe(0)
  })
}

throughEveryDoor('pays an offer that names the flow that is always allowed', async ({ open, shop }) => {
  const offer = createOffer({ extra: { name: 'USDC', version: '2', paymentFlow: 'authorization' } })
  const seller = await open((request, response) => {
    if (request.payment === undefined) askToPay(response, createRequired([offer]))
    else sell(request, response)
  })
  expect(await shop().request(seller.url)).toMatchObject({ status: 200 })
})
