import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'

for (const fault of ['loses-request', 'loses-response'] as const) {
  throughEveryDoor(`stays in doubt when the answer is lost: the seller ${fault}`, async ({ sell, shop }) => {
    const seller = await sell({ redelivers: true, whenPaid: Array.from({ length: 9 }, () => fault) })
    const shopper = shop()
    const error = await shopper.refusal(seller.url)
    expect(error).toMatchObject({ name: 'DeliveryError', code: 'ANSWER_LOST', money: 'in-doubt' })
    expect(error.cause).toBeInstanceOf(Error)
    expect(await shopper.records()).toMatchObject([{ state: 'sent', delivery: 'lost' }])
    expect(seller.payments).toMatchObject([{ state: fault === 'loses-response' ? 'settled' : 'held' }])
  })

  throughEveryDoor(`presents the same payment when the call is made again: ${fault}`, async ({ sell, shop }) => {
    const seller = await sell({ redelivers: true, whenPaid: [fault] })
    const shopper = shop()
    const post = { method: 'POST', body: 'question' }
    await shopper.refusal(seller.url, post)
    expect(await shopper.request(seller.url, post)).toMatchObject({ status: 200, text: '{"ok":true}' })
    expect(seller.payments).toMatchObject([{ state: 'settled', taken: 10_000n, presented: 2 }])
    expect(shopper.signatures()).toBe(1)
  })
}
