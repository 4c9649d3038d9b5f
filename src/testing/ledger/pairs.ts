import { createCap } from './create-cap.js'
import { createClaimant } from './create-claimant.js'
import { createPresentation } from './create-presentation.js'
import { createRecord } from './create-record.js'
import { DOLLAR } from './dollars.js'
import type { LedgerCase } from './ledger-case.js'
import { createPurchaseCap } from './purchases.js'
import { readAll } from './read-all.js'

const HOUR = 3600
const SHARED = 'Two tabs, or two machines, that see different sums have a budget each.'
const ONCE = 'Two tabs, or two machines, would each act on a state that holds for one of them only.'

/** Cases of two handles on one store. */
export const pairs: readonly LedgerCase[] = [
  {
    name: 'two handles: let exactly ten of 100 concurrent payments of $1 through a cap of $10',
    why: SHARED,
    async run({ openPair, check }) {
      const pair = await openPair()
      const asked = Array.from({ length: 50 }, () =>
        pair.map(({ ledger }) => ledger.reserve(createRecord(), [createCap(10)])),
      )
      const reserved = (await Promise.all(asked.flat())).flatMap((one) => ('id' in one ? [one.id] : []))
      check.equal(reserved.length, 10)
      check.equal(new Set(reserved).size, 10)
      for (const { ledger } of pair) {
        check.equal(await ledger.spent(createCap(10)), { held: 10n * DOLLAR, spent: 0n, count: 10 })
      }
    },
  },
  {
    name: 'two handles: let exactly two of 100 concurrent payments through a cap of two payments',
    why: SHARED,
    async run({ openPair, check }) {
      const pair = await openPair()
      const cap = createCap(0, { unit: 'payments/all', amount: undefined, count: 2 })
      const asked = Array.from({ length: 50 }, () => pair.map(({ ledger }) => ledger.reserve(createRecord(), [cap])))
      check.equal((await Promise.all(asked.flat())).filter((one) => 'id' in one).length, 2)
    },
  },
  {
    name: 'two handles: let one of 100 concurrent payments through a cap on their purchase, and tell the others which',
    why: ONCE,
    async run({ openPair, check }) {
      const pair = await openPair()
      const cap = createPurchaseCap('weather')
      const record = createRecord({ isKeyed: true })
      const asked = Array.from({ length: 50 }, () => pair.map(({ ledger }) => ledger.reserve(record, [cap])))
      const reservations = await Promise.all(asked.flat())
      const ids = reservations.flatMap((one) => ('id' in one ? [one.id] : []))
      check.equal(ids.length, 1)
      for (const one of reservations) if (!('id' in one)) check.matches(one, { open: { record: { id: ids[0] } } })
    },
  },
  {
    name: 'two handles: show the payments of each other, as they stand',
    why: 'Who looks at one of them would believe that money is where it is not.',
    async run({ openPair, check }) {
      const [first, second] = await openPair()
      const id = await first.pay('sent', {}, { nonce: '0x1' })
      check.matches(await second.find(id), { state: 'sent', nonce: '0x1' })
      await second.ledger.move(id, ['sent'], 'settled', { transaction: '0x2', charged: 7n })
      check.matches(await first.find(id), { state: 'settled', nonce: '0x1', transaction: '0x2', charged: 7n })
      check.equal(await readAll(first.ledger), await readAll(second.ledger))
      check.equal(await first.ledger.spent(createCap(1)), { held: 0n, spent: DOLLAR, count: 1 })
    },
  },
  {
    name: 'two handles: give room back to each other once a payment is released',
    why: SHARED,
    async run({ openPair }) {
      const [first, second] = await openPair()
      const id = await first.reserve({}, [createCap(1)])
      await second.expectRefusal(createCap(1))
      await first.ledger.move(id, ['reserved'], 'released', {})
      await second.reserve({}, [createCap(1)])
      await first.expectRefusal(createCap(1))
    },
  },
  {
    name: 'two handles: give a lost payment to one of many concurrent askers, with what has to be presented',
    why: ONCE,
    async run({ openPair, check }) {
      const pair = await openPair()
      const presentation = createPresentation()
      const id = await pair[0].pay('sent', {}, { presentation, delivery: 'lost' })
      const asked = Array.from({ length: 50 }, () => pair.map(({ ledger }) => ledger.claim(createClaimant())))
      const claims = await Promise.all(asked.flat())
      const given = claims.flatMap((claim) => (claim.is === 'yours' ? [claim.record] : []))
      check.equal(given.length, 1)
      check.matches(given, [{ id, claimed: true, presentation }])
    },
  },
  {
    name: 'two handles: let one of many concurrent movers win',
    why: ONCE,
    async run({ openPair, check }) {
      const pair = await openPair()
      const id = await pair[0].pay('sent')
      const asked = Array.from({ length: 50 }, () => pair.map(({ ledger }) => ledger.move(id, ['sent'], 'settled', {})))
      const outcomes = await Promise.allSettled(asked.flat())
      check.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
    },
  },
  {
    name: 'two handles: refuse to release what the other has sent meanwhile',
    why: 'What was released counts no more, and this one can still be cashed.',
    async run({ openPair, check }) {
      const [first, second] = await openPair()
      const id = await first.reserve()
      await second.find(id)
      await first.ledger.move(id, ['reserved'], 'sent', {})
      const expected = { name: 'LedgerError', code: 'LEDGER_CONFLICT', money: 'in-doubt' } as const
      await check.rejects(() => second.ledger.move(id, ['reserved'], 'released', {}), expected)
    },
  },
  {
    name: 'two handles: free nothing where the clock of one is behind',
    why: 'Clocks of two machines are never the same, and the one that is behind would have a budget of its own.',
    async run({ openPair, check }) {
      const [first, second] = await openPair()
      const hourly = createCap(1, { name: 'perHour', windowSeconds: HOUR })
      second.clock.advance(-2 * HOUR)
      const id = await first.reserve({}, [hourly])
      await second.expectRefusal(hourly)
      const later = await second.reserve()
      check.equal((await first.find(later)).atSeconds, (await first.find(id)).atSeconds)
      check.equal(await second.ledger.spent(hourly), { held: 2n * DOLLAR, spent: 0n, count: 2 })
      check.equal(await first.ledger.spent(hourly), { held: 2n * DOLLAR, spent: 0n, count: 2 })
    },
  },
]
