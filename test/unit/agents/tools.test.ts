import { describe, expect, it } from 'vitest'
import { createPaymentTools } from '../../../src/agents/index.js'
import { x402Client } from '../../../src/index.js'
import type { RestrictOptions } from '../../../src/limits/narrow-limits.js'
import { createManualClock, createSeller, TestScheme } from '../../../src/testing/index.js'
import { createShop, SOLD } from './create-shop.js'

describe('price', () => {
  it('tells what it costs, that this is advice, and what is left, and pays nothing', async () => {
    const { tools, seller } = createShop({ price: '$0.10', description: 'The weather of today' })
    expect(await tools.price.execute({ url: SOLD })).toEqual({
      outcome: 'told',
      what: 'It costs $0.10. You may buy it now.',
      next: 'Call pay_and_fetch to buy it, with this price as its `max`.',
      price: '$0.10',
      status: 402,
      sellerSays: 'The weather of today',
      left: [{ limit: 'total', left: '$0.50', of: '$0.50' }],
    })
    expect(tools.price.description).toContain('The price is advice')
    expect(seller.payments).toHaveLength(0)
  })

  it('tells why it would be refused', async () => {
    const { tools } = createShop({ price: '$0.30' })
    expect(await tools.price.execute({ url: SOLD })).toMatchObject({
      what: 'It would not be bought: it costs $0.30, and one purchase may cost at most $0.20.',
      next: "Don't try again at this price: use another source, or go on without it.",
      price: '$0.30',
    })
  })

  it.each([
    [{ price: 'free' }, { what: 'It is free.', price: 'free', status: 200 }],
    [
      { whenAsked: [{ status: 404 }] },
      { what: 'The server responded with status 404, which says nothing about a price.', status: 404 },
    ],
    [{ whenAsked: ['loses-request' as const] }, { outcome: 'failed', money: 'untouched' }],
    [
      { whenAsked: ['hostile-terms' as const] },
      { outcome: 'told', what: expect.stringContaining('It would not be bought: ') },
    ],
  ])('tells of %j what it means', async (script, told) => {
    expect(await createShop(script).tools.price.execute({ url: SOLD })).toMatchObject(told)
  })

  it.each([
    ['approve: later', { approve: 'later' }],
    ['approve with approveAbove', { approve: () => false, approveAbove: '$0.09' }],
  ] as const)('tells that a person must say yes first, where the client has %s', async (_, limits) => {
    const { tools } = createShop({ price: '$0.10' }, {}, { hosts: ['seller.example'], ...limits })
    expect(await tools.price.execute({ url: SOLD })).toMatchObject({
      outcome: 'told',
      what: 'It costs $0.10. A person must say yes first.',
      next: 'Call pay_and_fetch with this price as its `max`: it asks for that yes, and buys nothing before.',
      price: '$0.10',
    })
  })

  it('tells of the same where its toolkit can ask, and that it would not be bought where it can not', async () => {
    const { tools } = createShop({ price: '$0.10' }, { approveAbove: '$0.05' })
    expect(await tools.price.execute({ url: SOLD })).toMatchObject({
      what: "It costs $0.10. It would not be bought: only what costs at most $0.05 is bought without a person's yes.",
      next: "Don't try again: no one can be asked here. Use another source, or go on without it.",
    })
    await tools.price.needsApproval({ url: SOLD })
    expect(await tools.price.execute({ url: SOLD })).toMatchObject({
      what: 'It costs $0.10. A person must say yes first.',
    })
  })

  it('tells that it would not be bought above the most of one call, and that it may be bought at it', async () => {
    const of = (max: string) => createShop({ price: '$0.10' }, { max }).tools.price.execute({ url: SOLD })
    expect(await of('$0.09')).toMatchObject({
      what: 'It would not be bought: it costs $0.10, and one call may cost at most $0.09.',
    })
    expect(await of('$0.1')).toMatchObject({ what: 'It costs $0.10. You may buy it now.' })
  })

  it('is told in dollars by every tool: of what waits, was denied, or was refused', async () => {
    const sum = { price: '$0.10', what: expect.anything() }
    const limits = { hosts: ['seller.example'] }
    const of = (more: RestrictOptions) => createShop({ price: '$0.10' }, {}, { ...limits, ...more }).buy({ url: SOLD })
    expect(await of({ approve: 'later' })).toMatchObject({ outcome: 'waiting', ...sum })
    expect(await of({ approve: () => false })).toMatchObject({ outcome: 'refused', ...sum })
    expect(await of({ perDay: { payments: 0 } })).toMatchObject({ outcome: 'refused', ...sum })
    expect(await of({ perPayment: '0.05 USDC' })).toMatchObject({ outcome: 'refused', ...sum })
  })

  it('sends no POST, which could carry it out', async () => {
    const { tools, seller } = createShop()
    expect(await tools.price.execute({ url: SOLD, method: 'POST' })).toMatchObject({
      outcome: 'bad-input',
      what: 'To ask for the price of a POST could carry it out.',
    })
    expect(seller.requests).toHaveLength(0)
  })
})

