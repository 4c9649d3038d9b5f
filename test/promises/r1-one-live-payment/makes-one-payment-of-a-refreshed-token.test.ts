import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { ledgers } from '../../support/conformance/ledgers.js'
import { inTurn, pays, says } from '../../support/money/paid-answers.js'

const withToken = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } })

for (const [where, createLedger] of ledgers) {
  throughEveryDoor(`presents the payment of a token that a 401 refused for the next one${where}`, async (situation) => {
    const seller = await situation.open(inTurn(says(401), pays))
    const shopper = situation.shop({ ledger: createLedger() })
    expect((await shopper.request(seller.url, withToken('stale'))).status).toBe(401)
    expect((await shopper.request(seller.url, withToken('fresh'))).status).toBe(200)
    expect(seller.authorizations().size).toBe(1)
    expect(shopper.signatures()).toBe(1)
  })

  throughEveryDoor(
    `goes on presenting it for the refreshed token, when that fails once more${where}`,
    async (tools) => {
      const seller = await tools.open(inTurn(says(401), says(500), says(409), pays))
      const shopper = tools.shop({ ledger: createLedger() })
      const statuses: number[] = []
      for (const token of ['stale', 'fresh', 'fresh', 'fresh']) {
        statuses.push((await shopper.request(seller.url, withToken(token))).status)
      }
      expect(statuses).toEqual([401, 500, 409, 200])
      expect(seller.authorizations().size).toBe(1)
      expect(shopper.signatures()).toBe(1)
    },
  )
}
