import { expect } from 'vitest'
import type { LimitsOptions } from '../../../src/limits/create-limits.js'
import type { CallOptions } from '../../../src/payment/exchange.js'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { ledgers } from '../../support/conformance/ledgers.js'
import { calling } from '../../support/money/create-brisk-buyer.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { drops, inTurn, paymentHeaders, pays, says } from '../../support/money/paid-answers.js'

type Refuser = { readonly code: string; readonly limits?: LimitsOptions; readonly call?: CallOptions }

/** Who refuses to have it presented again. */
const refusers: Readonly<Record<string, Refuser>> = {
  "`perPayment: '$0'`": { code: 'LIMIT_PER_PAYMENT', limits: { perPayment: '$0' } },
  '`hosts: []`': { code: 'HOST_NOT_ALLOWED', limits: { hosts: [] } },
  'an `approve` that says no': { code: 'NOT_APPROVED', limits: { approve: () => false } },
  'a call’s own `max`': { code: 'LIMIT_PER_PAYMENT', call: { max: '$0.009' } },
  'a call’s own `approve`': { code: 'NOT_APPROVED', call: { approve: () => false } },
}

for (const [who, { code, limits, call }] of Object.entries(refusers)) {
  for (const [where, createLedger] of ledgers) {
    throughEveryDoor(`presents nothing that ${who} refuses, and leaves it open${where}`, async ({ open, shop }) => {
      const seller = await open(inTurn(drops, pays))
      const ledger = createLedger()
      const buyer = shop({ ledger })
      const lost = await buyer.refusal(seller.url, calling({ redeliver: 'never' }))
      expect(lost).toMatchObject({ code: 'ANSWER_LOST', money: 'in-doubt' })
      const refusing = shop({ ledger, limits })
      for (let times = 0; times < 2; times++) {
        const error = await refusing.refusal(seller.url, calling({ ...call }))
        expect(error).toMatchObject({ code, money: 'in-doubt' })
      }
      expect(paymentHeaders(seller)).toHaveLength(1)
      expect((await buyer.request(seller.url)).status).toBe(200)
      expect(new Set(paymentHeaders(seller)).size).toBe(1)
      expect([buyer.signatures(), refusing.signatures()]).toEqual([1, 0])
    })
  }
}

throughEveryDoor('shows whoever approves that a payment is presented again, and which', async ({ open, shop }) => {
  const seller = await open(inTurn(drops, pays))
  const asked: { resumed: boolean; payment: string | undefined; price: string | undefined }[] = []
  const shopper = shop({
    limits: {
      approve: ({ resumed, payment, price }) => {
        asked.push({ resumed, payment, price })
        return true
      },
    },
  })
  await shopper.refusal(seller.url, calling({ redeliver: 'never' }))
  expect((await shopper.request(seller.url)).status).toBe(200)
  const [{ id } = { id: '' }] = await shopper.records()
  expect(asked).toEqual([
    { resumed: false, payment: undefined, price: '0.01 USDC' },
    { resumed: true, payment: id, price: '0.01 USDC' },
  ])
})

throughEveryDoor('asks nobody again for what one call sends again by itself', async ({ open, shop }) => {
  const seller = await open(inTurn(drops, says(503), pays))
  let asks = 0
  const shopper = shop({ clock: createBriskClock(), limits: { approve: () => ++asks > 0 } })
  expect((await shopper.request(seller.url)).status).toBe(200)
  expect(paymentHeaders(seller)).toHaveLength(3)
  expect(asks).toBe(1)
})
