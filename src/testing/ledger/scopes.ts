import type { NewRecord, Scope } from '../../flow/ports.js'
import { showValue } from '../show-value.js'
import { createCap } from './create-cap.js'
import { DOLLAR } from './dollars.js'
import type { LedgerCase } from './ledger-case.js'

const WHY = 'A limit for one seller, one payTo or one label is passed where it overlooks a payment of theirs.'

const PAYMENTS: readonly Partial<NewRecord>[] = [
  { host: 'a.example', payTo: '0xAa', tags: [] },
  { host: 'a.example', payTo: '0xBb', tags: ['x'] },
  { host: 'b.example', payTo: '0xaa', tags: ['x', 'y', 'x'] },
  { host: 'b.example', payTo: 'Mint', tags: ['x\ny', ''] },
]

/** How many of the four are in a scope. Hexadecimal addresses are the same in any case, others aren't. */
const SCOPES: readonly (readonly [Scope, number])[] = [
  [{}, 4],
  [{ host: 'a.example' }, 2],
  [{ host: 'c.example' }, 0],
  [{ payTo: '0xAA' }, 2],
  [{ payTo: 'Mint' }, 1],
  [{ payTo: 'mint' }, 0],
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
      const { reserve, expectRefusal } = await open()
      const cap = createCap(1, { scope: { host: 'a.example' } })
      await reserve({ host: 'a.example' }, [cap])
      await reserve({ host: 'b.example' }, [cap])
      await expectRefusal(cap, { host: 'a.example' })
    },
  },
]
