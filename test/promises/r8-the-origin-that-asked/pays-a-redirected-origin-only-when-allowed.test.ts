import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { sell } from '../../support/offers.js'

throughEveryDoor('pays a 402 of another origin to that origin alone, when that is allowed', async ({ open, shop }) => {
  const other = await open(sell)
  const seller = await open((_request, response) => {
    response.writeHead(302, { location: `${other.url}/paid` })
    response.end()
  })
  const shopper = shop({
    allowRedirectedOrigin: true,
    limits: { perHost: { total: '$0.01' } },
  })
  const headers = { authorization: 'Bearer secret', cookie: 'session=secret', 'x-kept': 'yes' }
  expect(await shopper.request(`${seller.url}/old`, { headers })).toMatchObject({
    status: 200,
    payment: { money: 'settled' },
  })
  expect(seller.requests.map(({ payment }) => payment)).toEqual([undefined])
  const paid = other.requests.find(({ payment }) => payment !== undefined)
  expect(paid?.headers).toMatchObject({ 'x-kept': 'yes' })
  expect(paid?.headers).not.toHaveProperty('authorization')
  expect(paid?.headers).not.toHaveProperty('cookie')
  // The limits that count are those of the host that is paid.
  expect(await shopper.refusal(`${seller.url}/again`, { headers })).toMatchObject({ code: 'LIMIT_TOTAL' })
})
