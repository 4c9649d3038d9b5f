import type { Delivery, Facts, NewRecord, State } from '../../flow/ports.js'
import type { Claimant } from '../../payment/purchase.js'
import { createClaimant, PAYER } from './create-claimant.js'
import { createPresentation } from './create-presentation.js'
import type { LedgerCase } from './ledger-case.js'

const lost = { delivery: 'lost' } as const

const ONCE = 'A payment that brought nothing is presented again by one caller at a time, in place of a second payment.'
const OTHERS = 'A buyer who presents someone else’s payment takes it from them.'
const STRANDED = 'A payment that is never handed out is paid a second time.'

const GIVEN: readonly (readonly [State, Delivery, boolean])[] = [
  ['reserved', 'none', false],
  ['signed', 'none', false],
  ['sent', 'none', false],
  ['sent', 'lost', true],
  ['sent', 'answered', true],
  ['sent', 'delivered', false],
  ['settled', 'none', false],
  ['settled', 'lost', true],
  ['settled', 'answered', true],
  ['settled', 'delivered', false],
  ['released', 'lost', false],
]

const states = GIVEN.map(
  ([state, delivery, isGiven]): LedgerCase => ({
    name: `claim: of a payment that is ${state} with delivery ${delivery} gives ${isGiven ? 'it' : 'nothing'}`,
    why: isGiven ? STRANDED : ONCE,
    async run({ open, check }) {
      const { ledger, pay } = await open()
      const id = await pay(state, {}, { delivery })
      check.matches(await ledger.claim(createClaimant()), isGiven ? { is: 'yours', record: { id } } : { is: 'nothing' })
    },
  }),
)

type Told = 'yours' | 'foreign' | 'nothing' | 'under-way'

/** Who is told what of a payment that is open, or is being made. */
const TOLD: readonly (readonly [string, Partial<NewRecord>, Facts, Partial<Claimant>, Told])[] = [
  ['without a payer', {}, lost, { payers: [] }, 'foreign'],
  ['by another payer', {}, lost, { payers: ['0x1'] }, 'foreign'],
  ['by the payer in other capitals, where it is hexadecimal,', {}, lost, { payers: [PAYER.toLowerCase()] }, 'yours'],
  ['by the payer', { payer: 'So1Payer' }, lost, { payers: ['So1Payer'] }, 'yours'],
  ['by the payer in other capitals', { payer: 'So1Payer' }, lost, { payers: ['so1payer'] }, 'foreign'],
  ['by any payer, where the record names none,', { payer: undefined }, lost, { payers: [PAYER, ''] }, 'yours'],
  ['of another purchase', {}, lost, { purchase: 'news', coarse: 'news' }, 'nothing'],
  ['of another buyer of the same', {}, lost, { purchase: 'weather for Ann' }, 'foreign'],
  [
    'of another buyer, once the payment can’t be taken,',
    {},
    { ...lost, validUntilSeconds: 5 },
    { purchase: 'x' },
    'nothing',
  ],
  [
    'of another buyer, where buyers are told apart by each header,',
    {},
    lost,
    { purchase: 'x', coarse: undefined },
    'nothing',
  ],
  ['of another buyer whose payment named its purchase by a key', { isKeyed: true }, lost, { purchase: 'x' }, 'nothing'],
  ['under a key, of another buyer of the same', {}, lost, { purchase: 'x', isKeyed: true }, 'nothing'],
  ['with the next credential after a 401', {}, { delivery: 'answered', status: 401 }, { purchase: 'x' }, 'yours'],
  [
    'with another credential, once it was lost after a 401,',
    {},
    { ...lost, status: 401 },
    { purchase: 'x' },
    'foreign',
  ],
  ['with the next credential after a 404', {}, { delivery: 'answered', status: 404 }, { purchase: 'x' }, 'foreign'],
  ['of a payment that was given up', {}, { ...lost, forgotten: true }, {}, 'nothing'],
  ['of one that a person agreed to pay for again', {}, lost, { insteadOf: [''] }, 'yours'],
  ['under a key, of a payment that waits for its response', { isKeyed: true }, {}, { isKeyed: true }, 'under-way'],
]

const askers = TOLD.map(
  ([who, change, facts, asked, is]): LedgerCase => ({
    name: `claim: ${who} comes to ${is}`,
    why:
      is === 'yours'
        ? STRANDED
        : is === 'nothing'
          ? 'A buyer who is told of a payment that is not theirs can’t buy.'
          : OTHERS,
    async run({ open, check }) {
      const { ledger, pay, find } = await open()
      const id = await pay('sent', change, facts)
      check.matches(await ledger.claim(createClaimant(asked)), is === 'nothing' ? { is } : { is, record: { id } })
      check.equal((await find(id)).claimed, is === 'yours')
    },
  }),
)

const END = 1_000

/** When a purchase is over: how its payment ended, what was bought how, how long after the end, and whether it may be bought again. */
const OVER: readonly (readonly [string, Partial<NewRecord>, Delivery, Partial<Claimant>, boolean])[] = [
  ['answered, less than a minute after its end', {}, 'answered', { nowSeconds: END + 59 }, false],
  ['lost, less than ten minutes after its end', {}, 'lost', { nowSeconds: END + 599 }, false],
  ['lost, ten minutes after its end', {}, 'lost', { nowSeconds: END + 600 }, true],
  ['lost with a POST, whenever', { method: 'POST' }, 'lost', { nowSeconds: END + 1e6 }, false],
  [
    'lost with a POST, for a buyer of what is over',
    { method: 'POST' },
    'lost',
    { nowSeconds: END + 600, buysOver: true },
    true,
  ],
  ['lost under a key, whenever', { isKeyed: true }, 'lost', { nowSeconds: END + 1e6, isKeyed: true }, false],
  [
    'lost under a key, for a buyer of what is over',
    { isKeyed: true },
    'lost',
    { nowSeconds: END + 600, isKeyed: true, buysOver: true },
    true,
  ],
]

