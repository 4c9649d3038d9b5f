import { expect } from 'vitest'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { createRequired, deliver } from '../../support/offers.js'

const extensions = { bazaar: { info: { input: { type: 'http' } }, schema: { type: 'object' } } }
const withExtensions = JSON.stringify(createRequired(undefined, { extensions }))

type Case = { header?: object; body: string; type?: string; declared: unknown }
const cases: Record<string, Case> = {
  'what only the body declares': { body: withExtensions, declared: extensions },
  'the header’s own, where both declare': {
    header: createRequired(undefined, { extensions: { shop: { info: { a: 1 } } } }),
    body: withExtensions,
    declared: { shop: { info: { a: 1 } } },
  },
  'nothing of a page for people': { body: withExtensions, type: 'text/html', declared: undefined },
  'nothing of a body without a version': { body: JSON.stringify({ extensions, filler: 'x' }), declared: undefined },
  'nothing of a body that is no JSON': { body: `${withExtensions}}`, declared: undefined },
}

for (const [what, { header = createRequired(), body, type = 'application/json', declared }] of Object.entries(cases)) {
  throughEveryDoor(`sends back ${what}`, async ({ open, shop }) => {
    const seller = await open((request, response) => {
      if (request.payment !== undefined) return deliver(response, request)
      response.writeHead(402, {
        'payment-required': encodeJsonHeader(header),
        'content-type': type,
        'content-length': Buffer.byteLength(body),
      })
      response.end(body)
    })
    expect(await shop().request(seller.url)).toMatchObject({ status: 200, payment: { money: 'settled' } })
    expect(seller.requests[1]?.payment?.extensions).toEqual(declared)
  })
}

throughEveryDoor('waits for no body that comes in parts', async ({ open, shop }) => {
  const seller = await open((request, response) => {
    if (request.payment !== undefined) return deliver(response, request)
    response.writeHead(402, {
      'payment-required': encodeJsonHeader(createRequired()),
      'content-type': 'application/json',
    })
    // Its end never comes.
    response.write(withExtensions.slice(0, -1))
  })
  expect(await shop().request(seller.url)).toMatchObject({ status: 200, payment: { money: 'settled' } })
  expect(seller.requests[1]?.payment?.extensions).toBeUndefined()
})
