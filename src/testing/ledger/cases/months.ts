import type { ManualClock } from '../../manual-clock.js'
import { createCap } from '../cap.js'
import { DOLLAR, dollars } from '../draft.js'
import { sent } from '../events.js'
import type { LedgerCase } from '../session.js'

const YEAR = 365 * 24 * 3600
const NOTHING = { held: 0n, spent: 0n, count: 0 }

const monthly = createMonthly('UTC')
const inParis = createMonthly('Europe/Paris')

const CALENDAR = 'A budget for a month is agreed on by the calendar: what counts too short can be spent twice in one.'
const CLOCKS = 'One machine whose clock is ahead would open the next month for all.'
const SET_BACK = 'Anyone who can set a clock back would get the whole budget again.'

function createMonthly(monthIn: string) {
  return createCap(1, { name: 'perMonth', windowSeconds: undefined, monthIn })
}

function turnTo(clock: ManualClock, time: string): void {
  clock.advance(Date.parse(time) / 1000 - clock.nowSeconds())
}

/** Cases of caps that count a calendar month. */
export const months: readonly LedgerCase[] = [
  {
    name: 'months: let a payment count until its month is over, to the second',
    why: CALENDAR,
    async run({ open, check }) {
      const { ledger, clock, reserve, expectFull } = await open()
      turnTo(clock, '2024-02-01T00:00:00Z')
      await reserve({}, [monthly])
      turnTo(clock, '2024-02-29T23:59:59Z')
      await expectFull(monthly)
      clock.advance(1)
      check.equal(await ledger.spent(monthly), NOTHING)
      await reserve({}, [monthly])
    },
  },
  {
    name: 'months: start over instead of rolling',
    why: CALENDAR,
    async run({ open, check }) {
      const { ledger, clock, reserve } = await open()
      turnTo(clock, '2024-05-31T23:59:59Z')
      await reserve({}, [monthly])
      clock.advance(1)
      await reserve({}, [monthly])
      check.equal(await ledger.spent(monthly), { held: DOLLAR, spent: 0n, count: 1 })
    },
  },
  {
    name: 'months: begin and end by the clocks of their zone, in winter and in summer',
    why: CALENDAR,
    async run({ open, check }) {
      const { clock, reserve, expectFull, ledger } = await open()
      turnTo(clock, '2024-02-29T23:00:00Z')
      await reserve({}, [inParis])
      turnTo(clock, '2024-03-31T21:59:59Z')
      await expectFull(inParis)
      clock.advance(1)
      await reserve({}, [inParis])
      turnTo(clock, '2024-10-31T22:59:59Z')
      await reserve({}, [inParis])
      clock.advance(1)
      check.equal(await ledger.spent(inParis), NOTHING)
    },
  },
  {
    name: 'months: of two zones are counted side by side',
    why: CALENDAR,
    async run({ open, check }) {
      const { ledger, clock, reserve } = await open()
      turnTo(clock, '2024-06-30T21:59:59Z')
      await reserve({}, [monthly, inParis])
      clock.advance(1)
      check.equal((await ledger.spent(monthly)).count, 1)
      check.equal((await ledger.spent(inParis)).count, 0)
    },
  },
  {
    name: 'months: go by the clock of the ledger, whatever the clock of who asks says',
    why: CLOCKS,
    async run({ open }) {
      const { clock, reserve, expectRefusal } = await open()
      turnTo(clock, '2024-06-30T12:00:00Z')
      await reserve({}, [monthly])
      const by = { nowSeconds: clock.nowSeconds() + 24 * 3600 }
      await expectRefusal({ by: 'cap', cap: monthly }, { by }, [monthly])
    },
  },
  {
    name: 'months: count a payment in the month in which it was reserved, whatever became of it since',
    why: CALENDAR,
    async run({ open, check }) {
      const { ledger, clock, pay, reserve } = await open()
      turnTo(clock, '2024-06-30T23:59:59Z')
      const old = await pay({}, sent)
      check.equal(await ledger.spent(monthly), { held: DOLLAR, spent: 0n, count: 1 })
      clock.advance(1)
      await reserve({}, [monthly])
      await ledger.note(old, { type: 'settled', charges: dollars(9) })
      check.equal(await ledger.spent(monthly), { held: DOLLAR, spent: 0n, count: 1 })
    },
  },
  {
    name: 'months: count again what a clock that ran ahead into the next one for a while had let go of',
    why: SET_BACK,
    async run({ open, check }) {
      const { ledger, clock, reserve, expectFull } = await open()
      turnTo(clock, '2024-06-30T23:00:00Z')
      await reserve({}, [monthly])
      clock.advance(3600)
      check.equal(await ledger.spent(monthly), NOTHING)
      await reserve({}, [monthly])
      clock.advance(-1)
      check.equal((await ledger.spent(monthly)).count, 2)
      await expectFull(monthly)
      clock.advance(1)
      check.equal((await ledger.spent(monthly)).count, 1)
    },
  },
  {
    name: 'months: go on by the clock once it was put right, though it had been a year ahead',
    why: 'A clock that was wrong once would freeze the budget until it gets there again.',
    async run({ open, check }) {
      const { ledger, clock, reserve, expectFull } = await open()
      turnTo(clock, '2024-06-15T00:00:00Z')
      clock.advance(YEAR)
      await reserve({}, [monthly])
      clock.advance(-YEAR)
      await expectFull(monthly)
      turnTo(clock, '2024-06-30T23:59:59Z')
      await expectFull(monthly)
      clock.advance(1)
      check.equal(await ledger.spent(monthly), NOTHING)
      await reserve({}, [monthly])
    },
  },
]

/** Of two handles. */
export const monthsOfPairs: readonly LedgerCase[] = [
  {
    name: 'two handles: have one month, also where the clock of one is behind in the month before',
    why: CLOCKS,
    async run({ openPair, check }) {
      const [first, second] = await openPair()
      turnTo(first.clock, '2024-07-01T00:30:00Z')
      turnTo(second.clock, '2024-06-30T23:30:00Z')
      await first.reserve({}, [monthly])
      await second.expectFull(monthly)
      check.equal((await second.ledger.spent(monthly)).count, 1)
      second.clock.advance(3600)
      await second.expectFull(monthly)
    },
  },
]
