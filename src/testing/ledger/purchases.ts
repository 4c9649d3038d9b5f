import type { Cap, Delivery, State } from '../../flow/ports.js'
import type { Claimant } from '../../payment/purchase.js'
import { createCap } from './create-cap.js'
import { createClaimant } from './create-claimant.js'
import { createRecord } from './create-record.js'
import type { LedgerCase } from './ledger-case.js'

const ONCE = 'One key is one purchase. Two callers that both buy under it pay twice for the same thing.'
const FREE = 'A purchase that is over, or that is another one, must not keep a buyer from buying.'

/** Lets a payment through only while nothing of its purchase is open; under a key also while nothing of it is under way. */
export function createPurchaseCap(name: string, change: Partial<Claimant> = {}): Cap {
  const purchase = createClaimant({ purchase: name, coarse: name, isKeyed: true, ...change })
  return createCap(0, { name: 'purchase', unit: 'payments/all', amount: undefined, count: 1, purchase })
}

const once = createPurchaseCap('weather')
const unkeyed = createPurchaseCap('weather', { isKeyed: false })

const keyed = { isKeyed: true }

const OPEN: readonly (readonly [State, Delivery, boolean])[] = [
  ['reserved', 'none', true],
  ['signed', 'none', true],
  ['sent', 'none', true],
  ['sent', 'lost', true],
  ['sent', 'answered', true],
  ['sent', 'delivered', false],
  ['settled', 'none', true],
  ['settled', 'lost', true],
  ['settled', 'answered', true],
  ['settled', 'delivered', false],
  ['released', 'none', false],
  ['released', 'lost', false],
]

const states = OPEN.map(
  ([state, delivery, isOpen]): LedgerCase => ({
    name: `reserve: of a payment that is ${state} with delivery ${delivery}, a cap on its purchase counts ${isOpen ? 'it' : 'nothing'}`,
    why: isOpen ? ONCE : FREE,
    async run({ open, check }) {
      const { ledger, pay, reserve } = await open()
      const id = await pay(state, keyed, { delivery })
      if (!isOpen) return void (await reserve(keyed, [once]))
      const is = delivery === 'none' ? 'under-way' : 'open'
      const expected = { refusedBy: once, held: 0n, spent: 0n, open: { is, record: { id, state, delivery } } }
      check.matches(await ledger.reserve(createRecord(keyed), [once]), expected)
    },
  }),
)

const unkeyedStates = OPEN.map(([state, delivery, isOpen]): LedgerCase => {
  const isRefused = isOpen && delivery !== 'none'
  return {
    name: `reserve: without a key, while a payment is ${state} with delivery ${delivery}, is ${isRefused ? 'refused' : 'done'}`,
    why: isRefused ? ONCE : FREE,
    async run({ open, check }) {
      const { ledger, pay, reserve } = await open()
      const id = await pay(state, {}, { delivery })
      if (!isRefused) return void (await reserve({}, [unkeyed]))
      check.matches(await ledger.reserve(createRecord(), [unkeyed]), { refusedBy: unkeyed, open: { record: { id } } })
    },
  }
})

/** Cases of a cap that lets one open payment of a purchase through. */
export const purchases: readonly LedgerCase[] = [
  {
    name: 'reserve: of many concurrent askers with a cap on their purchase, one gets it and the others are told which',
    why: ONCE,
    async run({ open, check }) {
      const { ledger } = await open()
      const asked = await Promise.all(Array.from({ length: 100 }, () => ledger.reserve(createRecord(keyed), [once])))
      const ids = asked.flatMap((one) => ('id' in one ? [one.id] : []))
      check.equal(ids.length, 1)
      const underWay = { is: 'under-way', record: { id: ids[0], state: 'reserved' } }
      for (const one of asked) if (!('id' in one)) check.matches(one, { refusedBy: once, open: underWay })
    },
  },
  ...states,
  ...unkeyedStates,
  {
    name: 'reserve: is refused while a payment of another buyer of the same can be taken, and told which',
    why: 'A buyer whose token or cookie changes between tries pays twice.',
    async run({ open, check }) {
      const { ledger, pay } = await open()
      const id = await pay('sent', {}, { delivery: 'lost' })
      const cap = createPurchaseCap('weather for Ann', { isKeyed: false, coarse: 'weather' })
      const reservation = await ledger.reserve(createRecord({ purchase: 'weather for Ann' }), [cap])
      check.matches(reservation, { refusedBy: cap, open: { is: 'foreign', record: { id } } })
    },
  },
  {
    name: 'reserve: is done in place of a payment that a person agreed to pay for again',
    why: FREE,
    async run({ open }) {
      const { pay, reserve } = await open()
      const id = await pay('sent', {}, { delivery: 'lost' })
      await reserve({}, [createPurchaseCap('weather', { isKeyed: false, insteadOf: [id] })])
    },
  },
  {
    name: 'reserve: a payment that is being presented again counts against a cap on its purchase',
    why: ONCE,
    async run({ open, check }) {
      const { ledger, pay } = await open()
      const id = await pay('sent', { payer: 'a' }, { delivery: 'lost' })
      await ledger.claim(createClaimant({ payers: ['a'] }))
      const cap = createPurchaseCap('weather', { isKeyed: false, payers: ['a'] })
      const presenting = { is: 'claimed', record: { id, claimed: true } }
      check.matches(await ledger.reserve(createRecord(), [cap]), { open: presenting })
    },
  },
  {
    name: 'reserve: a cap on a purchase counts and refuses no other purchase, whatever else they have in common',
    why: FREE,
    async run({ open, check }) {
      const { ledger, reserve } = await open()
      await reserve({ ...keyed, purchase: 'news' })
      await reserve(keyed, [once])
      await reserve({ ...keyed, purchase: 'sports' }, [once])
      check.matches(await ledger.spent(createPurchaseCap('maps')), { held: 0n, spent: 0n, count: 0 })
    },
  },
  {
    name: 'reserve: without a cap on its purchase, it is reserved beside an open one of the same',
    why: 'A ledger holds what it is asked to hold, and nothing else.',
    async run({ open, check }) {
      const { ledger, reserve } = await open()
      await reserve(keyed)
      await reserve(keyed, [createCap(2)])
      check.matches(await ledger.spent(once), { held: 0n, spent: 0n, count: 1 })
    },
  },
  {
    name: 'reserve: a cap on a purchase asks neither when its payments were made nor what they cost',
    why: ONCE,
    async run({ open }) {
      const { clock, reserve, expectRefusal } = await open()
      await reserve({ ...keyed, charges: [] })
      clock.advance(10 * 365 * 86_400)
      await expectRefusal({ ...once, windowSeconds: 60 }, keyed)
      await expectRefusal({ ...once, scope: { host: 'elsewhere.example' } }, keyed)
    },
  },
  {
    name: 'reserve: writes nothing when a cap on the purchase refuses',
    why: 'What was refused was never paid, and must not use up other limits.',
    async run({ open, check }) {
      const { ledger, reserve, expectRefusal } = await open()
      await reserve(keyed)
      await expectRefusal(once, keyed)
      check.matches(await ledger.spent(createCap(10)), { count: 1 })
    },
  },
]
