import type { PaymentEvent } from '../../../payment/event.js'
import { isRefusal } from '../../../payment/ledger.js'
import type { OpenPurchase } from '../../../payment/purchase.js'
import { readAll } from '../bench.js'
import { createCap } from '../cap.js'
import { createClaimant } from '../claimant.js'
import { createDraft, type DraftChange, named } from '../draft.js'
import { answered, createSent, delivered, forgotten, lost, released, sent, settled } from '../events.js'
import type { LedgerCase } from '../session.js'

const ONCE = 'One purchase has one payment that can be taken. Two of them are paid twice for the same thing.'
const FREE = 'A purchase that is over, or that is another one, must not keep a buyer from buying.'

const keyed = { call: { isKeyed: true } }

type Way = OpenPurchase['is']

/** What keeps an equal purchase from being paid, without a key and under one. */
const OPEN: readonly (readonly [string, Way | undefined, Way | undefined, ...PaymentEvent[]])[] = [
  ['reserved', undefined, 'under-way'],
  ['sent', undefined, 'under-way', sent],
  ['lost', 'open', 'open', sent, lost],
  ['answered', 'open', 'open', sent, answered],
  ['delivered', undefined, undefined, sent, delivered],
  ['settled and waited for', undefined, 'under-way', sent, settled],
  ['settled and lost', 'open', 'open', sent, settled, lost],
  ['settled and answered', 'open', 'open', sent, settled, answered],
  ['settled and delivered', undefined, undefined, sent, settled, delivered],
  ['lost and sent again', undefined, 'under-way', sent, lost, { type: 'sent' }],
  ['lost and given up', undefined, undefined, sent, lost, forgotten],
  ['released', undefined, undefined, released],
  ['lost and released', undefined, undefined, sent, lost, released],
]

const states = OPEN.flatMap(([standing, plain, underKey, ...events]) =>
  [
    { who: 'without a key', change: {}, is: plain },
    { who: 'under a key', change: keyed, is: underKey },
  ].map(
    ({ who, change, is }): LedgerCase => ({
      name: `reserve: ${who}, while a payment of the purchase is ${standing}, is ${is ? `refused: ${is}` : 'done'}`,
      why: is === undefined ? FREE : ONCE,
      async run({ open, check }) {
        const { pay, reserve, expectRefusal, find } = await open()
        const id = await pay(change, ...events)
        if (is === undefined) return void (await reserve(change))
        await expectRefusal({ by: 'open', open: { is, payment: await find(id) } }, change)
        check.equal((await find(id)).claimed, false)
      },
    }),
  ),
)

/** Other buyers, and whether an open payment keeps them from buying. */
const BUYERS: readonly (readonly [string, DraftChange, Way | undefined])[] = [
  ['another buyer of the same', { call: { purchase: 'weather for Ann' } }, 'foreign'],
  ['another account', { by: { payers: ['0x1'] } }, 'foreign'],
  ['another buyer, once the payment can’t be taken,', { call: { purchase: 'x' }, by: { nowSeconds: 9e9 } }, undefined],
  ['another buyer who is told apart by each header', { call: { purchase: 'x', coarse: undefined } }, undefined],
  ['another buyer under a key', { call: { purchase: 'x', isKeyed: true } }, undefined],
  ['another purchase of the same host', { call: named('news') }, undefined],
  ['a buyer after its end', { by: { nowSeconds: 1_700_000_600 } }, undefined],
  ['a buyer just before its end', { by: { nowSeconds: 1_700_000_599 } }, 'open'],
]

const buyers = BUYERS.map(
  ([who, change, is]): LedgerCase => ({
    name: `reserve: of ${who} next to a lost payment is ${is ? `refused: ${is}` : 'done'}`,
    why: is === undefined ? FREE : 'A buyer whose token or account changes between tries pays twice.',
    async run({ open }) {
      const { pay, reserve, expectRefusal } = await open()
      const id = await pay({}, createSent({ validUntilSeconds: 1_700_000_000 }), lost)
      if (is === undefined) return void (await reserve(change))
      await expectRefusal({ by: 'open', open: { is, payment: { id } } }, change)
    },
  }),
)

/** Cases of the rule that one purchase has at most one payment that can be taken. */
export const purchases: readonly LedgerCase[] = [
  ...states,
  ...buyers,
  {
    name: 'reserve: of many concurrent askers under one key, one gets it and the others are told which',
    why: ONCE,
    async run({ open, check }) {
      const { ledger } = await open()
      const asked = await Promise.all(Array.from({ length: 100 }, () => ledger.reserve(createDraft(keyed), [])))
      const [payment, ...more] = asked.flatMap((one) => (isRefusal(one) ? [] : [one]))
      check.equal(more, [])
      const expected = { by: 'open', open: { is: 'under-way', payment } }
      for (const one of asked) if (isRefusal(one)) check.equal(one, expected)
    },
  },
  {
    name: 'reserve: of many concurrent askers without a key, all get one, since two equal calls are two purchases',
    why: FREE,
    async run({ open, check }) {
      const { ledger } = await open()
      const asked = await Promise.all(Array.from({ length: 100 }, () => ledger.reserve(createDraft(), [])))
      check.equal(asked.filter(isRefusal), [])
    },
  },
  {
    name: 'reserve: is refused while the payment of its purchase is presented again by another call',
    why: ONCE,
    async run({ open }) {
      const { ledger, pay, expectRefusal } = await open()
      const id = await pay({}, sent, lost)
      await ledger.claim(createClaimant())
      await expectRefusal({ by: 'open', open: { is: 'claimed', payment: { id, claimed: true } } })
    },
  },
  {
    name: 'reserve: is done in place of a payment that a person agreed to pay for again, and of no other',
    why: FREE,
    async run({ open }) {
      const { ledger, pay, reserve, expectRefusal } = await open()
      const [id, other] = [await pay({}, sent), await pay({}, sent)]
      for (const one of [id, other]) await ledger.note(one, lost)
      await expectRefusal({ by: 'open', open: { is: 'open', payment: { id } } }, { by: { insteadOf: [other] } })
      await reserve({ by: { insteadOf: [other, id] } })
    },
  },
  {
    name: 'reserve: asks neither when the open payment was made nor what it costs',
    why: ONCE,
    async run({ open }) {
      const { clock, pay, expectRefusal } = await open()
      await pay({ charges: [] }, sent, lost)
      clock.advance(10 * 365 * 86_400)
      await expectRefusal({ by: 'open', open: { is: 'open' } }, {}, [createCap(1, { windowSeconds: 60 })])
    },
  },
  {
    name: 'reserve: writes and takes nothing when a payment is in the way',
    why: 'What was refused was never paid, and must not use up other limits.',
    async run({ open, check }) {
      const { ledger, pay, expectRefusal, find } = await open()
      const id = await pay({}, sent, lost)
      await expectRefusal({ by: 'open' })
      check.matches(await ledger.spent(createCap(10)), { count: 1 })
      check.equal(await readAll(ledger), [await find(id)])
      check.matches(await ledger.claim(createClaimant()), { is: 'yours', payment: { id } })
    },
  },
]
