import { describe, expect, it } from 'vitest'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import type { LimitsOptions } from '../../../src/limits/create-limits.js'
import type { RestrictOptions } from '../../../src/limits/narrow-limits.js'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { ledgers } from '../../support/conformance/ledgers.js'
import { calling, createBriskBuyer } from '../../support/money/create-brisk-buyer.js'
import { drops, inTurn, pays, refuses } from '../../support/money/paid-answers.js'
import { askToPay, createOffer, createRequired, PAY_TO, sell } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

/** What an owner sets, with numbers and words that come up nowhere else, and what refuses then. */
const secret = '0.012345'
const ofOwner: readonly (readonly [LimitsOptions, string])[] = [
  [{ total: `$${secret}` }, 'LIMIT_TOTAL'],
  [{ perDay: `$${secret}` }, 'LIMIT_WINDOW'],
  [{ perDay: { payments: 1 } }, 'LIMIT_COUNT'],
  [{ windows: [{ window: '1234s', amount: `$${secret}` }] }, 'LIMIT_WINDOW'],
  [{ perHost: { perWeek: `$${secret}` } }, 'LIMIT_WINDOW'],
  [{ perPayTo: { total: `$${secret}` } }, 'LIMIT_TOTAL'],
  [{ perTag: { total: `$${secret}` } }, 'LIMIT_TOTAL'],
  [{ tags: { a: { total: `$${secret}` } } }, 'LIMIT_TOTAL'],
  [{ perPayment: '$0.0012345' }, 'LIMIT_PER_PAYMENT'],
  [{ hosts: ['012345.example'] }, 'HOST_NOT_ALLOWED'],
  [{ networks: ['eip155:12345'] }, 'NETWORK_NOT_ALLOWED'],
  [{ onlyPayTo: [`0x${'12345'.repeat(8)}`] }, 'PAYEE_NOT_ALLOWED'],
  [{ onlyAssets: [] }, 'ASSET_NOT_ALLOWED'],
  [{ onlyTags: ['customer-12345'] }, 'TAG_NOT_ALLOWED'],
]

