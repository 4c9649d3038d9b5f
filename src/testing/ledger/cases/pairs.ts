import { FREEZE, isRefusal } from '../../../payment/ledger.js'
import { type Bench, readAll, readIds } from '../bench.js'
import { createCap } from '../cap.js'
import { createClaimant } from '../claimant.js'
import { createDraft, DOLLAR } from '../draft.js'
import { createPresentation, createSent, lost, released, sent, settled } from '../events.js'
import type { LedgerCase } from '../session.js'

const HOUR = 3600
const SHARED = 'Two tabs, or two machines, that see different sums have a budget each.'
const ONCE = 'Two tabs, or two machines, would each act on a state that holds for one of them only.'

/** Asks each of two handles for a step 50 times, all at once. */
async function askAll<T>(pair: readonly Bench[], ask: (bench: Bench) => Promise<T>): Promise<readonly T[]> {
  return Promise.all(Array.from({ length: 50 }, () => pair.map(ask)).flat())
}

/** Cases of two handles on one store. */
export const pairs: readonly LedgerCase[] = [
  {
    name: 'two handles: let exactly ten of 100 concurrent payments of $1 through a cap of $10',
    why: SHARED,
    async run({ openPair, check }) {
      const pair = await openPair()
      const asked = await askAll(pair, ({ ledger }) => ledger.reserve(createDraft(), [createCap(10)]))
      const reserved = asked.flatMap((one) => (isRefusal(one) ? [] : [one.id]))
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
      const cap = createCap(0, { unit: 'payments/all', amount: undefined, count: 2 })
      const asked = await askAll(await openPair(), ({ ledger }) => ledger.reserve(createDraft(), [cap]))
      check.equal(asked.filter((one) => !isRefusal(one)).length, 2)
    },
  },
  {
    name: 'two handles: let one of 100 concurrent payments under one key through, and tell the others which',
    why: ONCE,
    async run({ openPair, check }) {
      const draft = createDraft({ call: { isKeyed: true } })
      const asked = await askAll(await openPair(), ({ ledger }) => ledger.reserve(draft, []))
      const [payment, ...more] = asked.flatMap((one) => (isRefusal(one) ? [] : [one]))
      check.equal(more, [])
      for (const one of asked) if (isRefusal(one)) check.equal(one, { by: 'open', open: { is: 'under-way', payment } })
    },
  },
  {
    name: 'two handles: give each of many concurrent payments an id of its own',
    why: 'Two payments under one id are taken for one, and the other is never counted.',
    async run({ openPair, check }) {
      const pair = await openPair()
      const ids = await askAll(pair, ({ reserve }) => reserve())
      check.equal(new Set(ids).size, 100)
      for (const { ledger } of pair) check.equal([...(await readIds(ledger))].sort(), [...ids].sort())
    },
  },
  {
    name: 'two handles: show the payments of each other, as they stand',
    why: 'A reader of one of them would believe that the money is where it is not.',
    async run({ openPair, check }) {
      const [first, second] = await openPair()
      const id = await first.pay({}, createSent({ nonce: '0x1' }))
      check.matches(await second.find(id), { state: 'sent', nonce: '0x1' })
      await second.ledger.note(id, { type: 'settled', transaction: '0x2', charged: 7n })
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
      await second.expectFull(createCap(1))
      await first.ledger.note(id, { type: 'released', because: 'unsent' })
      await second.reserve({}, [createCap(1)])
      await first.expectFull(createCap(1))
    },
  },
  {
    name: 'two handles: give a lost payment to one of many concurrent askers, with what has to be presented',
    why: ONCE,
    async run({ openPair, check }) {
      const pair = await openPair()
      const id = await pair[0].pay({}, sent, lost)
      const claims = await askAll(pair, ({ ledger }) => ledger.claim(createClaimant()))
      const given = claims.flatMap((claim) => (claim.is === 'yours' ? [claim.payment] : []))
      check.equal(given.length, 1)
      check.matches(given, [{ id, claimed: true, presentation: createPresentation() }])
    },
  },
  {
    name: 'two handles: of many concurrent notes that exclude each other, let one happen',
    why: ONCE,
    async run({ openPair, check }) {
      const pair = await openPair()
      const id = await pair[0].pay({}, sent)
      const asked = await askAll(pair, async (bench) => {
        const event = bench === pair[0] ? settled : released
        return bench.ledger.note(id, event).then(
          () => event.type,
          () => 'refused',
        )
      })
      const { state } = await pair[1].find(id)
      check.equal(
        asked.filter((one) => one !== 'refused'),
        Array.from({ length: 50 }, () => state),
      )
    },
  },
  {
    name: 'two handles: refuse to release what the other has settled meanwhile',
    why: 'What was released counts no more, and this one was taken.',
    async run({ openPair, check }) {
      const [first, second] = await openPair()
      const id = await first.pay({}, sent)
      await second.find(id)
      await first.ledger.note(id, settled)
      const expected = { name: 'LedgerError', code: 'LEDGER_CONFLICT', money: 'settled' } as const
      await check.rejects(() => second.ledger.note(id, released), expected)
    },
  },
  {
    name: 'two handles: have one register, in which exactly one of many concurrent puts wins, and a freeze holds for both',
    why: 'An operator who stops all payments must not see one more, from whichever machine.',
    async run({ openPair, check }) {
      const pair = await openPair()
      const won = await askAll(pair, ({ ledger }) => ledger.put(FREEZE.kind, FREEZE.key, { by: 'Ann' }, undefined))
      check.equal(won.filter(Boolean).length, 1)
      for (const { ledger, expectRefusal } of pair) {
        check.equal(await ledger.get(FREEZE.kind, FREEZE.key), { by: 'Ann' })
        await expectRefusal({ by: 'frozen', value: { by: 'Ann' } })
      }
    },
  },
  {
    name: 'two handles: hold to one pin',
    why: 'A seller whose site was taken over asks for money to another address.',
    async run({ openPair }) {
      const [first, second] = await openPair()
      await first.pay({ terms: { payTo: '0x1' } }, sent)
      await second.expectRefusal({ by: 'pin', payTo: '0x1' }, { isPinned: true, terms: { payTo: '0x2' } })
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
      await second.expectFull(hourly)
      const later = await second.reserve()
      check.equal((await first.find(later)).atSeconds, (await first.find(id)).atSeconds)
      check.equal(await second.ledger.spent(hourly), { held: 2n * DOLLAR, spent: 0n, count: 2 })
      check.equal(await first.ledger.spent(hourly), { held: 2n * DOLLAR, spent: 0n, count: 2 })
    },
  },
]
