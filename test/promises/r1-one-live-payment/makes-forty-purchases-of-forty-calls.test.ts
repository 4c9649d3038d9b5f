import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { ledgers } from '../../support/conformance/ledgers.js'
import { createGate } from '../../support/money/create-gate.js'
import { askToPay, deliver, sell } from '../../support/offers.js'

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

for (const [where, createLedger] of ledgers) {
  throughEveryDoor(`presents the ten payments of ten equal calls that were answered 409${where}`, async (tools) => {
    const [asked, all] = [createGate(), createGate()]
    let [asks, paid] = [0, 0]
    const seller = await tools.open(async (request, response) => {
      if (request.payment === undefined) {
        if (++asks === 10) asked.open()
        await asked.passed
        return askToPay(response)
      }
      if (++paid > 10) return deliver(response, request)
      if (paid === 10) all.open()
      await all.passed
      response.writeHead(409).end('busy')
    })
    const shopper = tools.shop({ ledger: createLedger() })
    for (const status of [409, 200]) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => shopper.request(seller.url)))
      expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([status]))
    }
    expect(seller.authorizations().size).toBe(10)
    expect(shopper.signatures()).toBe(10)
  })
}
