import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { askToPay, deliver } from '../../support/offers.js'

throughEveryDoor('follows a redirect within the origin, with the same payment', async ({ open, shop }) => {
  const seller = await open((request, response) => {
    if (request.payment === undefined) return askToPay(response)
    if (request.path === '/new') return deliver(response, request)
    response.writeHead(307, { location: '/new' })
    response.end()
  })
  const answer = await shop().request(`${seller.url}/old`, { method: 'POST', body: 'question' })
  expect(answer).toMatchObject({ status: 200, payment: { money: 'settled' } })
  expect(seller.requests.map(({ path, body }) => `${path} ${body}`)).toEqual([
    '/old question',
    '/old question',
    '/new question',
  ])
  expect(seller.authorizations().size).toBe(1)
})

throughEveryDoor('follows no more than three redirects', async ({ open, shop }) => {
  const seller = await open((request, response) => {
    if (request.payment === undefined) return askToPay(response)
    response.writeHead(307, { location: `${request.path}x` })
    response.end()
  })
  expect(await shop().refusal(`${seller.url}/x`)).toMatchObject({ code: 'REDIRECTED_ELSEWHERE', money: 'in-doubt' })
  expect(seller.requests).toHaveLength(5)
})
