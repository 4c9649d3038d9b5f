import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { askToPay, deliver } from '../../support/offers.js'

for (const many of [3, 5]) {
  throughEveryDoor(`goes on buying after ${many} honest 404s`, async ({ open, shop }) => {
    const seller = await open((request, response) => {
      if (request.payment === undefined) return askToPay(response)
      if (request.path.startsWith('/gone')) return void response.writeHead(404).end('gone')
      deliver(response, request)
    })
    const shopper = shop()
    for (let index = 0; index < many; index++) {
      expect((await shopper.request(`${seller.url}/gone/${index}`)).status).toBe(404)
    }
    expect((await shopper.request(`${seller.url}/here`)).status).toBe(200)
    expect(seller.authorizations().size).toBe(many + 1)
    expect(shopper.signatures()).toBe(many + 1)
  })
}
