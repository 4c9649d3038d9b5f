import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'

throughEveryDoor('keeps a free call untouched', async ({ open, shop }) => {
  const seller = await open((_request, response) => void response.end('free'))
  const shopper = shop()
  expect(await shopper.request(`${seller.url}/free`)).toEqual({ status: 200, text: 'free', payment: undefined })
  expect(seller.requests).toHaveLength(1)
  expect(await shopper.records()).toEqual([])
})
