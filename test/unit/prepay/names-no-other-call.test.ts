import { expect, it } from 'vitest'
import { createBuyer } from '../../support/create-buyer.js'
import { askToPay, createRequired, deliver } from '../../support/offers.js'
import { startSeller } from '../../support/start-seller.js'

it.each([
  ['whose route is for many addresses', '/weather/*', ['/weather/rome', '/weather/oslo']],
  ['whose address has a query', '/weather', ['/weather?key=secret', '/weather?key=other']],
])('tells the seller nothing of an earlier call %s', async (_, route, [first = '', second = '']) => {
  const seller = await startSeller((request, response) => {
    if (request.payment !== undefined) return deliver(response, request)
    askToPay(response, createRequired(undefined, { resource: { url: seller.url + request.path } }))
  })
  const { paidFetch } = createBuyer({ prepay: [{ route: seller.url + route }] })
  await paidFetch(seller.url + first)
  await paidFetch(seller.url + second)
  expect(seller.requests.map(({ path, payment }) => [path, payment?.resource])).toEqual([
    [first, undefined],
    [first, { url: seller.url + first }],
    [second, undefined],
  ])
  expect(seller.requests[2]?.payment).toBeDefined()
})
