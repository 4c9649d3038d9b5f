import { describe, expect, it } from 'vitest'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import type { RestrictOptions } from '../../../src/limits/narrow-limits.js'
import { calling, createBriskBuyer } from '../../support/money/create-brisk-buyer.js'
import { NETWORK, PAY_TO, sell } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

/** A wider client, and one that it restricts. */
async function openShop(options: RestrictOptions, wide: Parameters<typeof createBriskBuyer>[0] = {}) {
  const seller = await openSeller(sell)
  const buyer = createBriskBuyer(wide)
  const agent = buyer.client.restrict({ reach: 'anywhere', ...options })
  return { seller, buyer, agent, agentFetch: wrapFetchWithPayment(fetch, agent) }
}

describe('client.restrict, tighter only:', () => {
  it.each<RestrictOptions>([
    { perPayment: '$0.009' },
    { total: '$0.009' },
    { perDay: { payments: 0 } },
    { hosts: ['api.example.com'] },
    { onlyPayTo: [`0x${'12'.repeat(20)}`] },
    { networks: ['eip155:1'] },
    { approve: () => false },
    { perHost: { total: '$0.001' } },
  ])('%o refuses what the wider client pays', async (options) => {
    const { seller, buyer, agentFetch } = await openShop(options)
    expect(await refusalOf(agentFetch(seller.url))).toMatchObject({ name: 'LimitError', money: 'untouched' })
    expect(buyer.signatures()).toBe(0)
    expect((await buyer.paidFetch(seller.url)).status).toBe(200)
  })

  it.each<RestrictOptions>([
    { perPayment: '$1000', total: '$1000', perDay: '$1000' },
    { networks: [NETWORK], onlyPayTo: [PAY_TO] },
    { approve: () => true },
    { maxValiditySeconds: 600 },
    {},
  ])('%o allows nothing that the wider client refuses', async (options) => {
    const { seller, buyer, agentFetch } = await openShop(options, { limits: { perPayment: '$0.009' } })
    expect(await refusalOf(agentFetch(seller.url))).toMatchObject({ code: 'LIMIT_PER_PAYMENT', money: 'untouched' })
    expect(buyer.signatures()).toBe(0)
  })

  it('keeps the shorter of two ceilings on validity', async () => {
    const { seller, agentFetch } = await openShop({ maxValiditySeconds: 600 }, { limits: { maxValiditySeconds: 5 } })
    await agentFetch(seller.url)
    expect(seller.requests[1]?.payment?.payload['authorization']).toMatchObject({ validBefore: '1700000005' })
  })

  it('error: UNKNOWN_OPTION when an option is misspelt', () => {
    const misspelt = { perPayments: '$1' } as RestrictOptions
    expect(() => createBriskBuyer().client.restrict(misspelt)).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_OPTION' }),
    )
  })

  it('a call of it can only tighten further', async () => {
    const { seller, buyer, agentFetch } = await openShop({ perPayment: '$0.5' })
    expect(await refusalOf(agentFetch(seller.url, calling({ max: '$0.001' })))).toMatchObject({
      code: 'LIMIT_PER_PAYMENT',
    })
    expect(buyer.signatures()).toBe(0)
  })
})

