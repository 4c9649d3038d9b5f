import type { Cap, Delivery, State } from '../../flow/ports.js'
import { createCap } from './create-cap.js'
import { createRecord } from './create-record.js'
import type { LedgerCase } from './ledger-case.js'

const ONCE = 'One key is one purchase. Two callers that both buy under it pay twice for the same thing.'
const FREE = 'A purchase that is over, or that is another one, must not keep a buyer from buying.'

/** Lets one open payment of a purchase through. */
export function createPurchaseCap(purchase: string): Cap {
  return createCap(0, { name: 'purchase', unit: 'payments/all', amount: undefined, count: 1, purchase })
}

const once = createPurchaseCap('weather')

const OPEN: readonly (readonly [State, Delivery, boolean])[] = [
  ['reserved', 'none', true],
  ['signed', 'none', true],
  ['sent', 'none', true],
  ['sent', 'lost', true],
  ['sent', 'answered', false],
  ['settled', 'none', true],
  ['settled', 'lost', true],
  ['settled', 'answered', false],
  ['released', 'none', false],
  ['released', 'lost', false],
]

const states = OPEN.map(
  ([state, delivery, isOpen]): LedgerCase => ({
    name: `reserve: of a payment that is ${state} with delivery ${delivery}, a cap on its purchase counts ${isOpen ? 'it' : 'nothing'}`,
    why: isOpen ? ONCE : FREE,
    async run({ open, check }) {
      const { ledger, pay, reserve } = await open()
      const id = await pay(state, {}, { delivery })
      if (!isOpen) return void (await reserve({}, [once]))
      const expected = { refusedBy: once, held: 0n, spent: 0n, underWay: { id, state, delivery } }
      check.matches(await ledger.reserve(createRecord(), [once]), expected)
    },
  }),
)

/** Cases of a cap that lets one open payment of a purchase through. */
export const purchases: readonly LedgerCase[] = [
  {
    name: 'reserve: of many concurrent askers with a cap on their purchase, one gets it and the others are told which',
    why: ONCE,
    async run({ open, check }) {
      const { ledger } = await open()
      const asked = await Promise.all(Array.from({ length: 100 }, () => ledger.reserve(createRecord(), [once])))
      const ids = asked.flatMap((one) => ('id' in one ? [one.id] : []))
      check.equal(ids.length, 1)
      const underWay = { id: ids[0], state: 'reserved' }
      for (const one of asked) if (!('id' in one)) check.matches(one, { refusedBy: once, underWay })
    },
  },
  ...states,
  {
    name: 'reserve: a payment that is being presented again counts against a cap on its purchase',
    why: ONCE,
    async run({ open, check }) {
      const { ledger, pay } = await open()
      const id = await pay('sent', { payer: 'a' }, { delivery: 'lost' })
      await ledger.claim('weather', ['a'])
      check.matches(await ledger.reserve(createRecord(), [once]), { underWay: { id, claimed: true } })
    },
  },
  {
    name: 'reserve: a cap on a purchase counts and refuses no other purchase, whatever else they have in common',
    why: FREE,
    async run({ open, check }) {
      const { ledger, reserve } = await open()
      await reserve({ purchase: 'news' })
      await reserve({}, [once])
      await reserve({ purchase: 'sports' }, [once])
      check.matches(await ledger.spent(createPurchaseCap('maps')), { held: 0n, spent: 0n, count: 0 })
    },
  },
  {
    name: 'reserve: without a cap on its purchase, it is reserved beside an open one of the same',
    why: 'Who names no key buys as often as they ask.',
    async run({ open, check }) {
      const { ledger, reserve } = await open()
      await reserve()
      await reserve({}, [createCap(2)])
      check.matches(await ledger.spent(once), { held: 0n, spent: 0n, count: 2 })
    },
  },
  {
    name: 'reserve: a cap on a purchase asks neither when its payments were made nor what they cost',
    why: ONCE,
    async run({ open }) {
      const { clock, reserve, expectRefusal } = await open()
      await reserve({ charges: [] })
      clock.advance(10 * 365 * 86_400)
      await expectRefusal({ ...once, windowSeconds: 60 })
      await expectRefusal({ ...once, scope: { host: 'elsewhere.example' } })
    },
  },
  {
    name: 'reserve: writes nothing when a cap on the purchase refuses',
    why: 'What was refused was never paid, and must not use up other limits.',
    async run({ open, check }) {
      const { ledger, reserve, expectRefusal } = await open()
      await reserve()
      await expectRefusal(once)
      check.matches(await ledger.spent(createCap(10)), { count: 1 })
    },
  },
]
