import { expect } from 'vitest'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { askToPay, createOffer, createRequired, deliver } from '../../support/offers.js'

throughEveryDoor('asks once more for terms that a cache held, and pays the new ones', async ({ open, shop }) => {
  let asked = 0
  const seller = await open((request, response) => {
    if (request.payment !== undefined) return deliver(response, request)
    if (++asked === 1) response.setHeader('age', '30')
    askToPay(response, createRequired([createOffer({ amount: asked === 1 ? '90000' : '20000' })]))
  })
  const answer = await shop().request(seller.url)
  expect(answer).toMatchObject({ status: 200, payment: { money: 'settled', terms: { amount: '20000' } } })
  expect(seller.requests).toHaveLength(3)
})

throughEveryDoor('never pays terms that are still from a cache', async ({ open, shop }) => {
  const seller = await open((_request, response) => {
    response.setHeader('age', '30')
    askToPay(response)
  })
  const shopper = shop()
  expect(await shopper.refusal(seller.url)).toMatchObject({ code: 'TERMS_FROM_CACHE', money: 'untouched' })
  expect(shopper.signatures()).toBe(0)
  expect(seller.requests).toHaveLength(2)
})

throughEveryDoor('hands over an answer that is free past the cache', async ({ open, shop }) => {
  let asked = 0
  const seller = await open((_request, response) => {
    if (++asked > 1) return void response.end('free')
    response.setHeader('age', '30')
    askToPay(response)
  })
  const shopper = shop()
  expect(await shopper.request(seller.url)).toEqual({ status: 200, text: 'free', payment: undefined })
  expect(shopper.signatures()).toBe(0)
})

throughEveryDoor('reads the terms in the body of the second answer', async ({ open, shop }) => {
  let asked = 0
  const seller = await open((request, response) => {
    if (request.payment !== undefined) return deliver(response, request)
    response.writeHead(402, { 'content-type': 'application/json', ...(++asked === 1 && { age: '1' }) })
    response.end(JSON.stringify(createRequired()))
  })
  const answer = await shop().request(seller.url, { method: 'POST', body: 'question' })
  expect(answer).toMatchObject({ status: 200, payment: { money: 'settled' } })
  expect(seller.requests.map(({ body }) => String(body))).toEqual(['question', 'question', 'question'])
})

for (const age of ['0', '00', '']) {
  throughEveryDoor(`takes an age of ${JSON.stringify(age)} as new`, async ({ open, shop }) => {
    const seller = await open((request, response) => {
      if (request.payment !== undefined) return deliver(response, request)
      response.setHeader('age', age)
      askToPay(response)
    })
    expect(await shop().request(seller.url)).toMatchObject({ status: 200 })
    expect(seller.requests).toHaveLength(2)
  })
}

throughEveryDoor('holds no connection for an unpaid answer that nobody reads', async ({ open, shop }) => {
  let asked = 0
  let held = 0
  const seller = await open((request, response) => {
    if (request.payment !== undefined) return deliver(response, request)
    if (++asked === 1) response.setHeader('age', '30')
    response.writeHead(402, { 'payment-required': encodeJsonHeader(createRequired()) })
    response.write('without end')
    held += 1
    response.on('close', () => {
      held -= 1
    })
  })
  expect(await shop().request(seller.url)).toMatchObject({ status: 200, payment: { money: 'settled' } })
  expect(asked).toBe(2)
  await expect.poll(() => held).toBe(0)
})
