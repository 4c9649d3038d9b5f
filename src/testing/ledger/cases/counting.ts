import type { PaymentEvent } from '../../../payment/event.js'
import { createCap } from '../cap.js'
import { DOLLAR, dollars, named } from '../draft.js'
import { createSent, delivered, lost, released, sent, settled } from '../events.js'
import type { LedgerCase } from '../session.js'

const EURO = 'symbol/EURC'
const EXACT =
  'A limit is worth what its sum is: what is counted too little can be spent twice, what is counted too much is lost.'
const TAKEN =
  'What the chain says was taken is asked once. Forgotten, the same discount is counted again, and room appears from nowhere.'
const NOTHING = { held: 0n, spent: 0n, count: 0 }

/** What a payment of one dollar counts after what happened to it: held, spent, payments. */
const COUNTED: readonly (readonly [string, readonly PaymentEvent[], bigint, bigint, number])[] = [
  ['reserved', [], 1n, 0n, 1],
  ['sent', [sent], 1n, 0n, 1],
  ['lost', [sent, lost], 1n, 0n, 1],
  ['delivered', [sent, delivered], 1n, 0n, 1],
  ['given up', [sent, lost, { type: 'forgotten' }], 1n, 0n, 1],
  ['settled', [sent, settled], 0n, 1n, 1],
  ['released', [sent, released], 0n, 0n, 0],
]

const states = COUNTED.map(
  ([what, events, held, spent, count]): LedgerCase => ({
    name: `spent: a payment that is ${what} counts ${held} held, ${spent} spent, ${count} payments`,
    why: EXACT,
    async run({ open, check }) {
      const { ledger, pay } = await open()
      await ledger.spent(createCap(9)) // asked once before, so that sums that are kept are seen to move
      await pay({}, ...events)
      check.equal(await ledger.spent(createCap(9)), { held: held * DOLLAR, spent: spent * DOLLAR, count })
    },
  }),
)

