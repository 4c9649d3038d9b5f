import { createCap } from '../cap.js'
import { DOLLAR, dollars, named } from '../draft.js'
import { sent, settled } from '../events.js'
import type { LedgerCase } from '../session.js'

const HOUR = 3600
const hourly = createCap(1, { name: 'perHour', windowSeconds: HOUR })

const ROLLING = 'A limit per hour holds for any hour: what falls out too early can be spent twice in one.'
const SET_BACK = 'Anyone who can set a clock back would get the whole budget again.'

/** Cases of how long payments count. */
export function createWindows(payments: number): readonly LedgerCase[] {
  return [
    {
      name: 'windows: let a payment count until its window has gone by, to the second',
      why: ROLLING,
      async run({ open }) {
        const { clock, reserve, expectFull } = await open()
        await reserve({}, [hourly])
        clock.advance(HOUR - 1)
        await expectFull(hourly)
        clock.advance(1)
        await reserve({}, [hourly])
      },
    },
    {
      name: 'windows: roll instead of starting over',
      why: ROLLING,
      async run({ open, check }) {
        const { ledger, clock, reserve } = await open()
        for (let quarter = 0; quarter < 8; quarter++) {
          await reserve()
          clock.advance(HOUR / 4)
        }
        // The last four were made 15, 30, 45 and 60 minutes ago, and the last of these has just gone by.
        check.equal(await ledger.spent(hourly), { held: 3n * DOLLAR, spent: 0n, count: 3 })
      },
    },
    {
      name: 'windows: let a payment age by when it was reserved, whatever became of it since',
      why: 'A payment that is settled late would count in two windows.',
      async run({ open, check }) {
        const { ledger, clock, pay } = await open()
        const id = await pay({}, sent)
        clock.advance(HOUR - 1)
        await ledger.note(id, settled)
        check.equal((await ledger.spent(hourly)).spent, DOLLAR)
        clock.advance(1)
        check.equal(await ledger.spent(hourly), { held: 0n, spent: 0n, count: 0 })
      },
    },
    {
      name: 'windows: stay right when something happens to a payment that has aged out',
      why: ROLLING,
      async run({ open, check }) {
        const { ledger, clock, pay, reserve } = await open()
        const old = await pay({}, sent)
        clock.advance(HOUR)
        await reserve()
        check.equal((await ledger.spent(hourly)).count, 1)
        await ledger.note(old, { type: 'settled', charges: dollars(9) })
        check.equal(await ledger.spent(hourly), { held: DOLLAR, spent: 0n, count: 1 })
      },
    },
    {
      name: 'windows: never end for a cap without one',
      why: 'A total is forever: payments that are deleted after a while give it back.',
      async run({ open }) {
        const { clock, reserve, expectFull } = await open()
        await reserve({}, [createCap(1)])
        clock.advance(100 * 365 * 24 * HOUR)
        await expectFull(createCap(1))
      },
    },
    {
      name: 'windows: of different lengths are counted side by side',
      why: ROLLING,
      async run({ open, check }) {
        const { ledger, clock, reserve } = await open()
        const daily = createCap(9, { windowSeconds: 24 * HOUR })
        await reserve()
        clock.advance(2 * HOUR)
        await reserve()
        check.equal((await ledger.spent(hourly)).count, 1)
        check.equal((await ledger.spent(daily)).count, 2)
      },
    },
    {
      name: 'windows: free nothing when the clock is set back',
      why: SET_BACK,
      async run({ open, check }) {
        const { clock, reserve, find, expectFull } = await open()
        const id = await reserve({}, [hourly])
        clock.advance(-HOUR / 2)
        const later = await reserve()
        check.equal((await find(later)).atSeconds, (await find(id)).atSeconds)
        await expectFull(hourly)
        clock.advance(HOUR)
        await expectFull(hourly)
      },
    },
    {
      name: 'windows: count again what a clock that ran ahead for a while had let age out',
      why: SET_BACK,
      async run({ open, check }) {
        const { ledger, clock, pay } = await open()
        const id = await pay({}, sent)
        clock.advance(HOUR)
        check.equal((await ledger.spent(hourly)).count, 0)
        clock.advance(-HOUR)
        check.equal((await ledger.spent(hourly)).held, DOLLAR)
        await ledger.note(id, settled)
        check.equal(await ledger.spent(hourly), { held: 0n, spent: DOLLAR, count: 1 })
      },
    },
    {
      name: `windows: hold ${payments} payments, let go of them, and begin again`,
      why: 'Sums that are kept over a long time drift, or remember payments for ever.',
      async run({ open, check }) {
        const { ledger, clock, reserve } = await open()
        // A second a payment, so that three of four have aged out at the end.
        const windowSeconds = Math.ceil(payments / 4)
        const cap = createCap(1, { windowSeconds })
        for (let round = 0; round < 2; round++) {
          for (let made = 1; made <= payments; made++) {
            await reserve({ call: named(String(made)) })
            clock.advance(1)
            if (made % 50 === 0) check.equal((await ledger.spent(cap)).count, Math.min(made, windowSeconds - 1))
          }
          clock.advance(windowSeconds)
          check.equal(await ledger.spent(cap), { held: 0n, spent: 0n, count: 0 })
        }
      },
    },
  ]
}
