import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { askToPay, sell } from '../../support/offers.js'

throughEveryDoor('refuses a 402 that came from another origin by a redirect', async ({ open, shop }) => {
  const other = await open((_request, response) => askToPay(response))
  const seller = await open((_request, response) => {
    response.writeHead(302, { location: `${other.url}/paid` })
    response.end()
  })
  const shopper = shop()
  expect(await shopper.refusal(seller.url)).toMatchObject({ code: 'CHALLENGE_REDIRECTED', money: 'untouched' })
  expect(shopper.signatures()).toBe(0)
})

throughEveryDoor('pays where a redirect within the origin ended', async ({ open, shop }) => {
  const seller = await open((request, response) => {
    if (request.path === '/new') return sell(request, response)
    response.writeHead(302, { location: '/new' })
    response.end()
  })
  expect(await shop().request(`${seller.url}/old`)).toMatchObject({ status: 200, payment: { money: 'settled' } })
  expect(seller.requests.map(({ path }) => path)).toEqual(['/old', '/new', '/new'])
})

throughEveryDoor('refuses a redirected request with a body', async ({ open, shop }) => {
  const seller = await open((request, response) => {
    if (request.path === '/new') return askToPay(response)
    response.writeHead(307, { location: '/new' })
    response.end()
  })
  const error = await shop().refusal(`${seller.url}/old`, { method: 'POST', body: 'x' })
  expect(error).toMatchObject({ code: 'CHALLENGE_REDIRECTED', money: 'untouched' })
})