/** Cases of what counts against a cap. */
export const counting: readonly LedgerCase[] = [
  ...states,
  {
    name: 'spent: keeps counting what was sent, whatever the seller said',
    why: 'A seller who asks for money again may have cashed the payment before. Only proof gives the room back.',
    async run({ open, check }) {
      const { ledger, pay, expectFull } = await open()
      await pay({}, sent, { ...lost, said: 'success: false, your payment was not charged' })
      check.equal(await ledger.spent(createCap(1)), { held: DOLLAR, spent: 0n, count: 1 })
      await expectFull(createCap(1), { call: named('news') })
    },
  },
  {
    name: 'spent: gives back what was released, and only that',
    why: 'A payment that provably never happens must not use up a limit, and one that happened must.',
    async run({ open, check }) {
      const { ledger, pay, reserve } = await open()
      await pay({}, sent, settled)
      await pay({}, sent, released)
      check.equal(await ledger.spent(createCap(2)), { held: 0n, spent: DOLLAR, count: 1 })
      await reserve({}, [createCap(2)])
    },
  },
  {
    name: 'spent: stays exact over all that happens to a payment, told once and told again',
    why: EXACT,
    async run({ open, check }) {
      const { ledger, reserve } = await open()
      const [id, other] = [await reserve({ charges: dollars(9) }), await reserve({ charges: dollars(9) })]
      const cap = createCap(99)
      const steps: readonly (readonly [string, PaymentEvent, bigint, bigint, number])[] = [
        [id, createSent({ charges: dollars(8) }), 17n, 0n, 2],
        [other, sent, 17n, 0n, 2],
        [id, { ...lost, isSettled: true }, 9n, 8n, 2],
        [id, { type: 'settled', charged: 3n, charges: dollars(3) }, 9n, 3n, 2],
        [id, delivered, 9n, 3n, 2],
        [other, lost, 9n, 3n, 2],
        [other, { type: 'forgotten' }, 9n, 3n, 2],
        [other, released, 0n, 3n, 1],
        [id, { type: 'settled', charged: 2n, charges: dollars(2) }, 0n, 2n, 1],
      ]
      for (const [step, [whose, event, held, spent, count]] of steps.entries()) {
        for (const time of ['once', 'again']) {
          await ledger.note(whose, event)
          const sums = { held: held * DOLLAR, spent: spent * DOLLAR, count }
          check.with({ step: `${step + 1}, ${event.type}, ${time}` }).equal(await ledger.spent(cap), sums)
        }
      }
    },
  },
  {
    name: 'spent: counts old payments against a cap that was never asked for before',
    why: 'Limits change between two starts of a program, and what was paid before counts under the new ones.',
    async run({ open, check }) {
      const { ledger, pay } = await open()
      await pay({ charges: dollars(2), call: { tags: ['research'] } }, sent, settled)
      await pay({ charges: dollars(3) }, sent)
      const counted = { held: 3n * DOLLAR, spent: 2n * DOLLAR, count: 2 }
      check.equal(await ledger.spent(createCap(1, { name: 'new' })), counted)
      const research = createCap(1, { scope: { tag: 'research' }, windowSeconds: 60 })
      check.equal((await ledger.spent(research)).spent, 2n * DOLLAR)
    },
  },
  {
    name: 'spent: counts what was signed, where that is less than was reserved',
    why: 'A voucher within a deposit that was foreseen must not count the deposit.',
    async run({ open, check }) {
      const { ledger, pay } = await open()
      await pay({ charges: dollars(5) }, createSent({ charges: dollars(2) }))
      check.equal(await ledger.spent(createCap(9)), { held: 2n * DOLLAR, spent: 0n, count: 1 })
    },
  },
  {
    name: 'spent: counts a charge in a unit that the payment did not have before',
    why: EXACT,
    async run({ open, check }) {
      const { ledger, pay } = await open()
      const euros = createCap(9, { unit: EURO })
      check.equal((await ledger.spent(euros)).count, 0)
      await pay({}, createSent({ charges: [{ unit: EURO, amount: 7n }] }))
      check.equal(await ledger.spent(euros), { held: 7n, spent: 0n, count: 1 })
      check.equal(await ledger.spent(createCap(9)), NOTHING)
    },
  },
  {
    name: 'spent: counts neither amount nor payment where there is no charge in the unit',
    why: 'A limit in dollars says nothing about payments that cost no dollars.',
    async run({ open, check }) {
      const { ledger, reserve } = await open()
      await reserve({ charges: [{ unit: EURO, amount: 5n }] }, [createCap(0, { count: 0 })])
      check.equal(await ledger.spent(createCap(1)), NOTHING)
    },
  },
  {
    name: 'spent: adds up two charges of one payment in the same unit, as one payment',
    why: EXACT,
    async run({ open, check }) {
      const { ledger, reserve, expectFull } = await open()
      const charges = [...dollars(1), ...dollars(2)]
      await expectFull(createCap(2), { charges })
      await reserve({ charges }, [createCap(3)])
      check.equal(await ledger.spent(createCap(3)), { held: 3n * DOLLAR, spent: 0n, count: 1 })
    },
  },
  {
    name: 'note: keeps what the chain says was taken, and counts the charges that came with it',
    why: TAKEN,
    async run({ open, check }) {
      const { ledger, pay, find } = await open()
      const id = await pay({ charges: dollars(5) }, sent)
      await ledger.spent(createCap(9))
      await ledger.note(id, { type: 'settled', charged: 2_000_000n, charges: dollars(2) })
      check.matches(await find(id), { state: 'settled', charged: 2_000_000n, charges: dollars(2) })
      check.equal(await ledger.spent(createCap(9)), { held: 0n, spent: 2n * DOLLAR, count: 1 })
    },
  },
  {
    name: 'note: lowers what a settled payment counts, and leaves it settled and delivered',
    why: 'Of a payment of up to $5 that cost $2, $3 can be spent again.',
    async run({ open, check }) {
      const { ledger, pay, reserve, expectFull, find } = await open()
      const id = await pay({ charges: dollars(5) }, sent, settled, delivered)
      await expectFull(createCap(5))
      await ledger.note(id, { type: 'settled', charged: 2_000_000n, charges: dollars(2) })
      check.matches(await find(id), { state: 'settled', delivery: 'delivered' })
      await reserve({ charges: dollars(3) }, [createCap(5)])
    },
  },
  {
    name: 'note: keeps what was taken when later events say nothing of it',
    why: TAKEN,
    async run({ open, check }) {
      const { pay, find } = await open()
      const taken = { charged: 0n, charges: dollars(0) }
      const id = await pay({ charges: dollars(5) }, sent, { type: 'settled', ...taken }, settled, delivered)
      check.matches(await find(id), taken)
    },
  },
]
