import type { PaymentEvent } from '../../../payment/event.js'
import type { Claimant } from '../../../payment/purchase.js'
import { createClaimant } from '../claimant.js'
import { type DraftChange, named, PAYER } from '../draft.js'
import {
  answered,
  createPresentation,
  createSent,
  delivered,
  forgotten,
  freed,
  lost,
  released,
  sent,
  settled,
} from '../events.js'
import type { LedgerCase } from '../session.js'

const ONCE = 'A payment that brought nothing is presented again by one caller at a time, in place of a second payment.'
const OTHERS = 'A buyer who presents someone else’s payment takes it from them.'
const STRANDED = 'A payment that is never handed out is paid a second time.'

const GIVEN: readonly (readonly [string, boolean, ...PaymentEvent[]])[] = [
  ['reserved', false],
  ['sent', false, sent],
  ['lost', true, sent, lost],
  ['answered', true, sent, answered],
  ['delivered', false, sent, delivered],
  ['settled and waited for', false, sent, settled],
  ['settled and lost', true, sent, settled, lost],
  ['settled and answered', true, sent, settled, answered],
  ['settled and delivered', false, sent, settled, delivered],
  ['lost and given up', false, sent, lost, forgotten],
  ['lost and released', false, sent, lost, released],
]

const states = GIVEN.map(
  ([standing, isGiven, ...events]): LedgerCase => ({
    name: `claim: of a payment that is ${standing} gives ${isGiven ? 'it' : 'nothing'}`,
    why: isGiven ? STRANDED : ONCE,
    async run({ open, check }) {
      const { ledger, pay } = await open()
      const id = await pay({}, ...events)
      const expected = isGiven ? { is: 'yours', payment: { id, claimed: true } } : { is: 'nothing' }
      check.matches(await ledger.claim(createClaimant()), expected)
    },
  }),
)

type Told = 'yours' | 'foreign' | 'nothing' | 'under-way'

const keyed = { call: { isKeyed: true } }
const post = { call: { method: 'POST' } }

/** More than a minute after any payment of these cases was made. */
const LATER = 2_000_000_000

/** Who is told what about a payment that is open, or is being made. */
const TOLD: readonly (readonly [string, DraftChange, readonly PaymentEvent[], Partial<Claimant>, Told])[] = [
  ['without a payer', {}, [sent, lost], { payers: [] }, 'foreign'],
  ['by another payer', {}, [sent, lost], { payers: ['0x1'] }, 'foreign'],
  [
    'by the payer in other capitals, where it is hexadecimal,',
    {},
    [sent, lost],
    { payers: [PAYER.toLowerCase()] },
    'yours',
  ],
  ['by the payer', { payer: 'So1Payer' }, [sent, lost], { payers: ['So1Payer'] }, 'yours'],
  ['by the payer in other capitals', { payer: 'So1Payer' }, [sent, lost], { payers: ['so1payer'] }, 'foreign'],
  ['by any payer, where the payment names none,', { payer: undefined }, [sent, lost], { payers: [PAYER, ''] }, 'yours'],
  ['of another purchase', {}, [sent, lost], named('news'), 'nothing'],
  ['of another buyer of the same', {}, [sent, lost], { purchase: 'weather for Ann' }, 'foreign'],
  [
    'of another buyer, once the payment can’t be taken and a minute has passed,',
    post,
    [createSent({ validUntilSeconds: 5 }), lost],
    { purchase: 'x', nowSeconds: LATER },
    'nothing',
  ],
  [
    'of another buyer, within a minute of a payment that can’t be taken,',
    post,
    [createSent({ validUntilSeconds: 5 }), lost],
    { purchase: 'x' },
    'foreign',
  ],
  [
    'of another buyer, where buyers are told apart by each header,',
    {},
    [sent, lost],
    { purchase: 'x', coarse: undefined },
    'nothing',
  ],
  [
    'by another payer under a key, whenever,',
    keyed,
    [createSent({ validUntilSeconds: 5 }), lost],
    { isKeyed: true, payers: ['0x1'], nowSeconds: LATER },
    'foreign',
  ],
  [
    'by another payer under a key, for a buyer of what is over,',
    keyed,
    [createSent({ validUntilSeconds: 5 }), lost],
    { isKeyed: true, payers: ['0x1'], nowSeconds: LATER, buysOver: true },
    'nothing',
  ],
  ['of another buyer whose payment named its purchase by a key', keyed, [sent, lost], { purchase: 'x' }, 'nothing'],
  ['under a key, of another buyer of the same', {}, [sent, lost], { purchase: 'x', isKeyed: true }, 'nothing'],
  ['with the next credential after a 401', {}, [sent, { ...answered, status: 401 }], { purchase: 'x' }, 'yours'],
  [
    'with another credential, once it was lost after a 401,',
    {},
    [sent, { ...lost, status: 401 }],
    { purchase: 'x' },
    'foreign',
  ],
  ['with the next credential after a 404', {}, [sent, answered], { purchase: 'x' }, 'foreign'],
  ['of one that a person agreed to pay for again', {}, [sent, lost], { insteadOf: [''] }, 'yours'],
  ['under a key, of a payment that waits for its response', keyed, [sent], { isKeyed: true }, 'under-way'],
  ['without a key, of a payment that waits for its response', {}, [sent], {}, 'nothing'],
]

