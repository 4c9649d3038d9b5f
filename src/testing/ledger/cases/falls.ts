import { createCap } from '../cap.js'
import { DOLLAR } from '../draft.js'
import { delivered, sent } from '../events.js'
import type { LedgerCase } from '../session.js'

const HOUR = 3600
const DAY = 24 * HOUR
const YEAR = 365 * DAY
const hourly = createCap(1, { name: 'perHour', windowSeconds: HOUR })

const FROZEN = 'A clock that was wrong once would freeze the budget until it gets there again.'
const SET_BACK = 'Anyone who can set a clock back would get the whole budget again.'
const BOTH =
  'A clock that was ahead and is put right looks like one that is set back, so what was paid must count in both.'

/** Cases of a clock that falls far behind the newest payment. */
export const falls: readonly LedgerCase[] = [
  {
    name: 'windows: go on by the clock once it was put right, though it had been a year ahead',
    why: FROZEN,
    async run({ open, check }) {
      const { ledger, clock, reserve, find, expectFull } = await open()
      clock.advance(YEAR)
      await reserve({}, [hourly])
      clock.advance(-YEAR)
      await expectFull(hourly)
      clock.advance(HOUR)
      const id = await reserve({}, [hourly])
      check.equal((await find(id)).atSeconds, clock.nowSeconds())
      clock.advance(HOUR)
      check.equal(await ledger.spent(hourly), { held: 0n, spent: 0n, count: 0 })
    },
  },
  {
    name: 'windows: count what a clock that was a year ahead reserved, for a whole window from when it was put right',
    why: BOTH,
    async run({ open, check }) {
      const { ledger, clock, pay, reserve, expectFull } = await open()
      await pay({}, sent)
      clock.advance(YEAR)
      await pay({}, sent)
      clock.advance(600 - YEAR)
      // Before a step has written that the clock was put right, and after.
      check.equal((await ledger.spent(hourly)).held, 2n * DOLLAR)
      await expectFull(hourly)
      check.equal((await ledger.spent(hourly)).held, 2n * DOLLAR)
      clock.advance(HOUR - 600)
      check.equal((await ledger.spent(hourly)).held, DOLLAR)
      clock.advance(599)
      await expectFull(hourly)
      clock.advance(1)
      await reserve({}, [hourly])
    },
  },
  {
    name: 'windows: count what was reserved before the clock ran ahead for a while',
    why: BOTH,
    async run({ open, check }) {
      const { ledger, clock, reserve } = await open()
      await reserve()
      clock.advance(HOUR)
      await reserve()
      clock.advance(60 - HOUR)
      check.equal((await ledger.spent(hourly)).count, 2)
      await reserve()
      check.equal((await ledger.spent(hourly)).count, 3)
    },
  },
  {
    name: 'windows: free nothing while the clock is set back by a day',
    why: SET_BACK,
    async run({ open, check }) {
      const { ledger, clock, reserve, expectFull } = await open()
      await reserve({}, [hourly])
      clock.advance(-DAY)
      await expectFull(hourly)
      await reserve()
      clock.advance(HOUR - 1)
      await expectFull(hourly)
      check.equal((await ledger.spent(hourly)).count, 2)
      clock.advance(-YEAR)
      await expectFull(hourly)
      check.equal((await ledger.spent(hourly)).count, 2)
    },
  },
  {
    name: 'windows: free nothing when a clock that was set back by a day is right again',
    why: SET_BACK,
    async run({ open, check }) {
      const { ledger, clock, reserve, expectFull } = await open()
      await reserve({}, [hourly])
      clock.advance(-DAY)
      await reserve()
      clock.advance(600)
      await reserve()
      clock.advance(DAY)
      check.equal((await ledger.spent(hourly)).count, 3)
      await expectFull(hourly)
      check.equal((await ledger.spent(hourly)).count, 3)
      clock.advance(HOUR - 600)
      check.equal((await ledger.spent(hourly)).count, 1)
      clock.advance(600)
      check.equal((await ledger.spent(hourly)).count, 0)
    },
  },
]

/** Of two handles. */
export const fallsOfPairs: readonly LedgerCase[] = [
  {
    name: 'two handles: tell each other that the clock of both was ahead',
    why: BOTH,
    async run({ openPair, check }) {
      const [first, second] = await openPair()
      const turn = (seconds: number) => [first, second].map(({ clock }) => clock.advance(seconds))
      turn(YEAR)
      await first.reserve({}, [hourly])
      turn(-YEAR)
      await first.expectFull(hourly)
      turn(HOUR - 1)
      await second.expectFull(hourly)
      turn(1)
      await second.reserve({}, [hourly])
      check.equal((await first.ledger.spent(hourly)).count, 1)
    },
  },
]

/** Of a handle that crashes. */
export const fallsOfCrashes: readonly LedgerCase[] = [
  {
    name: 'crash: keeps since when the clock was put right, and what it had reserved before',
    why: BOTH,
    async run({ open, crash, check }) {
      const before = await open()
      await before.pay({}, sent, delivered)
      before.clock.advance(YEAR)
      await before.pay({}, sent, delivered)
      before.clock.advance(-YEAR)
      await before.expectFull(hourly)
      before.clock.advance(HOUR / 2)
      const after = await crash(before)
      await after.expectFull(hourly)
      check.equal((await after.ledger.spent(hourly)).count, 2)
      after.clock.advance(HOUR / 2)
      const last = await crash(after)
      check.equal((await last.ledger.spent(hourly)).count, 0)
      await last.reserve({}, [hourly])
    },
  },
]