const UNTIL_NEXT_MONTH = /^this month, until \d{4}-\d\d-01T00:00:00\.000Z$/

describe('budget', () => {
  it('tells what is left of its own limits, and nothing of its owner’s', async () => {
    const seller = createSeller({ price: '$0.10' })
    const client = new x402Client({ limits: { perPayment: '$0.77', perDay: '$7.77' } }).register(
      'eip155:*',
      new TestScheme(),
    )
    const agent = client.restrict({
      name: 'team/researcher',
      total: '$0.25',
      perDay: '$0.20',
      perMonth: '$0.24',
      hosts: ['seller.example'],
    })
    const tools = createPaymentTools(agent, { fetch: seller.fetch })
    await tools.pay_and_fetch.execute({ url: SOLD })
    const told = await tools.budget.execute({})
    expect(told).toMatchObject({ outcome: 'told', what: 'This is left.' })
    expect(told.left).toEqual(
      expect.arrayContaining([
        { limit: 'total', left: '$0.15', of: '$0.25' },
        { limit: 'perDay', left: '$0.10', of: '$0.20', counts: 'the last 24 hours' },
        { limit: 'perMonth', left: '$0.14', of: '$0.24', counts: expect.stringMatching(UNTIL_NEXT_MONTH) },
      ]),
    )
    expect(JSON.stringify(told)).not.toContain('7.77')
  })

  it('says so when there are no sums', async () => {
    const { tools } = createShop({}, {}, { hosts: ['seller.example'] })
    expect(await tools.budget.execute({})).toEqual({
      outcome: 'told',
      what: 'You have no sums to keep to; single purchases may still be refused.',
      left: [],
    })
  })
})

describe('my_purchases', () => {
  it('lists its own payments, with the last status, and no one else’s', async () => {
    const seller = createSeller({
      routes: { '/a': {}, '/b': { price: '$0.02', answer: () => new Response('no', { status: 418 }) } },
    })
    const client = new x402Client().register('eip155:*', new TestScheme())
    const [mine, other] = ['mine', 'other'].map((name) =>
      createPaymentTools(client.restrict({ name, hosts: ['seller.example'] }), { fetch: seller.fetch }),
    )
    await other?.pay_and_fetch.execute({ url: 'https://seller.example/a' })
    await mine?.pay_and_fetch.execute({ url: 'https://seller.example/b?key=secret' })
    await mine?.pay_and_fetch.execute({ url: 'https://seller.example/a' })
    const told = await mine?.my_purchases.execute({})
    expect(told).toMatchObject({
      outcome: 'told',
      what: 'These are your last 2 payments.',
      more: false,
      purchases: [
        {
          resource: 'GET https://seller.example/a',
          price: '$0.01',
          money: 'settled',
          delivery: 'delivered',
          status: 200,
        },
        {
          resource: 'GET https://seller.example/b',
          price: '$0.02',
          money: 'in-doubt',
          delivery: 'answered',
          status: 418,
        },
      ],
    })
    expect(told?.purchases?.[0]?.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/)
  })

  it('is bounded, and says that there are more', async () => {
    const { tools, buy } = createShop({}, { freshFor: 0 })
    for (let count = 0; count < 3; count++) await buy({ url: SOLD })
    expect(await tools.my_purchases.execute({ limit: 2 })).toMatchObject({ purchases: { length: 2 }, more: true })
    expect(await tools.my_purchases.execute({ limit: -7 })).toMatchObject({ purchases: { length: 1 }, more: true })
    expect(await tools.my_purchases.execute({ limit: 1e9 })).toMatchObject({ purchases: { length: 3 }, more: false })
  })

  it('says of what was lost how to get it', async () => {
    const lost = 'loses-response' as const
    const { tools, buy } = createShop({ whenPaid: [lost, lost, lost] })
    await buy({ url: SOLD })
    expect(await tools.my_purchases.execute({})).toMatchObject({
      next: 'For those that were lost, call pay_and_fetch again with exactly the same input: the same payment is presented, so you never pay twice.',
      purchases: [{ money: 'in-doubt', delivery: 'lost' }],
    })
  })
})

