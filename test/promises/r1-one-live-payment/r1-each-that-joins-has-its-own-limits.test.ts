import { describe, expect, it } from 'vitest'
import type { RestrictOptions } from '../../../src/limits/narrow-limits.js'
import type { CallOptions } from '../../../src/payment/exchange.js'
import type { ApprovalRequest } from '../../../src/payment/limits.js'
import { askThrough, isForTools, unpaidBy } from '../../support/conformance/ask-through.js'
import { ledgers } from '../../support/conformance/ledgers.js'
import { createBuyer } from '../../support/create-buyer.js'
import { createGate } from '../../support/money/create-gate.js'
import { askToPay, createOffer, createRequired, deliver } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

/** A seller that holds back what was paid for until a test opens the gate; to calls with `x-dear` it names another price. */
async function openShop(createLedger: (typeof ledgers)[number][1]) {
  const [paid, answered] = [createGate(), createGate()]
  let answers = 0
  const seller = await openSeller(async (request, response) => {
    if (request.payment === undefined) {
      const amount = request.headers['x-dear'] === undefined ? '10000' : '90000'
      return askToPay(response, createRequired([createOffer({ amount })]))
    }
    paid.open()
    await answered.passed
    deliver(response, request, `answer ${++answers}`)
  })
  return { seller, paid: paid.passed, answer: answered.open, ...createBuyer({ ledger: createLedger() }) }
}

const refusing: readonly (readonly [string, RestrictOptions, CallOptions, string])[] = [
  ['a limit per payment', { perPayment: '$0.001' }, {}, 'LIMIT_PER_PAYMENT'],
  ['a client that may spend nothing', { perPayment: '$0' }, {}, 'LIMIT_PER_PAYMENT'],
  ['a list of hosts', { hosts: ['api.example.com'] }, {}, 'HOST_NOT_ALLOWED'],
  ['what the call may cost', {}, { max: '$0.001' }, 'LIMIT_PER_PAYMENT'],
  ['whoever approves for the client', { approve: () => false }, {}, 'NOT_APPROVED'],
  ['whoever approves the call', {}, { approve: () => ({ approved: false, reason: 'no' }) }, 'NOT_APPROVED'],
]

for (const [door, openDoor] of Object.entries(askThrough)) {
  for (const [where, createLedger] of ledgers) {
    for (const [what, options, x402, code] of refusing) {
      it(`R4, a call that joins is refused by ${what}, and isn’t given what another bought, through ${door}${where}`, async () => {
        const { seller, paid, answer, client, signatures } = await openShop(createLedger)
        const first = openDoor(client.restrict({ reach: 'anywhere' }))(seller.url)
        await paid
        const error = await refusalOf(
          openDoor(client.restrict({ reach: 'anywhere', ...options }))(seller.url, { x402 }),
        )
        expect(error).toMatchObject({ code, money: 'untouched', response: unpaidBy(door) })
        answer()
        expect((await first).text).toBe('answer 1')
        expect(signatures()).toBe(1)
      })

      it(`R4, a call that is refused by ${what} refuses nobody who joined it, through ${door}${where}`, async () => {
        const { seller, answer, client, signatures } = await openShop(createLedger)
        answer()
        const poor = openDoor(client.restrict({ reach: 'anywhere', ...options }))
        const rich = openDoor(client.restrict({ reach: 'anywhere' }))
        const refusals = Array.from({ length: 3 }, () => refusalOf(poor(seller.url, { x402 })))
        const bought = await rich(seller.url)
        expect((await Promise.all(refusals)).map((error) => error.code)).toEqual([code, code, code])
        expect(bought.status).toBe(200)
        expect(signatures()).toBe(1)
      })
    }

    it(`R4, whoever approves is asked by each call that joins, once, through ${door}${where}`, async () => {
      const { seller, paid, answer, client, signatures } = await openShop(createLedger)
      const first = openDoor(client.restrict({ reach: 'anywhere' }))(seller.url)
      await paid
      const asked: ApprovalRequest[] = []
      const approve = (request: ApprovalRequest) => {
        asked.push(request)
        answer()
        return true
      }
      const second = openDoor(client.restrict({ reach: 'anywhere', approve }))(seller.url)
      expect((await Promise.all([first, second])).map(({ text }) => text)).toEqual(['answer 1', 'answer 1'])
      expect(asked).toMatchObject([{ amount: '10000', resumed: false }])
      expect(signatures()).toBe(1)
    })

    // Its two prices are told apart by a header.
    if (isForTools(door)) continue

    it(`R4, a call isn’t given what cost more than it may, though its own price was lower, through ${door}${where}`, async () => {
      const { seller, paid, answer, client, signatures } = await openShop(createLedger)
      const purchase = 'order-7'
      const dear = openDoor(client.restrict({ reach: 'anywhere' }))(seller.url, {
        headers: { 'x-dear': '1' },
        x402: { purchase },
      })
      await paid
      const cheap = refusalOf(
        openDoor(client.restrict({ reach: 'anywhere', perPayment: '$0.05' }))(seller.url, { x402: { purchase } }),
      )
      await new Promise((resolve) => setTimeout(resolve, 100))
      answer()
      expect(await cheap).toMatchObject({ code: 'LIMIT_PER_PAYMENT', money: 'untouched', response: unpaidBy(door) })
      expect((await dear).text).toBe('answer 1')
      expect(signatures()).toBe(1)
    })
  }
}

describe('R4, a call that joins', () => {
  it('needs a wallet that could have paid', async () => {
    const { seller, paid, answer, client, ledger } = await openShop(ledgers[0]?.[1] as (typeof ledgers)[number][1])
    const { x402Client } = await import('../../../src/client/x402-client.js')
    const first = askThrough['fetch']?.(client.restrict({ reach: 'anywhere' }))(seller.url)
    await paid
    const penniless = askThrough['fetch']?.(new x402Client({ ledger }).restrict({ reach: 'anywhere' }))
    const error = await refusalOf(penniless?.(seller.url) ?? Promise.resolve())
    expect(error).toMatchObject({ code: 'NO_PAYABLE_OFFER', money: 'untouched' })
    answer()
    expect((await first)?.text).toBe('answer 1')
  })
})
