import { expect } from 'vitest'
import type { ClientOptions } from '../../../src/client/options.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { ledgers } from '../../support/conformance/ledgers.js'
import { calling } from '../../support/money/create-brisk-buyer.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { askToPay, deliver } from '../../support/offers.js'
import type { Handler } from '../../support/start-seller.js'

/** How a backend tells its tenants apart when it asks for them. */
const tenants: Readonly<Record<string, (tenant: string) => RequestInit>> = {
  'an Authorization': (tenant) => ({ headers: { authorization: `Bearer ${tenant}` } }),
  'an Authorization that changes': (tenant) => ({ headers: { authorization: `Signature ${tenant} ${Math.random()}` } }),
  'an API key': (tenant) => ({ headers: { 'x-api-key': tenant } }),
  'a cookie': (tenant) => ({ headers: { cookie: `session=${tenant}` } }),
  'a tag': (tenant) => calling({ tags: [tenant] }),
  'a header of its own': (tenant) => ({ headers: { 'x-customer': tenant } }),
}

const many: ClientOptions = { buyers: 'many', purchaseHeaders: ['X-Customer'] }

/** Gives each payment the number of the first request that brought it, as a seller does that keeps its answers; fails at first. */
function createSeller(): { readonly handler: Handler; heal(): void } {
  const bought = new Map<string, string>()
  let isBroken = true
  return {
    heal: () => {
      isBroken = false
    },
    handler(request, response) {
      if (request.payment === undefined) return askToPay(response)
      const name = JSON.stringify(request.payment.payload)
      const answer = bought.get(name) ?? `answer ${bought.size + 1}`
      bought.set(name, answer)
      if (isBroken) return void response.writeHead(500).end('broken')
      deliver(response, request, answer)
    },
  }
}

for (const [what, init] of Object.entries(tenants)) {
  for (const [where, createLedger] of ledgers) {
    throughEveryDoor(
      `lets tenants with ${what} each buy for themselves, where buyers are many${where}`,
      async (tools) => {
        const { handler, heal } = createSeller()
        const seller = await tools.open(handler)
        const shopper = tools.shop({ ...many, ledger: createLedger() })
        expect((await shopper.request(seller.url, init('ann'))).status).toBe(500)
        heal()
        const calls = Array.from({ length: 3 }, () => shopper.request(seller.url, init('bob')))
        const texts = (await Promise.all(calls)).map(({ text }) => text)
        expect(texts.toSorted()).toEqual(['answer 2', 'answer 3', 'answer 4'])
        expect(shopper.signatures()).toBe(4)
      },
    )
  }
}

for (const [what, init] of Object.entries(tenants)) {
  const isAlike = what.includes('Authorization') || what === 'a cookie'
  throughEveryDoor(
    isAlike
      ? `refuses to pay for another tenant with ${what}, untouched, only while the first one’s payment is alive`
      : `lets tenants with ${what} each buy for themselves, also where nothing is said of buyers`,
    async (tools) => {
      const { handler, heal } = createSeller()
      const seller = await tools.open(handler)
      const clock = createBriskClock()
      const shopper = tools.shop({ purchaseHeaders: ['x-customer'], clock, ledger: createMemoryLedger({ clock }) })
      expect((await shopper.request(seller.url, init('ann'))).status).toBe(500)
      heal()
      if (isAlike) {
        const error = await shopper.refusal(seller.url, init('bob'))
        expect(error).toMatchObject({ code: 'PAID_PERHAPS', money: 'untouched' })
        const againAt = Date.parse(error.facts['again at'] ?? '') / 1000
        expect(shopper.signatures()).toBe(1)
        clock.advance(againAt - clock.nowSeconds())
      }
      expect((await shopper.request(seller.url, init('bob'))).text).toBe('answer 2')
      expect(shopper.signatures()).toBe(2)
    },
  )
}

for (const [what, init] of Object.entries(tenants)) {
  if (what === 'a tag' || what === 'an Authorization that changes') continue
  throughEveryDoor(
    `lets tenants with ${what} use one key each for themselves, where buyers are many`,
    async (tools) => {
      const { handler, heal } = createSeller()
      const seller = await tools.open(handler)
      const shopper = tools.shop(many)
      const ask = (tenant: string) => {
        const { headers } = init(tenant)
        return shopper.request(seller.url, { method: 'POST', headers: { ...headers, 'Idempotency-Key': 'order-7' } })
      }
      expect((await ask('ann')).status).toBe(500)
      heal()
      expect((await ask('bob')).text).toBe('answer 2')
      expect((await ask('ann')).text).toBe('answer 1')
      expect(shopper.signatures()).toBe(2)
    },
  )
}
