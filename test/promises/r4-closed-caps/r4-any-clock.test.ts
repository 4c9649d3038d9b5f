import { describe, expect, it } from 'vitest'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import type { Clock } from '../../../src/payment/clock.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import type { Warning } from '../../../src/payment/stream.js'
import { createSlowLedger } from '../../../src/testing/slow-ledger.js'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { calling, createBriskBuyer } from '../../support/money/create-brisk-buyer.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { drops, inTurn, pays } from '../../support/money/paid-answers.js'
import { sell } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

const HOUR = 3600
const DAY = 24 * HOUR
const YEAR = 365 * DAY

const ledgers: readonly (readonly [string, (clock: Clock) => Ledger])[] = [
  ['', (clock) => createMemoryLedger({ clock })],
  [', on a slow ledger', (clock) => createSlowLedger(createMemoryLedger({ clock }))],
]

for (const [name, createLedger] of ledgers) {
  for (const ahead of [DAY, YEAR]) {
    throughEveryDoor(
      `R4: a clock that was ${ahead / DAY} days ahead freezes no window, and is told${name}`,
      async (tools) => {
        const seller = await tools.open(sell)
        const clock = createBriskClock()
        const shopper = tools.shop({ clock, ledger: createLedger(clock), limits: { perHour: '$0.02' } })
        const warnings: Warning[] = []
        shopper.client.on('payment', (event) => void (event.type === 'warning' && warnings.push(event.warning)))
        await shopper.request(`${seller.url}/before`)
        clock.advance(ahead)
        await shopper.request(`${seller.url}/ahead`)
        clock.advance(60 - ahead)
        for (const path of ['/right', '/again']) {
          expect(await shopper.refusal(`${seller.url}${path}`)).toMatchObject({
            code: 'LIMIT_WINDOW',
            money: 'untouched',
          })
        }
        expect(warnings).toMatchObject([
          {
            code: 'CLOCK_WAS_AHEAD',
            hint: expect.stringContaining('If the clock is right now, nothing needs to be done'),
          },
        ])
        clock.advance(HOUR - 60)
        await shopper.request(`${seller.url}/first-is-over`)
        await shopper.refusal(`${seller.url}/second-is-not`)
        clock.advance(60)
        expect((await shopper.request(`${seller.url}/second-is-over`)).status).toBe(200)
        expect(warnings).toHaveLength(1)
      },
    )
  }

  throughEveryDoor(`R4: a clock that is set back frees nothing, nor when it is right again${name}`, async (tools) => {
    const seller = await tools.open(sell)
    const clock = createBriskClock()
    const shopper = tools.shop({ clock, ledger: createLedger(clock), limits: { perHour: '$0.02' } })
    await shopper.request(seller.url)
    for (const back of [60, HOUR, DAY, YEAR]) {
      clock.advance(-back)
      if (back === DAY) await shopper.request(`${seller.url}/while-set-back`)
      else if (back === YEAR) await shopper.refusal(`${seller.url}/a-year-back`)
      clock.advance(back)
      if (back >= DAY) await shopper.refusal(`${seller.url}/right-again`)
    }
    expect(shopper.signatures()).toBe(2)
    clock.advance(HOUR)
    expect((await shopper.request(`${seller.url}/next-hour`)).status).toBe(200)
  })

  throughEveryDoor(
    `R4: a clock that is always an hour slow or a day fast counts as a right one${name}`,
    async (tools) => {
      const seller = await tools.open(sell)
      for (const off of [-HOUR, DAY]) {
        const clock = createBriskClock(1_700_000_000 + off)
        const shopper = tools.shop({ clock, ledger: createLedger(clock), limits: { perHour: '$0.01' } })
        for (const hour of ['1', '2', '3']) {
          expect((await shopper.request(`${seller.url}/${hour}`)).status).toBe(200)
          await shopper.refusal(`${seller.url}/${hour}/more`)
          clock.advance(HOUR)
        }
      }
    },
  )
}

describe.each(ledgers)('R1 where the clock was wrong%s', (_name, createLedger) => {
  const open = async () => {
    const seller = await openSeller(inTurn(drops, drops, drops, pays)) // a call sends a payment three times
    const clock = createBriskClock()
    return { seller, buyer: createBriskBuyer({ clock, ledger: createLedger(clock) }), clock }
  }

  it.each([-YEAR, -DAY, -HOUR, DAY, YEAR])(
    'a lost payment that was made by a clock %i seconds off is presented again',
    async (off) => {
      const { seller, buyer, clock } = await open()
      clock.advance(off)
      await refusalOf(buyer.paidFetch(seller.url))
      // Before it is over by that clock, and where it was ahead, for as long as it can be taken.
      clock.advance(off < 0 ? 30 : 30 - off)
      expect((await buyer.paidFetch(seller.url)).status).toBe(200)
      expect(buyer.signatures()).toBe(1)
    },
  )

  it('a lost payment of another credential keeps this one from buying while it can be taken, and no longer', async () => {
    const { seller, buyer, clock } = await open()
    await refusalOf(buyer.paidFetch(seller.url, { headers: { authorization: 'Ann' } }))
    const asBob = () => buyer.paidFetch(seller.url, { headers: { authorization: 'Bob' } })
    clock.advance(-DAY)
    expect(await refusalOf(asBob())).toMatchObject({ code: 'PAID_PERHAPS', money: 'untouched' })
    clock.advance(DAY + 601)
    expect((await asBob()).status).toBe(200)
    expect(buyer.signatures()).toBe(2)
  })

  it('a purchase that is over is bought again, though the clock was set back meanwhile, and both payments count', async () => {
    const { seller, buyer, clock } = await open()
    await refusalOf(buyer.paidFetch(seller.url))
    clock.advance(-DAY)
    await refusalOf(buyer.paidFetch(`${seller.url}/other`, calling({ max: '$0' })))
    clock.advance(DAY + 1300)
    expect((await buyer.paidFetch(seller.url)).status).toBe(200)
    expect(buyer.signatures()).toBe(2)
    expect(await buyer.client.spending()).toMatchObject([{ limit: 'perDay', left: '$9.98' }])
  })
})
