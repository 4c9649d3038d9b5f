import type { Filter } from '../../flow/ports.js'
import { showValue } from '../show-value.js'
import { createCap } from './create-cap.js'
import { createPresentation } from './create-presentation.js'
import { createRecord } from './create-record.js'
import { DOLLAR, dollars } from './dollars.js'
import type { LedgerCase } from './ledger-case.js'
import { readAll } from './read-all.js'

const SHOWN = 'The list is how a buyer knows where the money is.'
const OWN = 'A caller who changes an object of its own would change what is counted.'

const FILTERS: readonly (readonly [Filter, number])[] = [
  [{ states: ['sent'] }, 2],
  [{ states: ['reserved', 'settled'] }, 2],
  [{ states: [] }, 0],
  [{ delivery: 'lost' }, 1],
  [{ host: 'b.example' }, 1],
  [{ states: ['sent'], delivery: 'none', host: 'api.example.com' }, 1],
]

const filters = FILTERS.map(
  ([filter, count]): LedgerCase => ({
    name: `list: with ${showValue(filter)} shows ${count} of four payments`,
    why: SHOWN,
    async run({ open, check }) {
      const { ledger, pay } = await open()
      await pay('reserved')
      await pay('sent')
      await pay('sent', {}, { delivery: 'lost' })
      await pay('settled', { host: 'b.example' })
      check.equal((await readAll(ledger, filter)).length, count)
    },
  }),
)

/** Cases of what a ledger shows of its payments. */
export const records: readonly LedgerCase[] = [
  {
    name: 'guarantee: says how far the promises reach',
    why: 'Limits are described by it: whoever reads "per day" must know whether a restart ends the day.',
    async run({ open, check }) {
      const { guarantee } = (await open()).ledger
      if (['process', 'machine', 'fleet'].includes(guarantee)) return
      throw check.failure("'process', 'machine' or 'fleet'", showValue(guarantee))
    },
  },
  {
    name: 'list: shows a payment as it was reserved',
    why: SHOWN,
    async run({ open, check }) {
      const { ledger, clock, reserve, find } = await open()
      const id = await reserve({ tags: ['a', 'b'] })
      check.equal(await find(id), {
        ...createRecord({ tags: ['a', 'b'] }),
        id,
        atSeconds: clock.nowSeconds(),
        state: 'reserved',
        delivery: 'none',
        claimed: false,
      })
      check.equal((await readAll(ledger)).length, 1)
    },
  },
  {
    name: 'list: shows that nothing could read what was signed',
    why: 'Others may take more than such a payment says, and a person who looks at the list must know which those are.',
    async run({ open, check }) {
      const { reserve, find } = await open()
      const id = await reserve({ unread: true })
      check.equal((await find(id))?.unread, true)
    },
  },
  {
    name: 'list: begins with the newest',
    why: 'Whoever asks for the last payments stops reading after them.',
    async run({ open, check }) {
      const { ledger, reserve } = await open()
      const ids = [await reserve(), await reserve(), await reserve()]
      check.equal(
        (await readAll(ledger)).map(({ id }) => id),
        ids.reverse(),
      )
    },
  },
  ...filters,
  {
    name: 'list: can be left before its end',
    why: 'Whoever has seen enough must not wait for all payments ever made.',
    async run({ open, check }) {
      const { ledger, reserve } = await open()
      await reserve()
      const id = await reserve()
      for await (const record of ledger.list({})) {
        check.equal(record.id, id)
        break
      }
      await reserve()
    },
  },
  {
    name: 'reserve: keeps its own copy of the payment',
    why: OWN,
    async run({ open, check }) {
      const { reserve, find } = await open()
      const tags = ['a']
      const charges = [...dollars(1)]
      const id = await reserve({ tags, charges })
      tags.push('b')
      charges.pop()
      check.matches(await find(id), { tags: ['a'], charges: dollars(1) })
    },
  },
  {
    name: 'list: shows records that change nothing when they are changed',
    why: OWN,
    async run({ open, check }) {
      const { ledger, pay, find } = await open()
      const id = await pay('sent', { tags: ['a'] }, { presentation: createPresentation() })
      const before = structuredClone(await find(id))
      const shown = await find(id)
      // `Reflect.set` tells that a frozen object refused, and an assignment would throw.
      Reflect.set(shown, 'state', 'released')
      Reflect.set(shown, 'tags', [])
      Reflect.set(shown.tags, '0', 'b')
      for (const charge of shown.charges) Reflect.set(charge, 'amount', 0n)
      Reflect.set(shown.presentation?.payload.payload ?? {}, 'nonce', '0x2')
      check.equal(await find(id), before)
      check.equal(await ledger.spent(createCap(1)), { held: DOLLAR, spent: 0n, count: 1 })
    },
  },
  {
    name: 'list: shows records that stay as they were when the payment moves on',
    why: 'What was decided by a record must not become something else while it is acted upon.',
    async run({ open, check }) {
      const { ledger, reserve, find } = await open()
      const id = await reserve()
      const before = await find(id)
      await ledger.move(id, ['reserved'], 'sent', {})
      check.equal(before.state, 'reserved')
    },
  },
]
