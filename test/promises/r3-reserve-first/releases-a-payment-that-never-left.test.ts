import { expect } from 'vitest'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { sell } from '../../support/offers.js'

const failures = {
  'was not written down': async () => undefined,
  'was written down, and the reply was lost': (write: () => Promise<unknown>) => write(),
}

for (const [what, happen] of Object.entries(failures)) {
  throughEveryDoor(`releases a payment whose step to sent failed, and ${what}`, async ({ open, shop }) => {
    const seller = await open(sell)
    const ledger = createMemoryLedger()
    let isBroken = true
    const failing: Ledger = {
      ...ledger,
      async note(id, event) {
        if (event.type !== 'sent' || !isBroken) return ledger.note(id, event)
        await happen(() => ledger.note(id, event))
        throw new Error('the connection to the ledger broke')
      },
    }
    const shopper = shop({ ledger: failing, limits: { perDay: '$0.01' } })
    expect(await shopper.refusal(seller.url)).toMatchObject({ code: 'LEDGER_UNAVAILABLE', money: 'signed' })
    expect(await shopper.records()).toMatchObject([{ state: 'released' }])
    expect(seller.authorizations().size).toBe(0)
    isBroken = false
    expect((await shopper.request(seller.url)).status).toBe(200)
  })
}
