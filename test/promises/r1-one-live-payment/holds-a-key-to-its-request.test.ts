import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { ledgers } from '../../support/conformance/ledgers.js'
import { calling } from '../../support/money/create-brisk-buyer.js'
import { createGate } from '../../support/money/create-gate.js'
import { paymentHeaders } from '../../support/money/paid-answers.js'
import { askToPay, deliver } from '../../support/offers.js'

const headers = { 'Idempotency-Key': 'order-7', authorization: 'Bearer 1', 'content-type': 'text/plain' }
const draft = { method: 'POST', body: 'draft', headers }

/** Other requests under the same key: where they go, and what they say. */
const others: Readonly<Record<string, readonly [path: string, init: RequestInit]>> = {
  body: ['/report', { ...draft, body: 'final' }],
  method: ['/report', { ...draft, method: 'PUT' }],
  path: ['/other', draft],
  query: ['/report?of=today', draft],
  tag: ['/report', calling({ tags: ['research'] }, draft)],
}

for (const [what, [path, other]] of Object.entries(others)) {
  throughEveryDoor(`error: PURCHASE_KEY_REUSED for another ${what} while the first is open`, async ({ open, shop }) => {
    let fails = true
    const seller = await open((request, response) => {
      if (request.payment === undefined) return askToPay(response)
      if (fails) return void response.writeHead(500).end('broken')
      deliver(response, request, `${request.method} ${request.path} ${request.body}`)
    })
    const shopper = shop()
    expect((await shopper.request(`${seller.url}/report`, draft)).status).toBe(500)
    fails = false
    const error = await shopper.refusal(`${seller.url}${path}`, other)
    expect(error).toMatchObject({ code: 'PURCHASE_KEY_REUSED', money: 'untouched' })
    expect(paymentHeaders(seller)).toHaveLength(1)
    expect((await shopper.request(`${seller.url}/report`, draft)).text).toBe('POST /report draft')
    expect(seller.authorizations().size).toBe(1)
    expect(shopper.signatures()).toBe(1)
    // What the key named is delivered, so it may name something else now.
    expect((await shopper.request(`${seller.url}${path}`, other)).status).toBe(200)
  })

  for (const [where, createLedger] of ledgers) {
    throughEveryDoor(
      `error: PURCHASE_KEY_REUSED for another ${what} while the first is in flight${where}`,
      async (tools) => {
        const [paid, answered] = [createGate(), createGate()]
        const seller = await tools.open(async (request, response) => {
          if (request.payment === undefined) return askToPay(response)
          paid.open()
          await answered.passed
          deliver(response, request, 'the first one’s')
        })
        const shopper = tools.shop({ ledger: createLedger() })
        const first = shopper.request(`${seller.url}/report`, draft)
        await paid.passed
        const error = await shopper.refusal(`${seller.url}${path}`, other)
        expect(error).toMatchObject({ code: 'PURCHASE_KEY_REUSED', money: 'untouched' })
        answered.open()
        expect((await first).text).toBe('the first one’s')
        expect(seller.authorizations().size).toBe(1)
        expect(shopper.signatures()).toBe(1)
      },
    )
  }
}

for (const [name, value] of [
  ['authorization', 'Bearer 2'],
  ['cookie', 'session=2'],
] as const) {
  throughEveryDoor(`takes a key with another ${name} for the same request`, async ({ open, shop }) => {
    let fails = true
    const seller = await open((request, response) => {
      if (request.payment === undefined) return askToPay(response)
      if (fails) return void response.writeHead(500).end('broken')
      deliver(response, request)
    })
    const shopper = shop()
    expect((await shopper.request(seller.url, draft)).status).toBe(500)
    fails = false
    const refreshed = { ...draft, headers: { ...headers, [name]: value } }
    expect((await shopper.request(seller.url, refreshed)).status).toBe(200)
    expect(seller.authorizations().size).toBe(1)
    expect(shopper.signatures()).toBe(1)
  })
}
