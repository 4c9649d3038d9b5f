import { isRefusal } from '../../../payment/ledger.js'
import { openPayment } from '../../../payment/payment.js'
import { readAll, readIds } from '../bench.js'
import { createCap } from '../cap.js'
import { createDraft, DOLLAR, dollars } from '../draft.js'
import { createSent, delivered, sent, settled } from '../events.js'
import type { LedgerCase } from '../session.js'

const CLOSED = 'A limit that lets one payment too many through is no limit.'
const ROUNDED = 'Tokens with 18 decimals have amounts that a number rounds, and what is rounded off is money.'

/** More than a number holds, and all that an amount on a chain may be. */
const HUGE = 2n ** 256n - 1n

/** Cases of what caps let through. */
export function createReservations(payments: number): readonly LedgerCase[] {
  return [
    {
      name: 'reserve: lets through what a cap allows, to the last unit',
      why: CLOSED,
      async run({ open }) {
        const { reserve, expectFull } = await open()
        const half = { charges: [{ unit: 'usd', amount: DOLLAR / 2n }] as const }
        await reserve(half, [createCap(1)])
        await reserve(half, [createCap(1)])
        await expectFull(createCap(1), { charges: [{ unit: 'usd', amount: 1n }] })
      },
    },
    {
      name: 'reserve: names the cap that refuses, and what counts against it',
      why: 'A buyer who is refused must see which limit it was, and what used it up.',
      async run({ open, check }) {
        const { ledger, pay, reserve } = await open()
        await pay({ charges: dollars(2) }, sent, settled)
        await reserve({ charges: dollars(3) })
        // What is said to a caller who may not know it goes by these.
        const cap = { ...createCap(5), hint: 'Ask its owner.', isConfidential: true }
        const refusal = await ledger.reserve(createDraft(), [createCap(100), cap, createCap(1)])
        check.equal(refusal, { by: 'cap', cap, held: 3n * DOLLAR, spent: 2n * DOLLAR })
      },
    },
    {
      name: 'reserve: returns the payment as it is listed',
      why: 'What the caller is told of a payment is what it signs and sends.',
      async run({ open, check }) {
        const { ledger, clock, find } = await open()
        const draft = createDraft({ call: { tags: ['a', 'b'] } })
        const reserved = await ledger.reserve(draft, [])
        if (isRefusal(reserved)) throw check.failure('a payment that is reserved', 'a refusal')
        check.equal(reserved, openPayment(draft, reserved.id, clock.nowSeconds()))
        check.equal(await find(reserved.id), reserved)
      },
    },
    {
      name: 'reserve: writes nothing when one of several caps refuses',
      why: 'What was refused was never paid, and must not use up other limits.',
      async run({ open, check }) {
        const { ledger } = await open()
        await ledger.reserve(createDraft(), [createCap(100), createCap(0)])
        check.equal(await ledger.spent(createCap(1)), { held: 0n, spent: 0n, count: 0 })
        check.equal(await readAll(ledger), [])
      },
    },
    {
      name: `reserve: lets exactly ten of ${payments} concurrent payments of $1 through a cap of $10`,
      why: 'Calls that run at once would each find room that only one of them has.',
      async run({ open, check }) {
        const { ledger } = await open()
        const asked = Array.from({ length: payments }, () => ledger.reserve(createDraft(), [createCap(10)]))
        const reserved = (await Promise.all(asked)).flatMap((one) => (isRefusal(one) ? [] : [one.id]))
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
        check.equal(await ledger.reserve(createDraft(), [cap]), { by: 'cap', cap, held: 2n, spent: 0n })
      },
    },
    {
      name: 'reserve: refuses everything under a cap of zero',
      why: CLOSED,
      async run({ open }) {
        const { expectFull } = await open()
        const least = { charges: [{ unit: 'usd', amount: 1n }] as const }
        await expectFull(createCap(0), least)
        await expectFull(createCap(1, { count: 0 }), least)
      },
    },
    {
      name: 'reserve: keeps amounts exact beyond what a number holds',
      why: ROUNDED,
      async run({ open, check }) {
        const { ledger, reserve, find } = await open()
        const huge = { terms: { amount: HUGE }, exposure: HUGE, charges: [{ unit: 'usd', amount: HUGE }] as const }
        const id = await reserve(huge)
        await reserve(huge)
        check.equal((await ledger.spent(createCap(1))).held, 2n * HUGE)
        check.matches(await find(id), huge)
      },
    },
    {
      name: 'note: keeps amounts exact beyond what a number holds',
      why: ROUNDED,
      async run({ open, check }) {
        const { ledger, pay, find, expectFull, reserve } = await open()
        const [odd, less] = [2n ** 53n + 1n, 2n ** 64n + 3n]
        const charges = [{ unit: 'usd', amount: odd }] as const
        const id = await pay({}, createSent({ charges: [{ unit: 'usd', amount: HUGE }] }))
        await ledger.note(id, { type: 'settled', charged: less, charges })
        check.matches(await find(id), { charged: less, charges })
        check.equal(await ledger.spent(createCap(1)), { held: 0n, spent: odd, count: 1 })
        await expectFull(createCap(0, { amount: 2n * odd - 1n }), { charges })
        await reserve({ charges }, [createCap(0, { amount: 2n * odd })])
      },
    },
    {
      name: 'reserve: gives each payment an id of its own, whatever became of those before',
      why: 'Two payments under one id are taken for one, and the other is never counted.',
      async run({ open, check }) {
        const { ledger, pay, reserve } = await open()
        const ids = await Promise.all(Array.from({ length: 100 }, () => reserve()))
        for (const id of ids.slice(0, 50)) await ledger.note(id, { type: 'released', because: 'unsent' })
        ids.push(await pay({}, sent, delivered), ...(await Promise.all(Array.from({ length: 50 }, () => reserve()))))
        check.equal(new Set(ids).size, 151)
        check.equal((await readIds(ledger)).length, 151)
      },
    },
  ]
}
