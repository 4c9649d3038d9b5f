import type { Filter } from '../../../payment/ledger.js'
import { showValue } from '../../value.js'
import { readAll, readIds } from '../bench.js'
import { createCap } from '../cap.js'
import { createDraft, DOLLAR, dollars, named } from '../draft.js'
import { lost, sent, settled } from '../events.js'
import type { LedgerCase } from '../session.js'

const SHOWN = 'The list is how a buyer knows where the money is.'
const OWN = 'A caller who changes an object of its own would change what is counted.'
const WHOLE = 'A statement that leaves a payment out, or has it twice, is wrong in money.'

/** More than any store reads at once. */
const MANY = 260
const PAGE = 50
const MINUTE = 60

/** How many of five payments are shown. The clock goes on by a minute after each. */
const FILTERS: readonly (readonly [string, (startSeconds: number) => Filter, number])[] = [
  ['states sent', () => ({ states: ['sent'] }), 2],
  ['states reserved and settled', () => ({ states: ['reserved', 'settled'] }), 3],
  ['no states', () => ({ states: [] }), 0],
  ['delivery lost', () => ({ delivery: 'lost' }), 1],
  ['delivery none', () => ({ delivery: 'none' }), 4],
  ['one host', () => ({ host: 'b.example' }), 2],
  ['one tag', () => ({ tag: 'x' }), 2],
  ['a tag that none has', () => ({ tag: 'X' }), 0],
  ['a time from which', (start) => ({ from: start + 2 * MINUTE }), 3],
  ['a time until which', (start) => ({ to: start + 2 * MINUTE }), 2],
  ['a time from and until which', (start) => ({ from: start + MINUTE, to: start + 4 * MINUTE }), 3],
  ['what the chain may still tell', () => ({ unresolved: true }), 3],
  ['what the chain may still tell of one host', () => ({ unresolved: true, host: 'b.example' }), 1],
  [
    'states sent, delivery none, and a host',
    () => ({ states: ['sent'], delivery: 'none', host: 'api.example.com' }),
    1,
  ],
]

const filters = FILTERS.map(
  ([what, toFilter, count]): LedgerCase => ({
    name: `list: by ${what} shows ${count} of five payments`,
    why: SHOWN,
    async run({ open, check }) {
      const { ledger, clock, pay } = await open()
      const start = clock.nowSeconds()
      const made = [
        () => pay({ call: { tags: ['x', 'y'] } }),
        () => pay({ call: { tags: ['y'] } }, sent),
        () => pay({ call: { tags: ['x'] } }, sent, lost),
        () => pay({ call: { ...named('b'), host: 'b.example' } }, sent, settled),
        () => pay({ call: { ...named('b'), host: 'b.example' }, terms: { scheme: 'upto' } }, sent, settled),
      ]
      for (const make of made) {
        await make()
        clock.advance(MINUTE)
      }
      check.equal((await readIds(ledger, toFilter(start))).length, count)
    },
  }),
)

const paged: readonly LedgerCase[] = [
  {
    name: `list: shows ${MANY} payments, each once, the newest first, while others are added and settled`,
    why: WHOLE,
    async run({ open, check }) {
      const { ledger, clock, reserve } = await open()
      const ids: string[] = []
      while (ids.unshift(await reserve()) < MANY) if (ids.length % 50 === 0) clock.advance(1)
      check.equal(await readIds(ledger), ids)
      const seen: string[] = []
      for await (const { id } of ledger.list({})) {
        if (seen.push(id) % 100 !== 1) continue
        await reserve()
        await ledger.note(ids.at(-1) ?? id, { type: 'released', because: 'unsent' })
      }
      check.equal(seen, ids)
    },
  },
  {
    name: `list: goes on after a payment, so that ${MANY} are read page by page while others are added`,
    why: WHOLE,
    async run({ open, check }) {
      const { ledger, reserve } = await open()
      const ids: string[] = []
      const marked: string[] = []
      while (ids.length < MANY) {
        const tags = ids.length % 3 === 0 ? ['x'] : []
        ids.unshift(await reserve({ call: { tags } }))
        if (tags.length > 0) marked.unshift(ids[0] ?? '')
      }
      const readPages = async (filter: Filter) => {
        const seen: string[] = []
        // A list that starts over would never end.
        for (let isOver = false; !isOver && seen.length <= MANY; ) {
          const before = seen.length
          for await (const { id } of ledger.list({ ...filter, after: seen.at(-1) })) {
            if (seen.push(id) % PAGE === 0) break
          }
          isOver = seen.length === before
          await reserve({ call: { tags: ['x'] } })
        }
        return seen
      }
      check.equal(await readPages({}), ids)
      const [newest] = await readIds(ledger)
      check.equal(
        await readIds(ledger, { tag: 'x', after: ids[0] }),
        marked.filter((id) => id !== ids[0]),
      )
      check.equal((await readPages({ tag: 'x' })).slice(-marked.length), marked)
      check.equal(await readIds(ledger, { after: ids.at(-1) }), [])
      check.equal((await readIds(ledger, { after: newest })).slice(-MANY), ids)
    },
  },
  {
    name: 'list: goes on after a payment that the chain may still tell of, whatever became of those before',
    why: WHOLE,
    async run({ open, check }) {
      const { ledger, pay } = await open()
      const ids: string[] = []
      for (const scheme of ['exact', 'upto', 'upto', 'exact']) ids.unshift(await pay({ terms: { scheme } }, sent))
      for (const id of [...ids].reverse()) await ledger.note(id, settled) // two of them stay
      const [newest = '', other = ''] = await readIds(ledger, { unresolved: true })
      check.equal([newest, other], ids.slice(1, 3))
      await ledger.note(newest, { type: 'settled', charged: 1n })
      check.equal(await readIds(ledger, { unresolved: true, after: newest }), [other])
      check.equal(await readIds(ledger, { unresolved: true, after: other }), [])
    },
  },
]

