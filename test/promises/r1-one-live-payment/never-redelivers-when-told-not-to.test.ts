import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { calling } from '../../support/money/create-brisk-buyer.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { drops, inTurn, pays, refuses, says } from '../../support/money/paid-answers.js'

const answers = { 'a dropped connection': drops, 'a 503': says(503), 'a pending 402': refuses('settlement_pending') }

for (const [name, answer] of Object.entries(answers)) {
  throughEveryDoor(`sends once after ${name}, and again when it is called again`, async ({ open, shop }) => {
    const seller = await open(inTurn(answer, pays))
    const clock = createBriskClock()
    const shopper = shop({ clock })
    const init = calling({ redeliver: 'never' })
    await shopper
      .request(seller.url, init)
      .catch((error: unknown) => expect(error).toMatchObject({ money: 'in-doubt' }))
    expect(seller.requests).toHaveLength(2)
    expect(clock.pausesMs).toEqual([])
    expect(await shopper.request(seller.url, init)).toMatchObject({ status: 200 })
    expect(seller.authorizations().size).toBe(1)
    expect(shopper.signatures()).toBe(1)
  })
}
