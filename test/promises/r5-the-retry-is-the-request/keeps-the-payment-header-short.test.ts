import { expect } from 'vitest'
import { MAX_PAYMENT_HEADER } from '../../../src/wire/encoded-payment.js'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { createOffer, createRequired, deliver } from '../../support/offers.js'

const LONG = 'x'.repeat(20_000)

/** Longest entry that is paid, in bytes of JSON. */
const MAX_ENTRY = 4096

throughEveryDoor(
  'leaves out what a seller doesn’t compare, when the payment header would be too long',
  async ({ open, shop }) => {
    const extensions = {
      bazaar: { info: { kind: 'http' }, schema: { description: LONG } },
      noise: { info: { text: LONG } },
      'builder-code': { info: { a: 'bc_app' } },
    }
    const resource = { url: 'http://127.0.0.1/x', description: LONG }
    // In the body: no HTTP stack takes a header of that length.
    const seller = await open((request, response) => {
      if (request.payment !== undefined) return deliver(response, request)
      response.writeHead(402, { 'content-type': 'application/json' })
      response.end(JSON.stringify(createRequired(undefined, { extensions, resource })))
    })
    expect(await shop().request(seller.url)).toMatchObject({ status: 200, payment: { money: 'settled' } })
    const [, paid] = seller.requests
    expect(String(paid?.headers['payment-signature']).length).toBeLessThanOrEqual(MAX_PAYMENT_HEADER)
    expect(paid?.payment).toMatchObject({
      accepted: createOffer(),
      resource: { url: 'http://127.0.0.1/x' },
      extensions: { bazaar: { info: { kind: 'http' } }, 'builder-code': { info: { a: 'bc_app' } } },
    })
    expect(paid?.payment?.extensions).not.toHaveProperty('noise')
  },
)

throughEveryDoor('keeps the payment header short for an entry near 4 kB and a long address', async ({ open, shop }) => {
  for (const missing of [0, 1, 100]) {
    const entry = createOffer({ note: '' })
    const note = 'n'.repeat(MAX_ENTRY - JSON.stringify(entry).length - missing)
    const offer = createOffer({ note })
    const resource = { url: `http://127.0.0.1/${'p'.repeat(1_500)}`, description: LONG }
    const extensions = { 'payment-identifier': { info: { required: false }, schema: { text: LONG } } }
    const seller = await open((request, response) => {
      if (request.payment !== undefined) return deliver(response, request)
      response.writeHead(402, { 'content-type': 'application/json' })
      response.end(JSON.stringify(createRequired([offer], { resource, extensions })))
    })
    expect(await shop().request(seller.url)).toMatchObject({ status: 200, payment: { money: 'settled' } })
    const [, paid] = seller.requests
    expect(String(paid?.headers['payment-signature']).length).toBeLessThanOrEqual(MAX_PAYMENT_HEADER)
    // The entry goes back whole, and the payment keeps its name.
    expect(paid?.payment?.accepted).toEqual(offer)
    expect(paid?.payment?.extensions).toMatchObject({ 'payment-identifier': { info: { id: expect.any(String) } } })
  }
})

throughEveryDoor('signs nothing for an offer that is too long to be sent back', async ({ open, shop }) => {
  const required = createRequired([createOffer({ note: LONG })])
  const seller = await open((_request, response) => {
    response.writeHead(402, { 'content-type': 'application/json' })
    response.end(JSON.stringify(required))
  })
  const shopper = shop()
  const error = await shopper.refusal(seller.url)
  expect(error).toMatchObject({ code: 'NO_PAYABLE_OFFER', money: 'untouched' })
  expect(error.message).toContain('too long to be sent back')
  expect(shopper.signatures()).toBe(0)
})
