import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { askToPay, createOffer, createRequired, sell } from '../../support/offers.js'

throughEveryDoor(
  'sends the chosen entry, the resource and the extensions back exactly as offered',
  async ({ open, shop }) => {
    const offer = createOffer({ zz: { nested: [1, null] }, extra: { version: '2', name: 'USDC', hint: 'x' } })
    const resource = { url: 'http://127.0.0.1/x', description: 'USD₮0 ☂', mimeType: 'text/plain', tags: ['a'] }
    const extensions = { 'builder-code': { info: { a: 'bc_app' }, schema: { type: 'object' } } }
    const seller = await open((request, response) => {
      if (request.payment === undefined) askToPay(response, createRequired([offer], { resource, extensions }))
      else sell(request, response)
    })
    await shop().request(seller.url)
    expect(seller.requests[1]?.payment).toMatchObject({ x402Version: 2, accepted: offer, resource, extensions })
    expect(JSON.stringify(seller.requests[1]?.payment?.accepted)).toBe(JSON.stringify(offer))
  },
)