describe('client.restrict, sums:', () => {
  it('count its own payments from its birth, and the wider limits count them, too', async () => {
    const { seller, buyer } = await openShop({}, { limits: { total: '$0.04' } })
    await buyer.paidFetch(`${seller.url}/1`)
    const agentFetch = wrapFetchWithPayment(fetch, buyer.client.restrict({ reach: 'anywhere', total: '$0.02' }))
    await buyer.paidFetch(`${seller.url}/2`)
    await agentFetch(`${seller.url}/3`)
    await agentFetch(`${seller.url}/4`)
    const own = await refusalOf(agentFetch(`${seller.url}/5`))
    expect(own).toMatchObject({ code: 'LIMIT_TOTAL', facts: { spent: '$0.02' } })
    const wide = await refusalOf(buyer.paidFetch(`${seller.url}/6`))
    expect(wide).toMatchObject({ code: 'LIMIT_TOTAL', facts: { spent: '$0.04' } })
  })

  it('of two siblings are apart, and a child’s belong to its parent', async () => {
    const { seller, buyer, agent } = await openShop({ total: '$0.02' })
    const child = wrapFetchWithPayment(fetch, agent.restrict({ total: '$1' }))
    const sibling = wrapFetchWithPayment(fetch, buyer.client.restrict({ reach: 'anywhere', total: '$0.01' }))
    await child(`${seller.url}/1`)
    await child(`${seller.url}/2`)
    expect(await refusalOf(child(`${seller.url}/3`))).toMatchObject({ code: 'LIMIT_TOTAL' })
    expect((await sibling(`${seller.url}/4`)).status).toBe(200)
    expect(await agent.payments()).toHaveLength(2)
    expect(await buyer.client.payments()).toHaveLength(3)
  })

  it('are shown to it: its own, and not those of the wider limits', async () => {
    const { seller, agent, agentFetch } = await openShop({ total: '$0.02' })
    await agentFetch(seller.url)
    expect(await agent.spending()).toMatchObject([{ limit: 'restrict.total', left: '$0.01' }])
  })

  it('count its tags in its own scope, whoever else uses the same', async () => {
    const { seller, buyer, agentFetch } = await openShop({ tags: { research: { total: '$0.01' } } })
    await buyer.paidFetch(`${seller.url}/1`, calling({ tags: ['research'] }))
    expect((await agentFetch(`${seller.url}/2`, calling({ tags: ['research'] }))).status).toBe(200)
    const error = await refusalOf(agentFetch(`${seller.url}/3`, calling({ tags: ['research'] })))
    expect(error).toMatchObject({ code: 'LIMIT_TOTAL' })
  })

  it('can’t be filled by a call of others that gives its label as a tag', async () => {
    const { seller, buyer, agentFetch } = await openShop({ total: '$0.02' })
    await agentFetch(`${seller.url}/1`)
    const [record] = await buyer.records()
    expect(record?.call.tags).toEqual([expect.stringMatching(/^client\//)])
    const error = await refusalOf(buyer.paidFetch(`${seller.url}/2`, calling({ tags: record?.call.tags })))
    expect(error).toMatchObject({ code: 'INVALID_OPTION', money: 'untouched' })
    expect(buyer.signatures()).toBe(1)
  })
})

describe('client.restrict, no way back:', () => {
  it('errors say that it can’t raise a limit, instead of advising to', async () => {
    const { seller, agentFetch } = await openShop(
      { perPayment: '$0.5' },
      { limits: { perPayment: '$0.009', total: '$1' } },
    )
    const error = await refusalOf(agentFetch(seller.url))
    expect(error.message).toContain("This client can't raise its limits")
    expect(error.message).not.toMatch(/Raise `/)
  })

  it('errors say so of a sum, too, the own as well as the wider one', async () => {
    for (const [own, wide] of [
      ['$0.001', '$1'],
      ['$1', '$0.001'],
    ] as const) {
      const { seller, agentFetch } = await openShop({ total: own }, { limits: { total: wide } })
      const error = await refusalOf(agentFetch(seller.url))
      expect(error).toMatchObject({ code: 'LIMIT_TOTAL' })
      expect(error.message).toContain("This client can't raise its limits")
      expect(error.message).not.toMatch(/Raise `/)
    }
  })

  it('it holds functions of its own and nothing else, and can’t be changed', () => {
    const agent = createBriskBuyer().client.restrict({ reach: 'anywhere' })
    const values = Reflect.ownKeys(agent).map((key) => Reflect.get(agent, key))
    expect(values.map((value) => typeof value)).toEqual(values.map(() => 'function'))
    expect(Object.keys(agent).sort()).toEqual([
      'begin',
      'createPaymentPayload',
      'getExtensions',
      'handlePaymentResponse',
      'payments',
      'restrict',
      'spending',
    ])
    expect(Object.getPrototypeOf(agent)).toBe(Object.prototype)
    expect(agent.constructor).toBe(Object)
    expect(Object.isFrozen(agent)).toBe(true)
    for (const value of values)
      expect(Reflect.ownKeys(value).filter((key) => key !== 'length' && key !== 'name')).toEqual([])
  })

  it('a request of one’s own that is handed to it is shown whom to trust, which can’t be changed, and nothing else', async () => {
    const agent = createBriskBuyer({ paymentFlows: ['authorization'] }).client.restrict({ reach: 'anywhere' })
    const shown: object[] = []
    const exchange = {
      read(ports: object) {
        shown.push(ports)
        return { free: new Response() }
      },
      assertRepeatable: () => undefined,
      send: () => undefined,
    }
    for (const verb of ['pay402.pay', 'pay402.quote'])
      await Reflect.apply(Reflect.get(agent, Symbol.for(verb)), agent, [exchange])
    expect(shown.map((ports) => Object.keys(ports))).toEqual([
      ['trust', 'warn'],
      ['trust', 'warn'],
    ])
    for (const ports of shown) {
      const trust: unknown = Reflect.get(ports, 'trust')
      expect(Object.isFrozen(trust)).toBe(true)
      expect(Object.isFrozen(Reflect.get(new Object(trust), 'paymentFlows'))).toBe(true)
    }
  })

  it('nothing of the wider client is on it', () => {
    const agent = createBriskBuyer().client.restrict({ reach: 'anywhere' })
    const wide = [
      'register',
      'registerPolicy',
      'onPaymentRequired',
      'cancel',
      'forget',
      'reconcile',
      'resetCircuit',
      'inDoubt',
      'on',
      'verifyReceipt',
    ]
    for (const name of wide) expect(name in agent).toBe(false)
  })

  it('what was given to restrict can be changed to no effect', async () => {
    const options: RestrictOptions = { total: '$0.01' }
    const { seller, agentFetch } = await openShop(options)
    options.total = '$100'
    await agentFetch(`${seller.url}/1`)
    expect(await refusalOf(agentFetch(`${seller.url}/2`))).toMatchObject({ code: 'LIMIT_TOTAL' })
  })

  it('a payment that it signs by hand is under its limits, too', async () => {
    const { agent, buyer } = await openShop({ perPayment: '$0.009' })
    const { askFor } = await import('../../unit/flow/ask-for.js')
    expect(await refusalOf(agent.createPaymentPayload(askFor(), { url: 'https://api.example.com/a' }))).toMatchObject({
      code: 'LIMIT_PER_PAYMENT',
    })
    expect(buyer.signatures()).toBe(0)
  })
})
