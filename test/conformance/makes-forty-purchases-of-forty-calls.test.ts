import { expect } from 'vitest'
import { sell } from '../support/offers.js'
import { throughEveryDoor } from './doors.js'
import { ledgers } from './ledgers.js'

for (const [where, createLedger] of ledgers) {
  throughEveryDoor(`makes forty purchases of forty equal calls at once${where}`, async ({ open, shop }) => {
    const seller = await open(sell)
    const shopper = shop({ ledger: createLedger() })
    const calls = Array.from({ length: 40 }, () => shopper.request(seller.url))
    const answers = await Promise.all(calls)
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(40)
    expect(new Set(answers.map(({ payment }) => payment?.id)).size).toBe(40)
    expect(seller.authorizations().size).toBe(40)
    expect(shopper.signatures()).toBe(40)
  })
}
