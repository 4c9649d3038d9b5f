import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { inTurn, pays, says } from '../../support/money/paid-answers.js'

for (const status of [408, 425, 429, 503, 504]) {
  throughEveryDoor(`waits as long as a ${status} asks, then presents the same payment`, async ({ open, shop }) => {
    const seller = await open(inTurn(says(status, { 'retry-after': '7' }), pays))
    const clock = createBriskClock()
    const shopper = shop({ clock })
    expect(await shopper.request(seller.url)).toMatchObject({ status: 200, payment: { money: 'settled' } })
    expect(clock.pausesMs).toEqual([7000])
    expect(seller.authorizations().size).toBe(1)
    expect(shopper.signatures()).toBe(1)
  })

  throughEveryDoor(`takes its own pauses after a ${status} that names none`, async ({ open, shop }) => {
    const seller = await open(inTurn(says(status), says(status), pays))
    const clock = createBriskClock()
    const shopper = shop({ clock })
    expect(await shopper.request(seller.url)).toMatchObject({ status: 200 })
    expect(clock.pausesMs).toEqual([250, 1000])
    expect(shopper.signatures()).toBe(1)
  })

  throughEveryDoor(`hands a ${status} over that asks for a minute`, async ({ open, shop }) => {
    const seller = await open(inTurn(says(status, { 'retry-after': '60' }), pays))
    const clock = createBriskClock()
    const shopper = shop({ clock })
    expect(await shopper.request(seller.url)).toMatchObject({
      status,
      text: 'not now',
      payment: { money: 'in-doubt', delivery: 'lost' },
    })
    expect(clock.pausesMs).toEqual([])
    // The next call of the caller presents the same payment.
    expect(await shopper.request(seller.url)).toMatchObject({ status: 200 })
    expect(seller.authorizations().size).toBe(1)
    expect(shopper.signatures()).toBe(1)
  })
}

throughEveryDoor('waits until the date that a 503 names, by the seller’s own clock', async ({ open, shop }) => {
  const headers = { date: 'Sun, 06 Nov 1994 08:49:37 GMT', 'retry-after': 'Sun, 06 Nov 1994 08:49:41 GMT' }
  const seller = await open(inTurn(says(503, headers), pays))
  const clock = createBriskClock()
  const shopper = shop({ clock })
  expect(await shopper.request(seller.url)).toMatchObject({ status: 200, payment: { money: 'settled' } })
  expect(clock.pausesMs).toEqual([4000])
  expect(shopper.signatures()).toBe(1)
})

throughEveryDoor('hands the third "not now" over', async ({ open, shop }) => {
  const seller = await open(inTurn(says(503)))
  const shopper = shop({ clock: createBriskClock() })
  expect(await shopper.request(seller.url)).toMatchObject({ status: 503, payment: { delivery: 'lost' } })
  expect(seller.requests).toHaveLength(4)
  expect(shopper.signatures()).toBe(1)
})

throughEveryDoor('does not repeat a 500, which is no "not now"', async ({ open, shop }) => {
  const seller = await open(inTurn(says(500), pays))
  const shopper = shop({ clock: createBriskClock() })
  expect(await shopper.request(seller.url)).toMatchObject({
    status: 500,
    payment: { money: 'in-doubt', delivery: 'lost' },
  })
  expect(seller.requests).toHaveLength(2)
})