describe('approveAbove', () => {
  const dear = { price: '$0.10' }

  it('asks for what costs more, and for nothing else', async () => {
    const { tools } = createShop(dear, { approveAbove: '$0.10' })
    expect(await tools.pay_and_fetch.needsApproval({ url: SOLD })).toBe(false)
    const strict = createShop(dear, { approveAbove: '$0.09' }).tools.pay_and_fetch
    expect(await strict.needsApproval({ url: SOLD })).toBe(true)
    expect(await strict.needsApproval({ url: SOLD, max: '$0.05' })).toBe(false)
    expect(await strict.needsApproval({ url: 'nonsense' })).toBe(false)
    expect(await createShop(dear).tools.pay_and_fetch.needsApproval({ url: SOLD })).toBe(false)
  })

  it('finds the input in second place, where OpenAI Agents has it', async () => {
    const { pay_and_fetch } = createShop(dear, { approveAbove: '$0.05' }).tools
    expect(await pay_and_fetch.needsApproval({ context: {}, usage: {} }, { url: SOLD })).toBe(true)
  })

  it('uses a yes up: the next call at that price needs another', async () => {
    const { tools, buy, seller } = createShop(dear, { approveAbove: '$0.05', freshFor: 0 })
    await tools.pay_and_fetch.needsApproval({ url: SOLD })
    expect(await buy({ url: SOLD })).toMatchObject({ outcome: 'received' })
    expect(await buy({ url: SOLD })).toMatchObject({
      outcome: 'refused',
      what: "Not bought: only what costs at most $0.05 is bought without a person's yes.",
      next: 'Call again with the price as `max`: then a person can be asked. Or use another source.',
    })
    expect(seller.payments).toHaveLength(1)
  })

  it('is not blamed for what another limit refuses', async () => {
    const limits = { total: '$1', networks: ['eip155:1'], hosts: ['seller.example'] } as const
    const { what } = await createShop(dear, { approveAbove: '$0.05' }, limits).buy({ url: SOLD })
    expect(what).toMatch(/^Not bought: /)
    expect(what).not.toContain("person's yes")
  })

  it('binds a yes to its address', async () => {
    const { tools, buy } = createShop(dear, { approveAbove: '$0.05' })
    await tools.pay_and_fetch.needsApproval({ url: SOLD })
    expect(await buy({ url: `${SOLD}?other` })).toMatchObject({ outcome: 'refused' })
  })

  it('asks about a POST by its max, without sending it', async () => {
    const { tools, buy, seller } = createShop(dear, { approveAbove: '$0.05' })
    const order = { url: SOLD, method: 'POST', body: '{}' }
    expect(await tools.pay_and_fetch.needsApproval(order)).toBe(false)
    expect(await tools.pay_and_fetch.needsApproval({ ...order, max: '$0.10' })).toBe(true)
    expect(seller.requests).toHaveLength(0)
    expect(await buy({ ...order, max: '$0.10' })).toMatchObject({ outcome: 'received', price: '$0.10' })
  })

  it('asks about one host 20 times a minute without a yes, and refuses from then on', async () => {
    const clock = createManualClock()
    const { tools, buy, seller } = createShop(dear, { approveAbove: '$0.05', clock })
    const ask = (day: number) => tools.pay_and_fetch.needsApproval({ url: `${SOLD}?day=${day}` })
    const first: boolean[] = []
    for (let day = 1; day <= 21; day++) first.push(await ask(day))
    expect(first).toEqual([...new Array(20).fill(true), false])
    expect(await buy({ url: `${SOLD}?day=21` })).toMatchObject({
      outcome: 'refused',
      money: 'untouched',
      what: 'Not bought: a person was asked too often in a short time.',
      next: 'You may try again later.',
    })
    clock.advance(61)
    expect(await ask(22)).toBe(true)
    expect(seller.payments).toHaveLength(0)
  })

  it('asks forty times of forty calls that a person says yes to', async () => {
    const { tools, buy, seller } = createShop(dear, { approveAbove: '$0.05' }, { total: '$5' })
    for (let day = 1; day <= 40; day++) {
      const input = { url: `${SOLD}?day=${day}` }
      expect(await tools.pay_and_fetch.needsApproval(input)).toBe(true)
      expect(await buy(input)).toMatchObject({ outcome: 'received' })
    }
    expect(seller.payments).toHaveLength(40)
  })

  it('asks for nothing that was bought a moment ago', async () => {
    const { tools, buy } = createShop(dear, { approveAbove: '$0.05' })
    await tools.pay_and_fetch.needsApproval({ url: SOLD })
    await buy({ url: SOLD })
    expect(await tools.pay_and_fetch.needsApproval({ url: SOLD })).toBe(false)
    expect(await tools.pay_and_fetch.needsApproval({ url: SOLD, fresh: true })).toBe(true)
  })
})

describe('what comes later', () => {
  it('is asked for by the same call, without a second payment', async () => {
    let turns = 0
    const seller = createSeller({
      routes: {
        '/report': {
          price: '$0.10',
          answer: () => new Response(null, { status: 202, headers: { location: '/jobs/1' } }),
        },
        '/jobs/1': {
          price: 'free',
          answer: () => (turns++ === 0 ? new Response(null, { status: 202 }) : Response.json({ pages: 3 })),
        },
      },
    })
    const agent = new x402Client()
      .register('eip155:*', new TestScheme())
      .restrict({ total: '$1', hosts: ['seller.example'] })
    const tools = createPaymentTools(agent, { fetch: seller.fetch })
    const call = { url: 'https://seller.example/report' }
    expect(await tools.pay_and_fetch.execute(call)).toMatchObject({
      outcome: 'waiting',
      status: 202,
      price: '$0.10',
      what: 'It is paid for, and the seller delivers later.',
    })
    expect(await tools.pay_and_fetch.execute(call)).toMatchObject({
      outcome: 'received',
      what: 'It was paid for before, and this is what came.',
      untrusted: { body: '{"pages":3}' },
    })
    expect(seller.payments).toHaveLength(1)
  })
})
