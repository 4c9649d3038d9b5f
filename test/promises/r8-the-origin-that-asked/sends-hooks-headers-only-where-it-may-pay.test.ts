import { describe, expect, it } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { ledgers } from '../../support/conformance/ledgers.js'
import { createBuyer } from '../../support/create-buyer.js'
import { askToPay, createRequired, deliver, sell } from '../../support/offers.js'
import type { SellerRequest } from '../../support/start-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

const SECRET = { 'x-member': 'a secret' }

const secretsIn = (requests: readonly SellerRequest[]) =>
  requests.filter(({ headers }) => headers['x-member'] !== undefined).length

for (const [where, createLedger] of ledgers) {
  throughEveryDoor(`sends no header of a hook to a host that limits exclude${where}`, async ({ open, shop }) => {
    const seller = await open(sell)
    const buyer = shop({ ledger: createLedger(), limits: { hosts: ['api.example.com'] } })
    let asked = 0
    buyer.client.onPaymentRequired(async () => {
      asked++
      return { headers: SECRET }
    })
    buyer.client.registerExtension({
      key: 'member',
      transportHooks: { http: { onPaymentRequired: async () => ({ headers: SECRET }) } },
    })
    expect(await buyer.refusal(seller.url)).toMatchObject({ code: 'HOST_NOT_ALLOWED', money: 'untouched' })
    expect([asked, secretsIn(seller.requests), seller.requests.length]).toEqual([0, 0, 1])
  })

  throughEveryDoor(`sends none for an agent to a host that its own limits exclude${where}`, async ({ open, shop }) => {
    const seller = await open((request, response) =>
      request.payment === undefined
        ? askToPay(response, createRequired(undefined, { extensions: { member: {} } }))
        : deliver(response, request),
    )
    const buyer = shop({ ledger: createLedger() }, (client) => {
      client.registerExtension({
        key: 'member',
        transportHooks: { http: { onPaymentRequired: async () => ({ headers: SECRET }) } },
      })
      return client.restrict({ hosts: ['*.example.com'], reach: 'anywhere' })
    })
    expect(await buyer.refusal(seller.url)).toMatchObject({ code: 'HOST_NOT_ALLOWED', money: 'untouched' })
    expect(secretsIn(seller.requests)).toBe(0)
  })

  throughEveryDoor(`sends it where limits allow the host${where}`, async ({ open, shop }) => {
    const seller = await open((request, response) =>
      request.headers['x-member'] === undefined ? askToPay(response) : void response.end('for members'),
    )
    const { host } = new URL(seller.url)
    const buyer = shop({ ledger: createLedger(), limits: { hosts: [host], perPayment: '$0.001' } })
    buyer.client.onPaymentRequired(async () => ({ headers: SECRET }))
    expect(await buyer.request(seller.url)).toMatchObject({ status: 200, text: 'for members' })
    expect(secretsIn(seller.requests)).toBe(1)
    expect(buyer.signatures()).toBe(0)
  })
}

describe('a 402 that a caller shows by hand:', () => {
  it('gives no header of a hook for a host that limits exclude', async () => {
    const { client, signatures } = createBuyer({ limits: { hosts: ['api.example.com'] } })
    client.onPaymentRequired(async () => ({ headers: SECRET }))
    const required = createRequired() as never
    expect(await client.handlePaymentRequired(required, 'https://other.example/a')).toBeNull()
    expect(await client.handlePaymentRequired(required, 'https://API.example.com./a')).toEqual(SECRET)
    const error = await refusalOf(client.createPaymentPayload(required, { url: 'https://other.example/a' }))
    expect(error).toMatchObject({ code: 'HOST_NOT_ALLOWED', money: 'untouched' })
    expect(signatures()).toBe(0)
  })
})
