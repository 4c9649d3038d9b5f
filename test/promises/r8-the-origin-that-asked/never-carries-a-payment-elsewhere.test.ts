import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { askToPay } from '../../support/offers.js'

for (const status of [301, 302, 303, 307, 308]) {
  throughEveryDoor(`carries no payment to another origin on a ${status}`, async ({ open, shop }) => {
    const other = await open((_request, response) => void response.end('stolen'))
    const seller = await open((request, response) => {
      if (request.payment === undefined) return askToPay(response)
      response.writeHead(status, { location: `${other.url}/steal` })
      response.end()
    })
    const error = await shop().refusal(seller.url)
    expect(error).toMatchObject({ name: 'DeliveryError', code: 'REDIRECTED_ELSEWHERE', money: 'in-doubt' })
    expect(other.requests).toHaveLength(0)
  })
}
