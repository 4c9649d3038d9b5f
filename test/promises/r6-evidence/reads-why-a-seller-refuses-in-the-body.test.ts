import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { inTurn, type PaidAnswer } from '../../support/money/paid-answers.js'
import { createOffer } from '../../support/offers.js'
import type { Handler } from '../../support/start-seller.js'

const v1Offer = createOffer({
  amount: undefined,
  maxAmountRequired: '10000',
  network: 'base-sepolia',
  resource: 'http://127.0.0.1/v1',
  description: '',
  mimeType: '',
})

/** A 402 whose terms and reason stand in its body, as in protocol 1. */
function asks(error: unknown, padding = ''): PaidAnswer {
  return (_request, response) => {
    response.writeHead(402, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ x402Version: 1, error, accepts: [v1Offer], padding }))
  }
}

/** Asks to be paid in the body; then gives the answers in turn. */
function inBody(...answers: readonly PaidAnswer[]): Handler {
  const paid = inTurn(...answers)
  const unpaid = asks('X-PAYMENT header is required')
  return (request, response) => (request.payment === undefined ? unpaid : paid)(request, response)
}

/** A seller of protocol 1, whose payments meet these reasons in turn. */
const refusing = (...reasons: readonly string[]) => ({
  x402Version: 1 as const,
  whenPaid: reasons.map((refuses) => ({ refuses })),
})

throughEveryDoor('tells the reason that stands in the body of a second 402', async ({ sell, shop }) => {
  const clock = createBriskClock()
  const seller = await sell({ clock, ...refusing('invalid_exact_evm_insufficient_balance') })
  const shopper = shop({ clock })
  const error = await shopper.refusal(seller.url)
  expect(error).toMatchObject({ code: 'PAYMENT_REJECTED', money: 'in-doubt' })
  expect(error.facts['seller says']).toBe('"invalid_exact_evm_insufficient_balance"')
  expect(error.message).toContain('Fund the wallet')
  expect(await shopper.client.inDoubt()).toMatchObject([{ sellerSaid: 'invalid_exact_evm_insufficient_balance' }])
  expect(shopper.signatures()).toBe(1)
})

throughEveryDoor('waits for a settlement that is pending, as the body of a second 402 says', async ({ sell, shop }) => {
  const clock = createBriskClock()
  const seller = await sell({ clock, ...refusing('settlement_pending') })
  const shopper = shop({ clock })
  expect(await shopper.request(seller.url)).toMatchObject({ status: 200, payment: { money: 'settled' } })
  expect(clock.pausesMs).toEqual([250])
  expect(seller.payments).toMatchObject([{ state: 'settled', presented: 2 }])
  expect(shopper.signatures()).toBe(1)
})

throughEveryDoor('says that the payment was taken, as the body of a second 402 does', async ({ sell, shop }) => {
  const clock = createBriskClock()
  const seller = await sell({ clock, x402Version: 1, whenPaid: ['loses-response'] })
  const shopper = shop({ clock })
  expect(await shopper.refusal(seller.url)).toMatchObject({ code: 'PAID_NOT_DELIVERED' })
  expect(seller.payments).toMatchObject([{ state: 'settled', taken: 10_000n }])
  expect(shopper.signatures()).toBe(1)
})

for (const [what, answer] of [
  ['longer than it reads', asks('settlement_pending', 'x'.repeat(5 * 1024 * 1024))],
  ['no text that can be shown', asks({ reason: 'settlement_pending' })],
] as const) {
  throughEveryDoor(`tells no reason when the body of a second 402 is ${what}`, async ({ open, shop }) => {
    const seller = await open(inBody(answer))
    const shopper = shop({ clock: createBriskClock() })
    const error = await shopper.refusal(seller.url)
    expect(error).toMatchObject({ code: 'PAYMENT_REJECTED', money: 'in-doubt' })
    expect(error.facts['seller says']).toBeUndefined()
  })
}
