import { describe, expect, it } from 'vitest'
import { openDesk } from '../../../src/desk/desk.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { createMemoryLedger } from '../../../src/ledger/index.js'
import { createManualClock } from '../../../src/testing/manual-clock.js'
import { createBuyer } from '../../support/create-buyer.js'
import { sell } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

const at = (time: string) => Date.parse(time) / 1000
const LATE_IN_JUNE = at('2026-06-30T12:00:00Z')
const DAY = 86_400

/** Buyers of one ledger, each with a clock of its own. */
function open(limits: object) {
  const clock = createManualClock(LATE_IN_JUNE)
  const ledger = createMemoryLedger({ clock })
  const createWith = (aheadSeconds = 0) =>
    createBuyer({ ledger, limits, clock: createManualClock(LATE_IN_JUNE + aheadSeconds) })
  return { clock, ledger, createWith }
}

describe('R4: a limit for a month', () => {
  it("goes by the ledger's clock: a client whose own is a day ahead has no month of its own", async () => {
    const seller = await openSeller(sell)
    const { createWith } = open({ perMonth: '$0.01' })
    expect((await createWith().paidFetch(`${seller.url}/1`)).status).toBe(200)
    const ahead = createWith(DAY)
    expect(await refusalOf(ahead.paidFetch(`${seller.url}/2`))).toMatchObject({
      code: 'LIMIT_WINDOW',
      money: 'untouched',
    })
    expect(ahead.signatures()).toBe(0)
  })

  it('says in the error and in spending when all of it is left again', async () => {
    const seller = await openSeller(sell)
    const limits = { perMonth: { amount: '$0.01', timeZone: 'Europe/Paris' }, perDay: '$5' }
    const { paidFetch, client } = open(limits).createWith()
    await paidFetch(`${seller.url}/1`)
    expect(await refusalOf(paidFetch(`${seller.url}/2`))).toMatchObject({
      code: 'LIMIT_WINDOW',
      facts: { allows: '$0.01', spent: '$0.01', 'resets at': '2026-06-30T22:00:00.000Z' },
    })
    expect(await client.spending()).toMatchObject([
      { limit: 'perDay', windowSeconds: DAY, monthIn: undefined, resetsAtSeconds: undefined },
      {
        limit: 'perMonth.amount',
        windowSeconds: undefined,
        monthIn: 'Europe/Paris',
        resetsAtSeconds: at('2026-06-30T22:00:00Z'),
        left: '$0.00',
      },
    ])
  })

  it('tells a restricted client its own month, and nothing of one of its owner', async () => {
    const seller = await openSeller(sell)
    const { ledger } = open({})
    const clock = createManualClock(LATE_IN_JUNE)
    const { client } = createBuyer({ ledger, clock, limits: { perMonth: '$0.01' } })
    const restricted = client.restrict({ perMonth: '$5', reach: 'anywhere' })
    const paidFetch = wrapFetchWithPayment(fetch, restricted)
    await paidFetch(`${seller.url}/1`)
    expect(await refusalOf(paidFetch(`${seller.url}/2`))).not.toHaveProperty(['facts', 'resets at'])
    expect(await restricted.spending()).toMatchObject([
      { limit: 'restrict.perMonth', monthIn: 'UTC', resetsAtSeconds: at('2026-07-01T00:00:00Z'), left: '$4.99' },
    ])
  })

  it('is set and told at the desk, and holds from the next payment on', async () => {
    const seller = await openSeller(sell)
    const { createWith, ledger } = open({})
    const { paidFetch } = createWith()
    await paidFetch(`${seller.url}/1`)
    const desk = openDesk(ledger)
    await desk.limits({ perMonth: { payments: 1, timeZone: 'Asia/Tokyo' } }, { by: 'Ann' })
    expect(await refusalOf(paidFetch(`${seller.url}/2`))).toMatchObject({ code: 'LIMIT_COUNT', money: 'untouched' })
    expect(await desk.spending()).toMatchObject([
      {},
      { limit: 'perMonth.payments', left: '0 payments', monthIn: 'Asia/Tokyo' },
    ])
  })

  it('begins for all clients when the clock of the ledger does', async () => {
    const seller = await openSeller(sell)
    const { clock, createWith } = open({ perMonth: '$0.01', perDay: '$5' })
    const [one, behind] = [createWith(), createWith(-DAY)]
    await one.paidFetch(`${seller.url}/1`)
    clock.advance(DAY / 2)
    expect((await behind.paidFetch(`${seller.url}/2`)).status).toBe(200)
    expect(await refusalOf(one.paidFetch(`${seller.url}/3`))).toMatchObject({ code: 'LIMIT_WINDOW' })
  })
})
