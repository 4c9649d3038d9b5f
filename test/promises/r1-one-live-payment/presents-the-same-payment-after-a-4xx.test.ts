import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { askToPay, deliver } from '../../support/offers.js'

for (const status of [400, 401, 404, 409, 413, 422]) {
  throughEveryDoor(
    `presents the same payment after a ${status}, and buys anew once it was delivered`,
    async (tools) => {
      let paid = 0
      const seller = await tools.open((request, response) => {
        if (request.payment === undefined) return askToPay(response)
        if (++paid > 2) return deliver(response, request)
        response.writeHead(status).end('not yet')
      })
      const shopper = tools.shop()
      const statuses: number[] = []
      for (let calls = 0; calls < 3; calls++) statuses.push((await shopper.request(seller.url)).status)
      expect(statuses).toEqual([status, status, 200])
      expect(seller.authorizations().size).toBe(1)
      expect(shopper.signatures()).toBe(1)
      await shopper.request(seller.url)
      expect(seller.authorizations().size).toBe(2)
    },
  )
}
