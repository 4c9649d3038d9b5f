import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { calling } from '../../support/money/create-brisk-buyer.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { drops, inTurn, pays, says } from '../../support/money/paid-answers.js'
import { askToPay, createRequired } from '../../support/offers.js'

const post = { method: 'POST', body: 'question' }
const identified = createRequired(undefined, { extensions: { 'payment-identifier': { info: { required: false } } } })

for (const [name, answer] of Object.entries({ 'a dropped connection': drops, 'a 503': says(503) })) {
  throughEveryDoor(`leaves it to the caller after ${name}`, async ({ open, shop }) => {
    const seller = await open(inTurn(answer, pays))
    const shopper = shop({ clock: createBriskClock() })
    await shopper
      .request(seller.url, post)
      .catch((error: unknown) => expect(error).toMatchObject({ money: 'in-doubt' }))
    expect(seller.requests).toHaveLength(2)
    expect(await shopper.request(seller.url, post)).toMatchObject({ status: 200 })
    expect(seller.authorizations().size).toBe(1)
    expect(shopper.signatures()).toBe(1)
  })

  throughEveryDoor(`presents it again after ${name} when the call says so`, async ({ open, shop }) => {
    const seller = await open(inTurn(answer, pays))
    const shopper = shop({ clock: createBriskClock() })
    expect(await shopper.request(seller.url, calling({ redeliver: 'always' }, post))).toMatchObject({ status: 200 })
    expect(seller.requests.map(({ body }) => body.toString())).toEqual(['question', 'question', 'question'])
    expect(seller.authorizations().size).toBe(1)
    expect(shopper.signatures()).toBe(1)
  })

  throughEveryDoor(
    `presents it again after ${name} where the seller knows payments by their id`,
    async ({ open, shop }) => {
      const sell = inTurn(answer, pays)
      const seller = await open((request, response) =>
        request.payment === undefined ? askToPay(response, identified) : sell(request, response),
      )
      const shopper = shop({ clock: createBriskClock() })
      expect(await shopper.request(seller.url, post)).toMatchObject({ status: 200 })
      const ids = seller.requests.flatMap(({ payment }) => (payment === undefined ? [] : [payment.extensions]))
      expect(ids).toHaveLength(2)
      const id = expect.stringMatching(/^pay402_[0-9a-f]{32}$/)
      expect(ids[0]).toEqual({ 'payment-identifier': { info: { required: false, id } } })
      expect(ids[1]).toEqual(ids[0])
      expect(shopper.signatures()).toBe(1)
    },
  )
}
