import { describe, expect, it } from 'vitest'
import type { Payer } from '../../../src/client/payer.js'
import type { x402Client } from '../../../src/client/x402-client.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import type { RestrictOptions } from '../../../src/limits/narrow-limits.js'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { ledgers } from '../../support/conformance/ledgers.js'
import { createBuyer } from '../../support/create-buyer.js'
import { calling } from '../../support/money/create-brisk-buyer.js'
import { drops, inTurn, pays } from '../../support/money/paid-answers.js'
import { createProvingBuyer } from '../../support/proving-buyer.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

const as = (options: RestrictOptions) => (client: x402Client) => client.restrict({ reach: 'anywhere', ...options })
const once = calling({ redeliver: 'never' })

/** Limits that two payments of a cent fill, and what a refusal says of them. */
const limits: readonly (readonly [RestrictOptions, string])[] = [
  [{ total: '$0.02' }, '$0.02'],
  [{ perDay: { payments: 2 } }, '2 payments'],
  [{ perHost: { total: '$0.02' } }, '$0.02'],
  [{ perPayTo: { perHour: '$0.02' } }, '$0.02'],
]

for (const [where, createLedger] of ledgers) {
  for (const [options, allows] of limits) {
    const situation = `counts what an agent presents with what it buys, under ${JSON.stringify(options)}${where}`
    throughEveryDoor(situation, async ({ open, shop }) => {
      const seller = await open(inTurn(drops, pays))
      const ledger = createLedger()
      expect(await shop({ ledger }).refusal(`${seller.url}/lost`, once)).toMatchObject({ money: 'in-doubt' })
      const agent = shop({ ledger }, as(options))
      expect((await agent.request(`${seller.url}/lost`)).status).toBe(200)
      expect((await agent.request(`${seller.url}/1`)).status).toBe(200)
      const error = await agent.refusal(`${seller.url}/2`)
      expect(error).toMatchObject({ name: 'LimitError', money: 'untouched' })
      expect(error.message).toContain(allows)
      expect(agent.signatures()).toBe(1)
    })
  }

  throughEveryDoor(`counts what an agent presents once, however often it does${where}`, async ({ open, shop }) => {
    const seller = await open(inTurn(drops, drops, drops, pays))
    const ledger = createLedger()
    expect(await shop({ ledger }).refusal(`${seller.url}/lost`, once)).toMatchObject({ money: 'in-doubt' })
    const agent = shop({ ledger }, as({ total: '$0.02' }))
    for (const _ of [1, 2]) expect(await agent.refusal(`${seller.url}/lost`, once)).toMatchObject({ money: 'in-doubt' })
    expect((await agent.request(`${seller.url}/lost`)).status).toBe(200)
    expect((await agent.request(`${seller.url}/1`)).status).toBe(200)
    expect(await agent.refusal(`${seller.url}/2`)).toMatchObject({ code: 'LIMIT_TOTAL', money: 'untouched' })
  })

  throughEveryDoor(`counts what a child presents against its parent, too${where}`, async ({ open, shop }) => {
    const seller = await open(inTurn(drops, pays))
    const ledger = createLedger()
    expect(await shop({ ledger }).refusal(`${seller.url}/lost`, once)).toMatchObject({ money: 'in-doubt' })
    let parent: Payer | undefined
    const agent = shop({ ledger }, (client) => {
      const team = client.restrict({ reach: 'anywhere', total: '$0.02' })
      parent = team
      return team.restrict({ total: '$1' })
    })
    expect((await agent.request(`${seller.url}/lost`)).status).toBe(200)
    const parentFetch = wrapFetchWithPayment(fetch, parent ?? agent.payer)
    expect((await parentFetch(`${seller.url}/1`)).status).toBe(200)
    expect(await refusalOf(parentFetch(`${seller.url}/2`))).toMatchObject({ code: 'LIMIT_TOTAL' })
    expect(await agent.refusal(`${seller.url}/3`)).toMatchObject({ code: 'LIMIT_TOTAL', money: 'untouched' })
  })

  describe(`an agent that presents and buys at once${where}`, () => {
    it.each([0, 1, 2, 3, 5, 8, 13])('spends its total and no more, %i turns apart', async (turns) => {
      const seller = await openSeller(inTurn(drops, pays))
      const ledger = createLedger()
      const { client, paidFetch, signatures } = createBuyer({ ledger })
      await refusalOf(paidFetch(`${seller.url}/lost`, once))
      const agentFetch = wrapFetchWithPayment(fetch, client.restrict({ reach: 'anywhere', total: '$0.01' }))
      const wait = async () => {
        for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setTimeout(resolve, 1))
      }
      const presenting = agentFetch(`${seller.url}/lost`)
      await wait()
      const outcomes = await Promise.allSettled([presenting, agentFetch(`${seller.url}/1`)])
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      const isPresented = outcomes[0]?.status === 'fulfilled'
      expect(signatures()).toBe(isPresented ? 1 : 2)
    })
  })
}

describe('what an agent presented:', () => {
  it('is in what is left of its limits', async () => {
    const seller = await openSeller(inTurn(drops, pays))
    const { client, paidFetch } = createBuyer()
    await refusalOf(paidFetch(`${seller.url}/lost`, once))
    const agent = client.restrict({ reach: 'anywhere', total: '$0.02', perDay: { payments: 5 } })
    await wrapFetchWithPayment(fetch, agent)(`${seller.url}/lost`)
    expect(await agent.spending()).toMatchObject([
      { limit: 'restrict.perDay.payments', left: '4 payments' },
      { limit: 'restrict.total', left: '$0.01' },
    ])
    expect(await client.restrict({ reach: 'anywhere', total: '$0.02' }).spending()).toMatchObject([{ left: '$0.02' }])
  })

  it('counts no longer once the chain proves that it can never be spent', async () => {
    const seller = await openSeller(inTurn(drops, drops, pays))
    const { client, clock, chain, paidFetch } = createProvingBuyer()
    await refusalOf(paidFetch(`${seller.url}/lost`, once))
    const agentFetch = wrapFetchWithPayment(fetch, client.restrict({ reach: 'anywhere', total: '$0.01' }))
    expect(await refusalOf(agentFetch(`${seller.url}/lost`, once))).toMatchObject({ money: 'in-doubt' })
    expect(await refusalOf(agentFetch(`${seller.url}/1`))).toMatchObject({ code: 'LIMIT_TOTAL' })
    chain.verdict = 'unspent-and-dead'
    clock.advance(200)
    expect((await agentFetch(`${seller.url}/1`)).status).toBe(200)
    expect(await refusalOf(agentFetch(`${seller.url}/2`))).toMatchObject({ code: 'LIMIT_TOTAL' })
  })

  it('of a tag that the payment carried already counts once', async () => {
    const seller = await openSeller(inTurn(drops, pays))
    const { client, paidFetch } = createBuyer({ limits: { perTag: { total: '$0.02' } } })
    const tagged = calling({ tags: ['research'] })
    await refusalOf(paidFetch(`${seller.url}/lost`, calling({ tags: ['research'], redeliver: 'never' })))
    const agentFetch = wrapFetchWithPayment(fetch, client.restrict({ reach: 'anywhere', total: '$1' }))
    expect((await agentFetch(`${seller.url}/lost`, tagged)).status).toBe(200)
    expect((await agentFetch(`${seller.url}/1`, tagged)).status).toBe(200)
    expect(await refusalOf(agentFetch(`${seller.url}/2`, tagged))).toMatchObject({ code: 'LIMIT_TOTAL' })
  })
})
