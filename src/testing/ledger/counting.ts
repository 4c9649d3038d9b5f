import type { State } from '../../flow/ports.js'
import { createCap } from './create-cap.js'
import { DOLLAR, dollars } from './dollars.js'
import type { LedgerCase } from './ledger-case.js'

const EURO = 'symbol/EURC'
const EXACT =
  'A limit is worth what its sum is: what is counted too little can be spent twice, what is counted too much is lost.'

/** What a payment of one dollar counts in each state: held, spent, payments. */
const COUNTED: readonly (readonly [State, bigint, bigint, number])[] = [
  ['reserved', 1n, 0n, 1],
  ['signed', 1n, 0n, 1],
  ['sent', 1n, 0n, 1],
  ['settled', 0n, 1n, 1],
  ['released', 0n, 0n, 0],
]

const states = COUNTED.map(
  ([state, held, spent, count]): LedgerCase => ({
    name: `spent: a payment that is ${state} counts ${held} held, ${spent} spent, ${count} payments`,
    why: EXACT,
    async run({ open, check }) {
      const { ledger, pay } = await open()
      await ledger.spent(createCap(9)) // asked once before, so that sums that are kept are seen to move
      await pay(state)
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
      const { ledger, pay, expectRefusal } = await open()
      const id = await pay('sent')
      await ledger.move(id, ['sent'], 'sent', {
        delivery: 'lost',
        sellerSaid: 'success: false, your payment was not charged',
      })
      check.equal(await ledger.spent(createCap(1)), { held: DOLLAR, spent: 0n, count: 1 })
      await expectRefusal(createCap(1))
    },
  },
  {
    name: 'spent: gives back what was released, and only that',
    why: 'A payment that provably never happens must not use up a limit, and one that happened must.',
    async run({ open, check }) {
      const { ledger, pay, reserve } = await open()
      await pay('settled')
      const id = await pay('sent')
      await ledger.move(id, ['sent'], 'released', {})
      check.equal(await ledger.spent(createCap(2)), { held: 0n, spent: DOLLAR, count: 1 })
      await reserve({}, [createCap(2)])
    },
  },
  {
    name: 'spent: counts old payments against a cap that was never asked for before',
    why: 'Limits change between two starts of a program, and what was paid before counts under the new ones.',
    async run({ open, check }) {
      const { ledger, pay } = await open()
      await pay('settled', { charges: dollars(2), tags: ['research'] })
      await pay('sent', { charges: dollars(3) })
      const counted = { held: 3n * DOLLAR, spent: 2n * DOLLAR, count: 2 }
      check.equal(await ledger.spent(createCap(1, { name: 'new' })), counted)
      const research = createCap(1, { scope: { tag: 'research' }, windowSeconds: 60 })
      check.equal((await ledger.spent(research)).spent, 2n * DOLLAR)
    },
  },
  {
    name: 'spent: counts what the chain says was taken, where that is less',
    why: 'Of a payment of up to $5 that cost $2, $3 can be spent again.',
    async run({ open, check }) {
      const { ledger, pay } = await open()
      const id = await pay('sent', { charges: dollars(5) })
      check.equal((await ledger.spent(createCap(9))).held, 5n * DOLLAR)
      await ledger.move(id, ['sent'], 'settled', { charges: dollars(2), delivery: 'delivered' })
      check.equal(await ledger.spent(createCap(9)), { held: 0n, spent: 2n * DOLLAR, count: 1 })
    },
  },
  {
    name: 'spent: counts a charge in a unit that the payment did not have before',
    why: EXACT,
    async run({ open, check }) {
      const { ledger, pay } = await open()
      const euros = createCap(9, { unit: EURO })
      check.equal((await ledger.spent(euros)).count, 0)
      const id = await pay('sent')
      await ledger.move(id, ['sent'], 'sent', { charges: [{ unit: EURO, amount: 7n }] })
      check.equal(await ledger.spent(euros), { held: 7n, spent: 0n, count: 1 })
      check.equal(await ledger.spent(createCap(9)), { held: 0n, spent: 0n, count: 0 })
    },
  },
  {
    name: 'spent: counts neither amount nor payment where there is no charge in the unit',
    why: 'A limit in dollars says nothing about payments that cost no dollars.',
    async run({ open, check }) {
      const { ledger, reserve } = await open()
      await reserve({ charges: [{ unit: EURO, amount: 5n }] }, [createCap(0, { count: 0 })])
      check.equal(await ledger.spent(createCap(1)), { held: 0n, spent: 0n, count: 0 })
    },
  },
  {
    name: 'spent: adds up two charges of one payment in the same unit, as one payment',
    why: EXACT,
    async run({ open, check }) {
      const { ledger, reserve, expectRefusal } = await open()
      const charges = [...dollars(1), ...dollars(2)]
      await expectRefusal(createCap(2), { charges })
      await reserve({ charges }, [createCap(3)])
      check.equal(await ledger.spent(createCap(3)), { held: 3n * DOLLAR, spent: 0n, count: 1 })
    },
  },
]
