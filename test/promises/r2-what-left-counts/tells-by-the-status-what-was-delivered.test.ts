import { expect } from 'vitest'
import type { Delivery } from '../../../src/payment/payment.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { calling } from '../../support/money/create-brisk-buyer.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { inTurn, pays, says } from '../../support/money/paid-answers.js'
import { createRequired, NETWORK, TRANSACTION } from '../../support/offers.js'

type Row = readonly [answer: string, status: number, headers: Readonly<Record<string, string>>, delivery: Delivery]

const receipt = { 'payment-response': encodeJsonHeader({ success: true, transaction: TRANSACTION, network: NETWORK }) }
const failure = { 'payment-response': encodeJsonHeader({ success: false, transaction: '', network: NETWORK }) }

const rows: readonly Row[] = [
  ['a 409', 409, {}, 'answered'],
  ['a 409 with a good receipt', 409, receipt, 'answered'],
  ['a 409 with `Retry-After`', 409, { 'retry-after': '1' }, 'lost'],
  ['a 404 with `retry-after-ms`', 404, { 'retry-after-ms': '1' }, 'lost'],
  ['a 408', 408, {}, 'lost'],
  ['a 425', 425, {}, 'lost'],
  ['a 429', 429, {}, 'lost'],
  ['a 412 of the seller’s own', 412, {}, 'answered'],
  ['a 202', 202, {}, 'lost'],
  ['a 202 with a receipt of a failure', 202, failure, 'lost'],
  ['a 202 with a good receipt', 202, receipt, 'delivered'],
  ['a 200 without a receipt', 200, {}, 'delivered'],
  ['a 300 that leads nowhere', 300, {}, 'delivered'],
  ['a 304', 304, {}, 'delivered'],
  ['a 500 with a good receipt', 500, receipt, 'lost'],
]

for (const [answer, status, headers, delivery] of rows) {
  const next = delivery === 'delivered' ? 'a new purchase' : 'the same payment'
  throughEveryDoor(`takes ${answer} for ${delivery}: the next call is ${next}`, async ({ open, shop }) => {
    const seller = await open(inTurn(says(status, headers), pays))
    const shopper = shop()
    // What a call does by itself is another situation.
    const first = await shopper.request(seller.url, calling({ redeliver: 'never' }))
    expect(first).toMatchObject({ status, payment: { delivery } })
    expect(await shopper.records()).toMatchObject([{ delivery, status }])
    expect((await shopper.request(seller.url)).status).toBe(200)
    expect(shopper.signatures()).toBe(delivery === 'delivered' ? 2 : 1)
  })
}

for (const [status, error] of [
  [402, 'Payment required'],
  [412, 'permit2_allowance_required'],
] as const) {
  throughEveryDoor(
    `takes a ${status} that says "${error}" for lost: the next call is the same payment`,
    async (tools) => {
      const terms = encodeJsonHeader(createRequired(undefined, { error }))
      const seller = await tools.open(inTurn(says(status, { 'payment-required': terms }), pays))
      const shopper = tools.shop()
      const code = status === 412 ? 'ALLOWANCE_REQUIRED' : 'PAYMENT_REJECTED'
      expect(await shopper.refusal(seller.url)).toMatchObject({ code, money: 'in-doubt' })
      expect(await shopper.records()).toMatchObject([{ delivery: 'lost' }])
      expect((await shopper.request(seller.url)).status).toBe(200)
      expect(shopper.signatures()).toBe(1)
    },
  )
}

for (const status of [404, 409, 503]) {
  throughEveryDoor(
    `takes a ${status} for delivered, where the client says that it delivers`,
    async ({ open, shop }) => {
      const seller = await open(inTurn(says(status), pays))
      const clock = createBriskClock()
      const shopper = shop({ delivers: [status], clock })
      expect(await shopper.request(seller.url)).toMatchObject({ status, payment: { delivery: 'delivered' } })
      expect(seller.requests).toHaveLength(2)
      expect(clock.pausesMs).toEqual([])
      expect((await shopper.request(seller.url)).status).toBe(200)
      expect(shopper.signatures()).toBe(2)
    },
  )

  throughEveryDoor(`takes a ${status} for delivered, where the call says that it delivers`, async ({ open, shop }) => {
    const seller = await open(inTurn(says(status), pays))
    const shopper = shop()
    const first = await shopper.request(seller.url, calling({ delivers: [status] }))
    expect(first).toMatchObject({ status, payment: { delivery: 'delivered' } })
    expect((await shopper.request(seller.url)).status).toBe(200)
    expect(shopper.signatures()).toBe(2)
  })
}
