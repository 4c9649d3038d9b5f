import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'

throughEveryDoor('returns a 402 that is not x402', async ({ open, shop }) => {
  const seller = await open((_request, response) => {
    response.writeHead(402, { 'content-type': 'application/json', 'www-authenticate': 'Payment id="1"' })
    response.end('{"error":"subscription_required"}')
  })
  const answer = await shop().request(seller.url)
  expect(answer).toEqual({ status: 402, text: '{"error":"subscription_required"}', payment: undefined })
  expect(seller.requests).toHaveLength(1)
})
