import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { askToPay, deliver } from '../../support/offers.js'

/** A seller that delivers to each authorization what the first one who presented it asked for, as one with `payment-identifier` does. */
throughEveryDoor('never shows one buyer what another one paid for', async ({ open, shop }) => {
  const bought = new Map<string, string>()
  let drops = true
  const seller = await open((request, response) => {
    if (request.payment === undefined) return askToPay(response)
    const name = JSON.stringify(request.payment.payload)
    bought.set(name, bought.get(name) ?? `for ${request.headers['x-api-key']}`)
    if (drops) return void response.destroy()
    deliver(response, request, bought.get(name))
  })
  const shopper = shop()
  const ask = (key: string) => shopper.request(seller.url, { method: 'POST', headers: { 'x-api-key': key } })
  await expect(ask('ann')).rejects.toThrow()
  drops = false
  expect((await ask('bob')).text).toBe('for bob')
  expect((await ask('ann')).text).toBe('for ann')
  expect(seller.authorizations().size).toBe(2)
})

throughEveryDoor('never gives one request what another one bought under its key', async ({ open, shop }) => {
  const seller = await open((request, response) => {
    if (request.payment === undefined) return askToPay(response)
    if (request.body.toString() === 'one') return void response.destroy()
    deliver(response, request)
  })
  const shopper = shop()
  const ask = (body: string, token: string) =>
    shopper.refusal(seller.url, {
      method: 'POST',
      body,
      headers: { 'Idempotency-Key': 'order-7', authorization: `Bearer ${token}`, 'content-type': 'text/plain' },
    })
  expect(await ask('one', 'a')).toMatchObject({ code: 'ANSWER_LOST' })
  expect(await ask('two', 'a')).toMatchObject({ code: 'PURCHASE_KEY_REUSED', money: 'untouched' })
  expect(await ask('one', 'b')).toMatchObject({ code: 'ANSWER_LOST' })
  expect(seller.authorizations().size).toBe(1)
  expect(shopper.signatures()).toBe(1)
})
