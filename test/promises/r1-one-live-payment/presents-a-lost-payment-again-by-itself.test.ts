import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { drops, inTurn, pays } from '../../support/money/paid-answers.js'

for (const method of ['GET', 'HEAD']) {
  throughEveryDoor(`presents the payment of a ${method} again after a dropped connection`, async ({ sell, shop }) => {
    const clock = createBriskClock()
    const seller = await sell({ clock, redelivers: true, whenPaid: ['loses-response'] })
    const shopper = shop({ clock })
    const answer = await shopper.request(seller.url, { method })
    expect(answer).toMatchObject({ status: 200, payment: { money: 'settled', delivery: 'delivered' } })
    expect(clock.pausesMs).toEqual([250])
    expect(seller.payments).toMatchObject([{ state: 'settled', taken: 10_000n, presented: 2 }])
    expect(shopper.signatures()).toBe(1)
  })
}

throughEveryDoor('presents it a third time after two dropped connections', async ({ sell, shop }) => {
  const clock = createBriskClock()
  const seller = await sell({ clock, redelivers: true, whenPaid: ['loses-request', 'loses-response'] })
  const shopper = shop({ clock })
  expect(await shopper.request(seller.url)).toMatchObject({ status: 200, text: '{"ok":true}' })
  expect(clock.pausesMs).toEqual([250, 1000])
  expect(seller.payments).toMatchObject([{ state: 'settled', taken: 10_000n, presented: 3 }])
  expect(shopper.signatures()).toBe(1)
})

throughEveryDoor('gives up after three, with the money in doubt', async ({ sell, shop }) => {
  const clock = createBriskClock()
  const seller = await sell({ clock, whenPaid: ['loses-request', 'loses-request', 'loses-request'] })
  const shopper = shop({ clock })
  expect(await shopper.refusal(seller.url)).toMatchObject({ code: 'ANSWER_LOST', money: 'in-doubt' })
  expect(seller.payments).toMatchObject([{ state: 'held', presented: 3 }])
  expect(await shopper.records()).toMatchObject([{ state: 'sent', delivery: 'lost', claimed: false }])
})

throughEveryDoor('does not wait beyond the life of the payment', async ({ open, shop }) => {
  const clock = createBriskClock()
  const seller = await open(
    inTurn((request, response) => {
      clock.advance(60)
      return drops(request, response)
    }, pays),
  )
  const shopper = shop({ clock })
  expect(await shopper.refusal(seller.url)).toMatchObject({ code: 'ANSWER_LOST', money: 'in-doubt' })
  expect(clock.pausesMs).toEqual([])
  expect(seller.requests).toHaveLength(2)
})
