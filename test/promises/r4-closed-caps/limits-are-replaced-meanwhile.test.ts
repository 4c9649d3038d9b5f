import { describe, expect, it } from 'vitest'
import { openDesk } from '../../../src/desk/desk.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { createLimits } from '../../../src/limits/create-limits.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import type { Limits } from '../../../src/payment/limits.js'
import { createSlowLedger } from '../../../src/testing/slow-ledger.js'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { ledgers } from '../../support/conformance/ledgers.js'
import { createBuyer } from '../../support/create-buyer.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { drops, inTurn, pays } from '../../support/money/paid-answers.js'
import { sell } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

const ann = { by: 'ann@example.com' }

for (const [on, createLedger] of ledgers) {
  throughEveryDoor(`holds every client of the ledger to what a desk set${on}`, async ({ open, shop }) => {
    const seller = await open(sell)
    const ledger = createLedger()
    const wide = shop({ limits: { perDay: '$10' }, ledger })
    const other = shop({ limits: { perPayment: '$0.001' }, ledger })
    const agent = shop({ limits: { perDay: '$10' }, ledger }, (client) =>
      client.restrict({ perPayment: '$1', reach: 'anywhere' }),
    )
    expect((await wide.request(`${seller.url}/1`)).status).toBe(200)
    expect(await other.refusal(`${seller.url}/2`)).toMatchObject({ code: 'LIMIT_PER_PAYMENT' })
    await openDesk(ledger).limits({ perPayment: '$0.01', total: '$0.03' }, ann)
    expect((await other.request(`${seller.url}/2`)).status).toBe(200)
    expect((await agent.request(`${seller.url}/3`)).status).toBe(200)
    for (const shopper of [wide, other, agent]) {
      expect(await shopper.refusal(`${seller.url}/4`)).toMatchObject({ code: 'LIMIT_TOTAL', money: 'untouched' })
    }
    await openDesk(ledger).limits({ perPayment: '$0.009' }, ann)
    for (const shopper of [wide, other, agent]) {
      expect(await shopper.refusal(`${seller.url}/4`)).toMatchObject({ code: 'LIMIT_PER_PAYMENT', money: 'untouched' })
    }
    // A client that is made later is held to the same.
    expect(await shop({ ledger }).refusal(`${seller.url}/4`)).toMatchObject({ code: 'LIMIT_PER_PAYMENT' })
  })
}

