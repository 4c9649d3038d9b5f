import { expect } from 'vitest'
import type { Shopper } from '../../support/conformance/doors.js'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { askToPay, createRequired, deliver } from '../../support/offers.js'

/** So that each 402 is new when its first buyer reads it, and the same text when the second one does. */
let sold = 0

const ORDERS = [
  ['generous', 'thrifty'],
  ['thrifty', 'generous'],
] as const

throughEveryDoor(
  'one 402 and two buyers: each is held to its own limits, whoever reads it first',
  async ({ open, shop }) => {
    for (const order of ORDERS) {
      const required = createRequired(undefined, { error: `Sale ${++sold}: payment required` })
      const seller = await open((request, response) => {
        if (request.payment === undefined) askToPay(response, required)
        else deliver(response, request)
      })
      const buyers = {
        generous: shop({ limits: { perPayment: '$0.01' } }),
        thrifty: shop({ limits: { perPayment: '$0.009' } }),
      }
      const visits = {
        generous: async (buyer: Shopper) => expect((await buyer.request(seller.url)).status).toBe(200),
        thrifty: async (buyer: Shopper) =>
          expect(await buyer.refusal(seller.url)).toMatchObject({ code: 'LIMIT_PER_PAYMENT', money: 'untouched' }),
      }
      // The second round meets a 402 that both have read.
      for (const name of [...order, ...order]) await visits[name](buyers[name])
      expect([buyers.generous.signatures(), buyers.thrifty.signatures()]).toEqual([2, 0])
      expect(seller.authorizations().size).toBe(2)
    }
  },
)
