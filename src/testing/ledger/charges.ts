import { createCap } from './create-cap.js'
import { DOLLAR, dollars } from './dollars.js'
import type { LedgerCase } from './ledger-case.js'

const TAKEN =
  'What the chain says was taken is asked once. Forgotten, the same discount is counted again, and room appears from nowhere.'

/** Cases of payments of which the chain says that less was taken than was signed. */
export const charges: readonly LedgerCase[] = [
  {
    name: 'move: keeps what the chain says was taken, and counts the charges that came with it',
    why: TAKEN,
    async run({ open, check }) {
      const { ledger, pay, find } = await open()
      const id = await pay('sent', { charges: dollars(5) })
      await ledger.spent(createCap(9))
      await ledger.move(id, ['sent'], 'settled', { charged: 2_000_000n, charges: dollars(2) })
      check.matches(await find(id), { state: 'settled', charged: 2_000_000n, charges: dollars(2) })
      check.equal(await ledger.spent(createCap(9)), { held: 0n, spent: 2n * DOLLAR, count: 1 })
    },
  },
  {
    name: 'move: lowers what a settled payment counts, and leaves it settled and delivered',
    why: 'Of a payment of up to $5 that cost $2, $3 can be spent again.',
    async run({ open, check }) {
      const { ledger, pay, reserve, expectRefusal, find } = await open()
      const id = await pay('settled', { charges: dollars(5) }, { delivery: 'delivered' })
      await expectRefusal(createCap(5))
      await ledger.move(id, ['settled'], 'settled', { charged: 2_000_000n, charges: dollars(2) })
      check.matches(await find(id), { state: 'settled', delivery: 'delivered' })
      await reserve({ charges: dollars(3) }, [createCap(5)])
    },
  },
  {
    name: 'move: keeps what was taken when later facts say nothing of it',
    why: TAKEN,
    async run({ open, check }) {
      const { ledger, pay, find } = await open()
      const id = await pay('settled', { charges: dollars(5) }, { charged: 0n, charges: dollars(0) })
      await ledger.move(id, ['settled'], 'settled', { delivery: 'delivered' })
      check.matches(await find(id), { charged: 0n, charges: dollars(0) })
    },
  },
]
