import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { askToPay, createOffer, createRequired, sell } from '../../support/offers.js'

throughEveryDoor('takes the cheapest offer of the first payable scheme and network', async ({ open, shop }) => {
  const accepts = [
    createOffer({ scheme: 'batch-settlement', amount: '1' }),
    createOffer({ amount: '30000' }),
    createOffer({ amount: '20000', maxTimeoutSeconds: 61 }),
    createOffer({ amount: '20000', maxTimeoutSeconds: 62 }),
    createOffer({ amount: '10000', payTo: 'nobody' }),
  ]
  const seller = await open((request, response) => {
    if (request.payment === undefined) askToPay(response, createRequired(accepts))
    else sell(request, response)
  })
  await shop().request(seller.url)
  expect(seller.requests[1]?.payment?.accepted).toEqual(accepts[2])
})

throughEveryDoor('passes over an offer that the limits refuse while another can be paid', async ({ open, shop }) => {
  const accepts = [createOffer({ asset: `0x${'77'.repeat(20)}` }), createOffer({ amount: '5000000' }), createOffer()]
  const seller = await open((request, response) => {
    if (request.payment === undefined) askToPay(response, createRequired(accepts))
    else sell(request, response)
  })
  await shop().request(seller.url)
  expect(seller.requests[1]?.payment?.accepted).toEqual(accepts[2])
})