const askers = TOLD.map(
  ([who, change, events, asked, is]): LedgerCase => ({
    name: `claim: ${who} comes to ${is}`,
    why:
      is === 'yours'
        ? STRANDED
        : is === 'nothing'
          ? 'A buyer who is told of a payment that is not theirs can’t buy.'
          : OTHERS,
    async run({ open, check }) {
      const { ledger, pay, find } = await open()
      const id = await pay(change, ...events)
      check.matches(await ledger.claim(createClaimant(asked)), is === 'nothing' ? { is } : { is, payment: { id } })
      check.equal((await find(id)).claimed, is === 'yours')
    },
  }),
)

const END = 1_000

/** When a purchase is over: how its payment ended, what was bought how, how long after the end, and whether it may be bought again. */
const OVER: readonly (readonly [string, DraftChange, PaymentEvent, Partial<Claimant>, boolean])[] = [
  ['answered, less than a minute after its end', {}, answered, { nowSeconds: END + 59 }, false],
  ['lost, less than ten minutes after its end', {}, lost, { nowSeconds: END + 599 }, false],
  ['lost, ten minutes after its end', {}, lost, { nowSeconds: END + 600 }, true],
  ['lost with a POST, whenever', post, lost, { nowSeconds: END + 1e6 }, false],
  ['lost with a POST, for a buyer of what is over', post, lost, { nowSeconds: END + 600, buysOver: true }, true],
  ['lost under a key, whenever', keyed, lost, { nowSeconds: END + 1e6, isKeyed: true }, false],
  [
    'lost under a key, for a buyer of what is over',
    keyed,
    lost,
    { nowSeconds: END + 600, isKeyed: true, buysOver: true },
    true,
  ],
]

const overs = OVER.map(
  ([what, change, event, asked, isOver]): LedgerCase => ({
    name: `claim: of a payment that was ${what}, comes to ${isOver ? 'nothing, and names it as over' : 'the payment'}`,
    why: isOver
      ? 'A poller that lost one response must be able to go on.'
      : 'A seller that waits out each payment takes one after the other.',
    async run({ open, check }) {
      const { ledger, pay } = await open()
      const id = await pay(change, createSent({ validUntilSeconds: END }), event)
      const claim = await ledger.claim(createClaimant(asked))
      check.matches(claim, isOver ? { is: 'nothing', over: [{ id }] } : { is: 'yours', payment: { id } })
    },
  }),
)

