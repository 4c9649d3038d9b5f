import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { inTurn, pays, says } from '../../support/money/paid-answers.js'

for (const path of ['/report', '/report?of=today']) {
  throughEveryDoor(
    `makes one payment of ${path}, when each try is redirected to a session of its own`,
    async (tools) => {
      const answer = inTurn(says(500), says(409), pays)
      const seller = await tools.open((request, response) => {
        if (request.path.includes('sid=')) return answer(request, response)
        response.writeHead(302, { location: `/session?sid=${seller.requests.length}` }).end()
      })
      const shopper = tools.shop()
      const statuses: number[] = []
      for (let calls = 0; calls < 3; calls++) statuses.push((await shopper.request(`${seller.url}${path}`)).status)
      expect(statuses).toEqual([500, 409, 200])
      expect(seller.authorizations().size).toBe(1)
      expect(shopper.signatures()).toBe(1)
      // Each time it went where this very try was led.
      const paid = seller.requests.flatMap((request) => (request.payment === undefined ? [] : [request.path]))
      expect(new Set(paid).size).toBe(3)
    },
  )
}