const overs = OVER.map(
  ([what, change, delivery, asked, isOver]): LedgerCase => ({
    name: `claim: of a payment that was ${what}, comes to ${isOver ? 'nothing, and names it as over' : 'the payment'}`,
    why: isOver
      ? 'A poller that lost one response must be able to go on.'
      : 'A seller that waits out each payment takes one after the other.',
    async run({ open, check }) {
      const { ledger, pay } = await open()
      const id = await pay('sent', change, { delivery, validUntilSeconds: END })
      const claim = await ledger.claim(createClaimant(asked))
      check.matches(claim, isOver ? { is: 'nothing', over: [{ id }] } : { is: 'yours', record: { id } })
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
      const id = await pay('sent', {}, lost)
      const asked = await Promise.all(Array.from({ length: 100 }, () => ledger.claim(createClaimant())))
      check.equal(asked.filter(({ is }) => is === 'yours').length, 1)
      for (const one of asked) if (one.is !== 'yours') check.matches(one, { is: 'claimed', record: { id } })
    },
  },
  ...states,
  ...askers,
  ...overs,
  {
    name: 'move: under another name makes the payment that of the next credential, also once it is lost',
    why: 'A caller whose refreshed token is answered with a 500 presents the same payment with it again.',
    async run({ open, check }) {
      const { ledger, pay, find } = await open()
      const id = await pay('sent', {}, { delivery: 'answered', status: 401 })
      await ledger.claim(createClaimant({ purchase: 'weather, refreshed' }))
      check.equal((await find(id)).purchase, 'weather')
      await ledger.move(id, ['sent'], 'sent', { purchase: 'weather, refreshed', delivery: 'none' })
      check.equal((await find(id)).purchase, 'weather, refreshed')
      await ledger.move(id, ['sent'], 'sent', { delivery: 'lost', status: 500 })
      check.matches(await ledger.claim(createClaimant()), { is: 'foreign', record: { id } })
      const claim = await ledger.claim(createClaimant({ purchase: 'weather, refreshed' }))
      check.matches(claim, { is: 'yours', record: { id } })
    },
  },
  {
    name: 'claim: of a payment that was answered, three minutes after it was made and a minute after its end, comes to nothing',
    why: 'A poller that was answered with a 404 must be able to go on.',
    async run({ open, check }) {
      const { ledger, clock, pay } = await open()
      const made = clock.nowSeconds()
      const id = await pay('sent', {}, { delivery: 'answered', validUntilSeconds: made + 5 })
      check.matches(await ledger.claim(createClaimant({ nowSeconds: made + 180 })), { is: 'nothing', over: [{ id }] })
      check.matches(await ledger.claim(createClaimant({ nowSeconds: made + 179 })), { is: 'yours', record: { id } })
    },
  },
  {
    name: 'claim: shows in the list',
    why: 'A caller that looks for payments that no one is presenting must not find one that somebody is.',
    async run({ open, check }) {
      const { ledger, pay, find } = await open()
      const id = await pay('sent', {}, lost)
      check.equal((await find(id)).claimed, false)
      await ledger.claim(createClaimant())
      check.equal((await find(id)).claimed, true)
    },
  },
  {
    name: 'claim: ends with the next move',
    why: STRANDED,
    async run({ open, check }) {
      const { ledger, pay, find } = await open()
      const id = await pay('sent', {}, lost)
      check.matches(await ledger.claim(createClaimant()), { is: 'yours', record: { id, claimed: true } })
      check.matches(await ledger.claim(createClaimant()), { is: 'claimed', record: { id } })
      await ledger.move(id, ['sent'], 'sent', {})
      check.equal((await find(id)).claimed, false)
      check.matches(await ledger.claim(createClaimant()), { is: 'yours', record: { id } })
    },
  },
  {
    name: 'claim: gives nothing once it was delivered',
    why: ONCE,
    async run({ open, check }) {
      const { ledger, pay } = await open()
      const id = await pay('sent', {}, lost)
      await ledger.claim(createClaimant())
      await ledger.move(id, ['sent'], 'settled', { delivery: 'delivered' })
      check.matches(await ledger.claim(createClaimant()), { is: 'nothing', over: [] })
    },
  },
  {
    name: 'claim: of several lost payments gives each once, the one that was reserved last first',
    why: ONCE,
    async run({ open, check }) {
      const { ledger, pay } = await open()
      const first = await pay('sent', {}, lost)
      const second = await pay('sent', {}, lost)
      await ledger.move(first, ['sent'], 'sent', lost) // which was lost last plays no part
      check.matches(await ledger.claim(createClaimant()), { is: 'yours', record: { id: second } })
      check.matches(await ledger.claim(createClaimant()), { is: 'yours', record: { id: first } })
      check.matches(await ledger.claim(createClaimant()), { is: 'claimed' })
    },
  },
  {
    name: 'claim: hands out what has to be presented',
    why: 'Without the signed payment nothing can be presented again, and the buyer pays twice or gets nothing.',
    async run({ open, check }) {
      const { ledger, pay } = await open()
      const presentation = createPresentation()
      const id = await pay('sent', {}, { presentation, nonce: '0x1' })
      await ledger.move(id, ['sent'], 'sent', { delivery: 'lost' })
      await ledger.move(id, ['sent'], 'sent', { delivery: 'answered', status: 409 })
      const record = { presentation, nonce: '0x1', status: 409 }
      check.matches(await ledger.claim(createClaimant()), { is: 'yours', record })
    },
  },
]