/** Cases of what a ledger shows of its payments. */
export const lists: readonly LedgerCase[] = [
  {
    name: 'guarantee: says how far the promises reach',
    why: 'Limits are described by it: anyone who reads "per day" must know whether a restart ends the day.',
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
      const change = { call: { tags: ['a', 'b'] } }
      const id = await reserve(change)
      const { by: _by, isPinned: _isPinned, ...draft } = createDraft(change)
      const made = { id, atSeconds: clock.nowSeconds(), state: 'reserved', delivery: 'none' }
      check.equal(await find(id), { ...draft, ...made, claimed: false, forgotten: false })
      check.equal((await readAll(ledger)).length, 1)
    },
  },
  {
    name: 'list: shows that nothing could read what was signed',
    why: 'Others may take more than such a payment says, and a person who looks at the list must know which those are.',
    async run({ open, check }) {
      const { reserve, find } = await open()
      check.equal((await find(await reserve({ exposure: 'unread' }))).exposure, 'unread')
    },
  },
  ...filters,
  ...paged,
  {
    name: 'list: can be left before its end',
    why: 'A caller who has seen enough must not wait for all payments ever made.',
    async run({ open, check }) {
      const { ledger, reserve } = await open()
      await reserve()
      const id = await reserve()
      for await (const payment of ledger.list({})) {
        check.equal(payment.id, id)
        break
      }
      await reserve()
    },
  },
  {
    name: 'reserve: keeps its own copy of what it counts by',
    why: OWN,
    async run({ open, check }) {
      const { reserve, find } = await open()
      const tags = ['a']
      const charges = [...dollars(1)]
      const id = await reserve({ call: { tags }, charges })
      tags.push('b')
      charges.pop()
      check.matches(await find(id), { call: { tags: ['a'] }, charges: dollars(1) })
    },
  },
  {
    name: 'list: shows payments that change nothing when they are changed',
    why: OWN,
    async run({ open, check }) {
      const { ledger, pay, find } = await open()
      const id = await pay({ call: { tags: ['a'] } }, sent)
      const before = structuredClone(await find(id))
      const shown = await find(id)
      // `Reflect.set` tells that a frozen object refused, and an assignment would throw.
      Reflect.set(shown, 'state', 'released')
      Reflect.set(shown.call, 'host', 'b.example')
      Reflect.set(shown.call.tags, '0', 'b')
      Reflect.set(shown.terms, 'payTo', '0x0')
      for (const charge of shown.charges) Reflect.set(charge, 'amount', 0n)
      check.equal(await find(id), before)
      check.equal(await ledger.spent(createCap(1)), { held: DOLLAR, spent: 0n, count: 1 })
    },
  },
  {
    name: 'list: shows payments that stay as they were when something happens to them',
    why: 'What was decided by a payment must not become something else while it is acted upon.',
    async run({ open, check }) {
      const { ledger, reserve, find } = await open()
      const id = await reserve()
      const before = await find(id)
      const told = await ledger.note(id, sent)
      await ledger.note(id, lost)
      check.equal([before.state, told.delivery], ['reserved', 'none'])
    },
  },
]
