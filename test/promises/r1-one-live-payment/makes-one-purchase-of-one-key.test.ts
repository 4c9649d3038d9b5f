import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { createGate } from '../../support/money/create-gate.js'
import { askToPay, deliver } from '../../support/offers.js'

const key = { headers: { 'Idempotency-Key': 'order-7' } }

throughEveryDoor('makes one purchase of two calls at once under one key', async ({ open, shop }) => {
  const asked = createGate()
  let asks = 0
  const seller = await open(async (request, response) => {
    if (request.payment === undefined) {
      asks += 1
      if (asks === 2) asked.open()
      return askToPay(response)
    }
    await asked.passed
    deliver(response, request)
  })
  const shopper = shop()
  const answers = await Promise.all([shopper.request(seller.url, key), shopper.request(seller.url, key)])
  expect(answers).toMatchObject([
    { status: 200, text: '{"ok":true}' },
    { status: 200, text: '{"ok":true}' },
  ])
  expect(new Set(answers.map(({ payment }) => payment?.id)).size).toBe(1)
  expect(shopper.signatures()).toBe(1)
})

throughEveryDoor('makes one purchase of a call that is asked to pay only after the other', async ({ open, shop }) => {
  const answered = createGate()
  let asks = 0
  const seller = await open(async (request, response) => {
    if (request.payment !== undefined) return deliver(response, request)
    asks += 1
    if (asks === 2) await answered.passed
    askToPay(response)
  })
  const shopper = shop()
  const calls = [shopper.request(seller.url, key), shopper.request(seller.url, key)]
  const first = await Promise.race(calls)
  answered.open()
  for (const answer of await Promise.all(calls)) {
    expect(answer).toMatchObject({ status: 200, text: '{"ok":true}', payment: { id: first.payment?.id } })
  }
  expect(shopper.signatures()).toBe(1)
})

throughEveryDoor('makes two purchases of one key, when the second call begins after the answer', async (situation) => {
  const { open, shop } = situation
  const seller = await open((request, response) =>
    request.payment === undefined ? askToPay(response) : deliver(response, request),
  )
  const shopper = shop()
  await shopper.request(seller.url, key)
  await shopper.request(seller.url, key)
  expect(shopper.signatures()).toBe(2)
})