/** Cases of who may present an open payment again. */
export const claims: readonly LedgerCase[] = [
  {
    name: 'claim: gives a lost payment to one of many concurrent askers, and tells the others that it is claimed',
    why: ONCE,
    async run({ open, check }) {
      const { ledger, pay } = await open()
      const id = await pay({}, sent, lost)
      const asked = await Promise.all(Array.from({ length: 100 }, () => ledger.claim(createClaimant())))
      check.equal(asked.filter(({ is }) => is === 'yours').length, 1)
      for (const one of asked) if (one.is !== 'yours') check.matches(one, { is: 'claimed', payment: { id } })
    },
  },
  ...states,
  ...askers,
  ...overs,
  {
    name: 'note: sent under another name makes the payment that of the next credential, also once it is lost',
    why: 'A caller whose refreshed token is answered with a 500 presents the same payment with it again.',
    async run({ open, check }) {
      const { ledger, pay, find } = await open()
      const id = await pay({}, sent, { ...answered, status: 401 })
      await ledger.claim(createClaimant({ purchase: 'weather, refreshed' }))
      check.equal((await find(id)).call.purchase, 'weather')
      await ledger.note(id, { type: 'sent', purchase: 'weather, refreshed' })
      check.equal((await find(id)).call.purchase, 'weather, refreshed')
      await ledger.note(id, { ...lost, status: 500 })
      check.matches(await ledger.claim(createClaimant()), { is: 'foreign', payment: { id } })
      const claim = await ledger.claim(createClaimant({ purchase: 'weather, refreshed' }))
      check.matches(claim, { is: 'yours', payment: { id } })
    },
  },
  {
    name: 'claim: of a payment that was answered, three minutes after it was made and a minute after its end, comes to nothing',
    why: 'A poller that was answered with a 404 must be able to go on.',
    async run({ open, check }) {
      const { ledger, clock, pay } = await open()
      const made = clock.nowSeconds()
      const id = await pay({}, createSent({ validUntilSeconds: made + 5 }), answered)
      check.matches(await ledger.claim(createClaimant({ nowSeconds: made + 180 })), { is: 'nothing', over: [{ id }] })
      check.matches(await ledger.claim(createClaimant({ nowSeconds: made + 179 })), { is: 'yours', payment: { id } })
    },
  },
  {
    name: 'claim: shows in the list',
    why: 'A caller that looks for payments that no one is presenting must not find one that someone is.',
    async run({ open, check }) {
      const { ledger, pay, find } = await open()
      const id = await pay({}, sent, lost)
      check.equal((await find(id)).claimed, false)
      await ledger.claim(createClaimant())
      check.equal((await find(id)).claimed, true)
    },
  },
  {
    name: 'claim: ends with whatever happens next, or when it is given up',
    why: STRANDED,
    async run({ open, check }) {
      const { ledger, pay, find } = await open()
      const id = await pay({}, sent, lost)
      for (const event of [freed, { type: 'canceling', cancellation: '0x1' }, lost, settled] as const) {
        check.matches(await ledger.claim(createClaimant()), { is: 'yours', payment: { id, claimed: true } })
        check.matches(await ledger.claim(createClaimant()), { is: 'claimed', payment: { id } })
        await ledger.note(id, event)
        check.equal((await find(id)).claimed, false)
      }
      check.matches(await ledger.claim(createClaimant()), { is: 'yours', payment: { id } })
    },
  },
  {
    name: 'claim: asked twice takes the payment once, and one that is freed twice is free',
    why: STRANDED,
    async run({ open, check }) {
      const { ledger, pay, find } = await open()
      const id = await pay({}, sent, lost)
      await ledger.claim(createClaimant())
      const claimed = await find(id)
      check.equal(await ledger.claim(createClaimant()), { is: 'claimed', payment: claimed })
      check.equal(await find(id), claimed)
      const free = { ...claimed, claimed: false }
      check.equal([await ledger.note(id, freed), await ledger.note(id, freed), await find(id)], [free, free, free])
    },
  },
  {
    name: 'claim: gives nothing once it was delivered',
    why: ONCE,
    async run({ open, check }) {
      const { ledger, pay } = await open()
      const id = await pay({}, sent, lost)
      await ledger.claim(createClaimant())
      await ledger.note(id, { ...delivered, isSettled: true })
      check.equal(await ledger.claim(createClaimant()), { is: 'nothing', over: [] })
    },
  },
  {
    name: 'claim: of several lost payments gives each once, the one that was reserved last first',
    why: ONCE,
    async run({ open, check }) {
      const { ledger, pay } = await open()
      const [first, second] = [await pay({}, sent), await pay({}, sent)]
      for (const id of [second, first]) await ledger.note(id, lost) // which was lost last plays no part
      check.matches(await ledger.claim(createClaimant()), { is: 'yours', payment: { id: second } })
      check.matches(await ledger.claim(createClaimant()), { is: 'yours', payment: { id: first } })
      check.matches(await ledger.claim(createClaimant()), { is: 'claimed' })
    },
  },
  {
    name: 'claim: hands out what has to be presented',
    why: 'Without the signed payment nothing can be presented again, and the buyer pays twice or gets nothing.',
    async run({ open, check }) {
      const { ledger, pay } = await open()
      await pay({}, createSent({ nonce: '0x1' }), lost, { ...answered, status: 409 })
      const payment = { presentation: createPresentation(), nonce: '0x1', status: 409 }
      check.matches(await ledger.claim(createClaimant()), { is: 'yours', payment })
    },
  },
]
