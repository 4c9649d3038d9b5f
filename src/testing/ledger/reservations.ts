import { createCap } from './create-cap.js'
import { createRecord } from './create-record.js'
import { DOLLAR, dollars } from './dollars.js'
import type { LedgerCase } from './ledger-case.js'
import { readAll } from './read-all.js'

const CLOSED = 'A limit that lets one payment too many through is no limit.'

/** Cases of what caps let through. */
export function createReservations(payments: number): readonly LedgerCase[] {
  return [
    {
      name: 'reserve: lets through what a cap allows, to the last unit',
      why: CLOSED,
      async run({ open }) {
        const { reserve, expectRefusal } = await open()
        const half = { charges: [{ unit: 'usd', amount: DOLLAR / 2n }] as const }
        await reserve(half, [createCap(1)])
        await reserve(half, [createCap(1)])
        await expectRefusal(createCap(1), { charges: [{ unit: 'usd', amount: 1n }] })
      },
    },
    {
      name: 'reserve: names the cap that refuses, and what counts against it',
      why: 'A buyer who is refused must see which limit it was, and what used it up.',
      async run({ open, check }) {
        const { ledger, pay, reserve } = await open()
        await pay('settled', { charges: dollars(2) })
        await reserve({ charges: dollars(3) })
        const cap = createCap(5)
        const reservation = await ledger.reserve(createRecord(), [createCap(100), cap, createCap(1)])
        check.equal(reservation, { refusedBy: cap, held: 3n * DOLLAR, spent: 2n * DOLLAR })
      },
    },
    {
      name: 'reserve: writes nothing when one of several caps refuses',
      why: 'What was refused was never paid, and must not use up other limits.',
      async run({ open, check }) {
        const { ledger } = await open()
        await ledger.reserve(createRecord(), [createCap(100), createCap(0)])
        check.equal(await ledger.spent(createCap(1)), { held: 0n, spent: 0n, count: 0 })
        check.equal(await readAll(ledger), [])
      },
    },
    {
      name: `reserve: lets exactly ten of ${payments} concurrent payments of $1 through a cap of $10`,
      why: 'Calls that run at once would each find room that only one of them has.',
      async run({ open, check }) {
        const { ledger } = await open()
        const asked = Array.from({ length: payments }, () => ledger.reserve(createRecord(), [createCap(10)]))
        const reserved = (await Promise.all(asked)).flatMap((one) => ('id' in one ? [one.id] : []))
        check.equal(new Set(reserved).size, 10)
        check.equal(await ledger.spent(createCap(10)), { held: 10n * DOLLAR, spent: 0n, count: 10 })
      },
    },
    {
      name: 'reserve: lets through as many payments as a count allows, whatever they cost',
      why: CLOSED,
      async run({ open, check }) {
        const { ledger, reserve } = await open()
        const cap = createCap(0, { unit: 'payments/all', amount: undefined, count: 2 })
        await reserve({ charges: dollars(900) }, [cap])
        await reserve({ charges: dollars(0) }, [cap])
        check.equal(await ledger.reserve(createRecord(), [cap]), { refusedBy: cap, held: 2n, spent: 0n })
      },
    },
    {
      name: 'reserve: refuses everything under a cap of zero',
      why: CLOSED,
      async run({ open }) {
        const { expectRefusal } = await open()
        const least = { charges: [{ unit: 'usd', amount: 1n }] as const }
        await expectRefusal(createCap(0), least)
        await expectRefusal(createCap(1, { count: 0 }), least)
      },
    },
    {
      name: 'reserve: keeps amounts exact beyond what a number holds',
      why: 'Tokens with 18 decimals have amounts that a number rounds, and what is rounded off is money.',
      async run({ open, check }) {
        const { ledger, reserve, find } = await open()
        const amount = 2n ** 256n - 1n
        const id = await reserve({ amount, charges: [{ unit: 'usd', amount }] })
        await reserve({ charges: [{ unit: 'usd', amount }] })
        check.equal((await ledger.spent(createCap(1))).held, 2n * amount)
        check.matches(await find(id), { amount, charges: [{ unit: 'usd', amount }] })
      },
    },
    {
      name: 'reserve: gives each payment an id of its own',
      why: 'Two payments under one id are one record, and one of them is counted by nobody.',
      async run({ open, check }) {
        const { reserve } = await open()
        const ids = await Promise.all(Array.from({ length: 100 }, () => reserve()))
        check.equal(new Set(ids).size, 100)
      },
    },
  ]
}
