import type { Scope } from '../../../payment/ledger.js'
import { showValue } from '../../value.js'
import { createCap } from '../cap.js'
import { DOLLAR, type DraftChange } from '../draft.js'
import { released } from '../events.js'
import type { LedgerCase } from '../session.js'

const WHY =
  'A limit for one seller, one payTo, one resource or one label is passed where it overlooks a payment of theirs.'

/** What the third caller asked for: the seller sent it elsewhere. */
const MOVED = { resource: 'GET /moved', asked: 'GET /a' }

const PAYMENTS: readonly DraftChange[] = [
  { call: { host: 'a.example', tags: [], resource: 'GET /a' }, terms: { payTo: '0xAa' } },
  { call: { host: 'a.example', tags: ['x'], resource: 'GET /b' }, terms: { payTo: '0xBb' } },
  { call: { host: 'b.example', tags: ['x', 'y', 'x'], ...MOVED }, terms: { payTo: '0xaa' } },
  { call: { host: 'b.example', tags: ['x\ny', ''], resource: 'POST /b' }, terms: { payTo: 'Mint' } },
]

/** How many of the four are in a scope. Hexadecimal addresses are the same in any case, others aren't. */
const SCOPES: readonly (readonly [Scope, number])[] = [
  [{}, 4],
  [{ host: 'a.example' }, 2],
  [{ host: 'c.example' }, 0],
  [{ payTo: '0xAA' }, 2],
  [{ payTo: 'Mint' }, 1],
  [{ payTo: 'mint' }, 0],
  [{ resource: 'GET /a' }, 2],
  [{ resource: 'GET /b' }, 1],
  [{ resource: 'GET /moved' }, 0],
  [{ resource: 'GET /a', tag: 'x' }, 1],
  [{ tag: 'x' }, 2],
  [{ tag: 'y' }, 1],
  [{ tag: '' }, 1],
  [{ host: 'b.example', tag: 'x' }, 1],
  [{ host: 'a.example', payTo: '0xbb', tag: 'x' }, 1],
  [{ host: 'a.example', payTo: '0xaa', tag: 'x' }, 0],
]

const counted = SCOPES.map(
  ([scope, count]): LedgerCase => ({
    name: `spent: with scope ${showValue(scope)} counts ${count} of four payments, asked for before and after they are made`,
    why: WHY,
    async run({ open, check }) {
      const { ledger, reserve } = await open()
      const before = createCap(9, { scope })
      await ledger.spent(before)
      for (const payment of PAYMENTS) await reserve(payment)
      for (const cap of [before, createCap(9, { scope, windowSeconds: 60 })]) {
        check.equal(await ledger.spent(cap), { held: BigInt(count) * DOLLAR, spent: 0n, count })
      }
    },
  }),
)

/** Cases of which payments a cap counts. */
export const scopes: readonly LedgerCase[] = [
  ...counted,
  {
    name: 'reserve: asks a cap only about payments in its scope',
    why: WHY,
    async run({ open }) {
      const { reserve, expectFull } = await open()
      const cap = createCap(1, { scope: { host: 'a.example' } })
      await reserve({ call: { host: 'a.example' } }, [cap])
      await reserve({ call: { host: 'b.example' } }, [cap])
      await expectFull(cap, { call: { host: 'a.example' } })
    },
  },
  {
    name: 'reserve: lets one resource be paid for once where a cap allows one payment for it, and again once that is released',
    why: 'A seller could sell the same thing again and again, or what was never sent would keep it from being bought.',
    async run({ open }) {
      const { ledger, reserve, expectFull } = await open()
      const cap = createCap(0, { amount: undefined, count: 1, scope: { resource: 'GET /a' } })
      const id = await reserve({ call: { resource: 'GET /a' } }, [cap])
      await expectFull(cap, { call: MOVED })
      await reserve({ call: { resource: 'GET /b' } }, [cap])
      await ledger.note(id, released)
      await reserve({ call: MOVED }, [cap])
      await expectFull(cap, { call: { resource: 'GET /a' } })
    },
  },
]
