import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { askToPay } from '../../support/offers.js'

const statuses = { 400: 'answered', 403: 'answered', 404: 'answered', 500: 'lost', 503: 'lost' }

for (const [status, delivery] of Object.entries(statuses)) {
  throughEveryDoor(`hands over a ${status} after the payment, with the money in doubt`, async ({ open, shop }) => {
    const seller = await open((request, response) => {
      if (request.payment === undefined) return askToPay(response)
      response.writeHead(Number(status))
      response.end('sorry')
    })
    const shopper = shop()
    const answer = await shopper.request(seller.url)
    expect(answer).toMatchObject({ status: Number(status), text: 'sorry', payment: { money: 'in-doubt', delivery } })
    expect(shopper.signatures()).toBe(1)
  })
}