/** Names of options, and numbers that only the owner may know. */
const OWNERS = /12345|limits\.|the limit|per[A-Z]|["`.]total|windows|hosts|only[A-Z]|1 payment\b|Raise/

for (const [where, createLedger] of ledgers) {
  throughEveryDoor(`tells a restricted client no number of its owner's limits${where}`, async ({ open, shop }) => {
    const seller = await open(sell)
    for (const [limits, code] of ofOwner) {
      for (const options of [{}, { name: 'team' }] satisfies RestrictOptions[]) {
        const ledger = createLedger()
        const owner = shop({ ledger, limits })
        const narrow = owner.client.restrict({ reach: 'anywhere', ...options, total: '$5' })
        const agent = shop({ ledger, limits }, (client) =>
          client.restrict({ reach: 'anywhere', ...options, total: '$5' }),
        )
        const tags = calling({ tags: ['a'] })
        // What the owner spent is in the sums that refuse the agent.
        await owner.request(`${seller.url}/owner`, tags).catch(() => undefined)
        const error = await agent.refusal(`${seller.url}/agent`, tags)
        expect(error).toMatchObject({ code, money: 'untouched', facts: { price: '0.01 USDC' } })
        for (const fact of ['allows', 'limit', 'tag']) expect(error.facts).not.toHaveProperty(fact)
        expect(error.shortMessage).toContain("a limit of this client's owner doesn't allow")
        expect(error.message).toContain("This client can't raise its limits: ask its owner")
        const told = [
          error.message,
          JSON.stringify(error),
          Object.values(error.facts),
          await narrow.spending({ tag: 'a' }),
        ]
        expect(JSON.stringify(told).replaceAll(/"limit":"[^"]*"/g, '')).not.toMatch(OWNERS)
        expect(agent.signatures()).toBe(0)
      }
    }
  })
}

describe('a restricted client', () => {
  it('is quoted no number of its owner, nor a reason that has one', async () => {
    const offers = createRequired([createOffer(), createOffer({ amount: '900000' })])
    const seller = await openSeller((_request, response) => askToPay(response, offers))
    for (const limits of [{ perPayment: '$0.0012345' }, { total: '$0.0012345' }]) {
      const { client } = createBriskBuyer({ limits })
      const quote = await wrapFetchWithPayment(fetch, client.restrict({ reach: 'anywhere', total: '$5' })).quote(
        seller.url,
      )
      expect(quote?.cost).toBe('refused')
      const told = [quote?.offers.map(({ reason }) => reason), quote?.refusal?.message, quote?.refusal?.facts]
      expect(JSON.stringify(told)).toContain('this client')
      expect(JSON.stringify(told)).not.toMatch(OWNERS)
    }
  })

  it('within another is told nothing of that one’s numbers either, and its own are told', async () => {
    const seller = await openSeller(sell)
    const { client } = createBriskBuyer()
    const team = client.restrict({ reach: 'anywhere', name: 'team', perHour: '$0.012345' })
    const agent = team.restrict({ name: 'researcher', perDay: '$0.5' })
    const agentFetch = wrapFetchWithPayment(fetch, agent)
    await wrapFetchWithPayment(fetch, team)(`${seller.url}/1`)
    expect((await refusalOf(agentFetch(`${seller.url}/2`))).message).not.toMatch(/0\.012345|perHour/)
    expect(await agent.spending()).toMatchObject([{ limit: 'restrict.perDay', spent: '$0.00', allowed: '$0.50' }])
    expect(await team.spending()).toMatchObject([{ limit: 'restrict.perHour', spent: '$0.01', allowed: '$0.012345' }])
    expect(await client.spending()).toMatchObject([{ limit: 'perDay', spent: '$0.01' }])
  })

  it.each<[LimitsOptions, string]>([
    [{ perPayment: '$0.005' }, 'Refused to pay 0.01 USDC: the limit "perPayment" allows $0.005.'],
    [{ perDay: '$0.005' }, 'Refused to pay 0.01 USDC: the limit "perDay" allows $0.005.'],
    [{ hosts: [] }, 'Refused to pay 0.01 USDC: the limit "hosts" doesn\'t name its host.'],
  ])('has an owner whose events tell in full which limit refused: %o', async (limits, because) => {
    const seller = await openSeller(sell)
    const { client } = createBriskBuyer({ limits })
    const told: unknown[] = []
    client.on('payment', (event) => event.type === 'refused' && told.push(event))
    const agent = client.restrict({ reach: 'anywhere', name: 'team' }).restrict({ total: '$1' })
    const error = await refusalOf(wrapFetchWithPayment(fetch, agent)(seller.url))
    expect(told).toMatchObject([{ type: 'refused', code: error.code, because }])
    const reached = Reflect.ownKeys(error).map((key) => String(Reflect.get(error, key)))
    expect(`${reached} ${error.stack}`).not.toContain(because)
  })

  it('is told its own numbers where its own limit refuses', async () => {
    const seller = await openSeller(sell)
    const { client } = createBriskBuyer()
    const agentFetch = wrapFetchWithPayment(fetch, client.restrict({ reach: 'anywhere', total: '$0.015' }))
    await agentFetch(`${seller.url}/1`)
    const error = await refusalOf(agentFetch(`${seller.url}/2`))
    expect(error).toMatchObject({ code: 'LIMIT_TOTAL', facts: { allows: '$0.015', spent: '$0.01' } })
    expect(error.shortMessage).toBe('Refused to pay 0.01 USDC: the limit "restrict.total" allows $0.015.')
    expect(error.facts['limit']).toBe('restrict.total')
  })

  it('isn’t told at which address others paid an origin before', async () => {
    let payTo = PAY_TO
    const seller = await openSeller((request, response) =>
      request.payment === undefined
        ? askToPay(response, createRequired([createOffer({ payTo })]))
        : sell(request, response),
    )
    const { client, paidFetch } = createBriskBuyer({ limits: { pinPayTo: true } })
    await paidFetch(`${seller.url}/1`)
    payTo = `0x${'12'.repeat(20)}`
    const error = await refusalOf(
      wrapFetchWithPayment(fetch, client.restrict({ reach: 'anywhere' }))(`${seller.url}/2`),
    )
    expect(error).toMatchObject({ code: 'PAYEE_CHANGED', money: 'untouched' })
    expect(error.message.toLowerCase()).not.toContain(PAY_TO.toLowerCase())
    expect(error.message).toContain("Ask this client's owner")
  })

  it('isn’t sent to methods that it doesn’t have, where an earlier payment is in the way', async () => {
    for (const purchase of ['order-7', undefined]) {
      const seller = await openSeller(inTurn(drops, pays))
      const { client, clock } = createBriskBuyer()
      const agentFetch = wrapFetchWithPayment(fetch, client.restrict({ reach: 'anywhere', name: 'team' }))
      await refusalOf(agentFetch(seller.url, calling({ purchase, redeliver: 'never' })))
      clock.advance(100)
      const error = await refusalOf(agentFetch(seller.url, calling({ purchase })))
      expect(error).toMatchObject({ code: 'PAID_PERHAPS', money: 'in-doubt' })
      expect(error.message).toContain("this client's owner")
      expect(error.message).not.toContain('client.forget')
    }
  })

  it('isn’t sent to them where its payment was taken and brought nothing', async () => {
    const seller = await openSeller(inTurn(drops, refuses('invalid_exact_evm_nonce_already_used')))
    const agentFetch = wrapFetchWithPayment(fetch, createBriskBuyer().client.restrict({ reach: 'anywhere' }))
    const error = await refusalOf(agentFetch(seller.url))
    expect(error).toMatchObject({ code: 'PAID_NOT_DELIVERED' })
    expect(error.message).toContain("this client's owner, who can give it up")
    expect(error.message).not.toContain('client.forget')
  })
})