describe('limits that a desk replaces', () => {
  /** How many payments a ledger reserves after its register holds other limits. */
  function countLate(ledger: Ledger): Ledger & { late(): number } {
    let isSet = false
    let late = 0
    return {
      ...ledger,
      async reserve(draft, caps) {
        const wasSet = isSet
        const reserved = await ledger.reserve(draft, caps)
        if (wasSet && !('by' in reserved)) late += 1
        return reserved
      },
      async put(kind, ...rest) {
        const isPut = await ledger.put(kind, ...rest)
        if (isPut && kind === 'limits') isSet = true
        return isPut
      },
      late: () => late,
    }
  }

  it('allow not one payment more once they are set, however many calls are under way in however many clients', async () => {
    const seller = await openSeller(sell)
    const ledger = countLate(createSlowLedger(createMemoryLedger(), { milliseconds: 2 }))
    const limits = { perDay: '$100' }
    const buyers = [1, 2, 3].map(() => createBuyer({ ledger, limits }))
    const calls = Array.from({ length: 60 }, async (_, call) => {
      const { paidFetch } = buyers[call % buyers.length] ?? createBuyer({ ledger, limits })
      try {
        return (await paidFetch(`${seller.url}/${call}`)).status
      } catch (error) {
        return Reflect.get(new Object(error), 'code')
      }
    })
    await openDesk(ledger).limits({ perDay: { payments: 0 } }, ann)
    const became = await Promise.all(calls)
    expect(new Set(became.filter((one) => one !== 200))).toEqual(new Set(['LIMIT_COUNT']))
    expect(ledger.late()).toBe(0)
  })

  it('are asked before an earlier payment is presented again', async () => {
    const seller = await openSeller(inTurn(drops, pays))
    const ledger = createMemoryLedger()
    const { paidFetch, records } = createBuyer({ ledger })
    const init = { x402: { redeliver: 'never' } } as const
    expect(await refusalOf(paidFetch(seller.url, init))).toMatchObject({ code: 'ANSWER_LOST' })
    await openDesk(ledger).limits({ perPayment: '$0.001' }, ann)
    const error = await refusalOf(paidFetch(seller.url, init))
    expect(error).toMatchObject({ code: 'LIMIT_PER_PAYMENT', money: 'in-doubt' })
    expect(await records()).toMatchObject([{ state: 'sent', delivery: 'lost', claimed: false }])
    await openDesk(ledger).limits({}, ann)
    expect((await paidFetch(seller.url, init)).status).toBe(200)
    expect(seller.authorizations().size).toBe(1)
  })

  it('are asked by a quote', async () => {
    const seller = await openSeller(sell)
    const ledger = createMemoryLedger()
    const { paidFetch } = createBuyer({ ledger })
    expect((await paidFetch.quote(seller.url)).cost).toBe('payable')
    await openDesk(ledger).limits({ hosts: ['api.example.com'] }, ann)
    expect(await paidFetch.quote(seller.url)).toMatchObject({ cost: 'refused', refusal: { code: 'HOST_NOT_ALLOWED' } })
  })

  it('leave whom a client asks to approve, above what it said', async () => {
    const seller = await openSeller(sell)
    const ledger = createMemoryLedger()
    let asked = 0
    const approve = () => {
      asked += 1
      return asked > 1
    }
    const { paidFetch } = createBuyer({ ledger, limits: { perPayment: '$0.001', approve, approveAbove: '$0.005' } })
    await openDesk(ledger).limits({ perPayment: '$1' }, ann)
    expect(await refusalOf(paidFetch(seller.url))).toMatchObject({ code: 'NOT_APPROVED' })
    expect((await paidFetch(seller.url)).status).toBe(200)
    expect(asked).toBe(2)
  })

  it('can ask for an approval at the desk in addition', async () => {
    const seller = await openSeller(sell)
    const ledger = createMemoryLedger()
    const { paidFetch } = createBuyer({ ledger, limits: { approve: () => true } })
    const desk = openDesk(ledger)
    await desk.limits({ approve: 'later', approveAbove: '$0.005' }, ann)
    const error = await refusalOf(paidFetch(seller.url))
    expect(error).toMatchObject({ code: 'APPROVAL_PENDING' })
    await desk.approve(error.facts['proposal'] ?? '', ann)
    expect((await paidFetch(seller.url)).status).toBe(200)
  })

  it('hold beside limits of another make, which are the only ones to know whom they ask', async () => {
    const seller = await openSeller(sell)
    const ledger = createMemoryLedger()
    const own = createLimits({ perPayment: '$0.01', total: '$0.02' })
    const foreign: Limits = { assess: (asked) => own.assess(asked), format: own.format }
    const { paidFetch } = createBuyer({ ledger, limits: foreign })
    await openDesk(ledger).limits({ total: '$5' }, ann)
    expect((await paidFetch(`${seller.url}/1`)).status).toBe(200)
    expect((await paidFetch(`${seller.url}/2`)).status).toBe(200)
    expect(await refusalOf(paidFetch(`${seller.url}/3`))).toMatchObject({
      code: 'LIMIT_TOTAL',
      facts: { allows: '$0.02' },
    })
    await openDesk(ledger).limits({ perPayment: '$0.001' }, ann)
    expect(await refusalOf(paidFetch(`${seller.url}/3`))).toMatchObject({ code: 'LIMIT_PER_PAYMENT' })
  })

  it('pin and shorten what a restricted client pays, which was made before', async () => {
    const seller = await openSeller(sell)
    const clock = createBriskClock()
    const ledger = createMemoryLedger({ clock })
    const { client, records } = createBuyer({ clock, ledger })
    const agentFetch = wrapFetchWithPayment(fetch, client.restrict({ reach: 'anywhere' }))
    await openDesk(ledger).limits({ maxValiditySeconds: 7 }, ann)
    expect((await agentFetch(seller.url)).status).toBe(200)
    const [payment] = await records()
    expect(payment?.validUntilSeconds).toBe(clock.nowSeconds() + 7)
  })

  it('error: LIMITS_REPLACED when they are replaced again each time that a payment is judged by them', async () => {
    const seller = await openSeller(sell)
    const ledger = createMemoryLedger()
    let turn = 0
    const { paidFetch, signatures } = createBuyer({
      ledger: {
        ...ledger,
        async reserve(...of) {
          await openDesk(ledger).limits({ perDay: `$${++turn}` }, ann)
          return ledger.reserve(...of)
        },
      },
    })
    expect(await refusalOf(paidFetch(seller.url))).toMatchObject({ code: 'LIMITS_REPLACED', money: 'untouched' })
    expect(signatures()).toBe(0)
  })

  it('are no longer held once they are taken out of the register', async () => {
    const seller = await openSeller(sell)
    const ledger = createMemoryLedger()
    const { paidFetch } = createBuyer({ ledger, limits: { perPayment: '$1' } })
    await openDesk(ledger).limits({ perPayment: '$0.001' }, ann)
    expect(await refusalOf(paidFetch(seller.url))).toMatchObject({ code: 'LIMIT_PER_PAYMENT' })
    await ledger.put('limits', 'all', undefined, await ledger.get('limits', 'all'))
    expect((await paidFetch(seller.url)).status).toBe(200)
  })
})
