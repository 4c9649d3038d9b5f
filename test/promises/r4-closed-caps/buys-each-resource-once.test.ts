import { describe, expect, it } from 'vitest'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { createSlowLedger } from '../../../src/testing/slow-ledger.js'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { ledgers } from '../../support/conformance/ledgers.js'
import { createBuyer } from '../../support/create-buyer.js'
import { askToPay, deliver, sell } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

const once = { perResource: { payments: 1 } }

for (const [on, createLedger] of ledgers) {
  throughEveryDoor(`buys a resource once, and others all the same${on}`, async ({ open, shop }) => {
    const seller = await open(sell)
    const shopper = shop({ limits: once, ledger: createLedger() })
    expect(await shopper.request(`${seller.url}/item?secret=1`)).toMatchObject({ status: 200 })
    const error = await shopper.refusal(`${seller.url}/item?secret=2`)
    expect(error).toMatchObject({ name: 'LimitError', code: 'LIMIT_COUNT', money: 'untouched' })
    expect(error.message.replaceAll(seller.url, 'http://seller')).toMatchInlineSnapshot(`
      "Refused to pay 0.01 USDC: it was paid for before, and the limit "perResource.payments" allows 1 payment for each resource.
        price: 0.01 USDC
        resource: GET http://seller/item
        network: eip155:84532
        asset: 0x036CbD53842c5426634e7929541eC2318f3dCF7e
        pay to: 0x209693Bc6afc0C5328bA36FaF03C514EF312287C
        limit: limits.perResource.payments
        allows: 1 payment
        spent: 1 payment
        held: 0 payments (signed, not known to be settled)
      Use what it returned then, if anything. Raise \`limits.perResource.payments\`, or catch LimitError to skip this resource.
      Money: untouched. Docs: node_modules/pay402/docs/errors.md#limit_count"
    `)
    expect(await shopper.request(`${seller.url}/other`)).toMatchObject({ status: 200 })
    expect(await shopper.request(`${seller.url}/item`, { method: 'POST', body: 'a' })).toMatchObject({ status: 200 })
    expect(await shopper.refusal(`${seller.url}/item`, { method: 'POST', body: 'b' })).toMatchObject({
      code: 'LIMIT_COUNT',
    })
    expect(shopper.signatures()).toBe(3)
  })

  throughEveryDoor(`buys a resource once, of 20 calls at once${on}`, async ({ open, shop }) => {
    const seller = await open(sell)
    const shopper = shop({ limits: once, ledger: createLedger() })
    const calls = Array.from({ length: 20 }, (_, call) => shopper.request(`${seller.url}/item?call=${call}`))
    const outcomes = await Promise.allSettled(calls)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(shopper.signatures()).toBe(1)
  })

  throughEveryDoor(`buys once what a seller moves to another address each time${on}`, async ({ open, shop }) => {
    let moves = 0
    const seller = await open((request, response) => {
      if (request.path !== '/item') return sell(request, response)
      response.writeHead(302, { location: `/item/${moves++}` })
      response.end()
    })
    const shopper = shop({ limits: once, ledger: createLedger() })
    expect(await shopper.request(`${seller.url}/item`)).toMatchObject({ status: 200 })
    expect(await shopper.refusal(`${seller.url}/item`)).toMatchObject({ code: 'LIMIT_COUNT', money: 'untouched' })
    expect(shopper.signatures()).toBe(1)
    expect(moves).toBe(2)
  })

  throughEveryDoor(`buys as much of a resource as an amount allows${on}`, async ({ open, shop }) => {
    const seller = await open(sell)
    const limits = { perResource: { perDay: '$0.02', perHour: { payments: 5 } } }
    const shopper = shop({ limits, ledger: createLedger() })
    await shopper.request(`${seller.url}/item?page=1`)
    await shopper.request(`${seller.url}/item?page=2`)
    const error = await shopper.refusal(`${seller.url}/item?page=3`)
    expect(error).toMatchObject({ code: 'LIMIT_WINDOW', facts: { spent: '$0.02' } })
    expect(error.shortMessage).toContain('the limit "perResource.perDay" allows $0.02 for each resource')
    await shopper.request(`${seller.url}/other`)
  })

  throughEveryDoor(`tells queries apart where that is asked for, and keeps none${on}`, async ({ open, shop }) => {
    const seller = await open(sell)
    const shopper = shop({ limits: { perResource: { payments: 1, query: true } }, ledger: createLedger() })
    await shopper.request(`${seller.url}/item?key=q7Hx`)
    await shopper.request(`${seller.url}/item?key=z9Kw`)
    expect(await shopper.refusal(`${seller.url}/item?key=q7Hx`)).toMatchObject({ code: 'LIMIT_COUNT' })
    const kept = JSON.stringify(await shopper.records(), (_, value) => (typeof value === 'bigint' ? `${value}` : value))
    expect(kept).not.toMatch(/key=|q7Hx|z9Kw/)
  })

  throughEveryDoor(`presents a lost payment again, which is no second one${on}`, async ({ open, shop }) => {
    let presented = 0
    const seller = await open((request, response) => {
      if (request.payment === undefined) return askToPay(response)
      presented += 1
      if (presented > 1) return deliver(response, request)
      response.writeHead(409)
      response.end()
    })
    const shopper = shop({ limits: once, ledger: createLedger() })
    const order = { method: 'POST', body: 'a' }
    expect(await shopper.request(`${seller.url}/item`, order).catch((error: unknown) => error)).toBeDefined()
    expect(await shopper.request(`${seller.url}/item`, order)).toMatchObject({ status: 200 })
    expect(await shopper.refusal(`${seller.url}/item`, order)).toMatchObject({ code: 'LIMIT_COUNT' })
    expect(shopper.signatures()).toBe(1)
    expect(presented).toBe(2)
  })
}

throughEveryDoor('goes on buying where no limit counts resources', async ({ open, shop }) => {
  const seller = await open(sell)
  const shopper = shop()
  for (let poll = 0; poll < 5; poll++)
    expect(await shopper.request(`${seller.url}/item`)).toMatchObject({ status: 200 })
  expect(shopper.signatures()).toBe(5)
})

describe('perResource:', () => {
  it('is judged by `quote`, which reserves nothing', async () => {
    const seller = await openSeller(sell)
    const { paidFetch } = createBuyer({ limits: once })
    const ask = () => paidFetch.quote(`${seller.url}/item`)
    expect(await ask()).toMatchObject({ cost: 'payable' })
    expect(await ask()).toMatchObject({ cost: 'payable' })
    await paidFetch(`${seller.url}/item`)
    expect(await ask()).toMatchObject({ cost: 'refused', refusal: { code: 'LIMIT_COUNT' } })
  })

  it.each(['/%69tem', '/item#top', '/./item', '/a/../item', '/item?a', '/item?'])(
    'takes %s for the resource that was bought',
    async (spelled) => {
      const seller = await openSeller(sell)
      const { paidFetch, signatures } = createBuyer({ limits: once })
      await paidFetch(`${seller.url}/item`)
      expect(await refusalOf(paidFetch(seller.url + spelled))).toMatchObject({ code: 'LIMIT_COUNT' })
      expect(signatures()).toBe(1)
    },
  )

  it.each(['/items', '/item/', '/ITEM', '/item%2Fa', '/a%2fb'])('takes %s for another one', async (spelled) => {
    const seller = await openSeller(sell)
    const { paidFetch } = createBuyer({ limits: once })
    await paidFetch(`${seller.url}/item`)
    expect((await paidFetch(seller.url + spelled)).status).toBe(200)
  })

  it('counts no payment that never left', async () => {
    const seller = await openSeller(sell)
    const { client, paidFetch, records } = createBuyer({ limits: once })
    let failures = 1
    client.onAfterPaymentCreation(() => {
      if (failures-- > 0) throw new Error('not yet')
      return undefined
    })
    expect(await refusalOf(paidFetch(`${seller.url}/item`))).toMatchObject({ code: 'REFUSED_BY_HOOK' })
    expect((await paidFetch(`${seller.url}/item`)).status).toBe(200)
    expect(await records()).toMatchObject([{ state: 'settled' }, { state: 'released' }])
    expect(await refusalOf(paidFetch(`${seller.url}/item`))).toMatchObject({ code: 'LIMIT_COUNT' })
  })

  it('counts what was bought before it was set', async () => {
    const seller = await openSeller(sell)
    const ledger = createMemoryLedger()
    await createBuyer({ ledger }).paidFetch(`${seller.url}/item`)
    const { paidFetch } = createBuyer({ ledger, limits: once })
    expect(await refusalOf(paidFetch(`${seller.url}/item`))).toMatchObject({ code: 'LIMIT_COUNT' })
    expect((await paidFetch(`${seller.url}/other`)).status).toBe(200)
  })

  it('is shown by `spending`, where it is given a resource as lists show it', async () => {
    const seller = await openSeller(sell)
    const limits = { perResource: { payments: 1, perDay: '$0.05' } }
    const { client, paidFetch } = createBuyer({ limits, ledger: createSlowLedger(createMemoryLedger()) })
    await paidFetch(`${seller.url}/item?page=1`)
    const [payment] = await client.payments()
    const scope = { resource: `GET ${seller.url}/item` }
    expect(payment?.resource).toBe(scope.resource)
    for (const resource of [scope.resource, `${seller.url}/item`, `${seller.url}/%69tem?page=3`]) {
      expect(await client.spending({ resource })).toMatchObject([
        { limit: 'perDay', allowed: '$10.00' },
        { limit: 'perResource.payments', scope, allowed: '1 payment', spent: '1 payment', left: '0 payments' },
        { limit: 'perResource.perDay', scope, allowed: '$0.05', spent: '$0.01', left: '$0.04' },
      ])
    }
    expect(await client.spending({ resource: `POST ${seller.url}/item` })).toMatchObject([
      {},
      { left: '1 payment' },
      {},
    ])
    expect((await client.spending()).map(({ limit }) => limit)).toEqual(['perDay'])
  })

  it('is shown by `spending` with its query, where queries are told apart', async () => {
    const seller = await openSeller(sell)
    const { client, paidFetch } = createBuyer({ limits: { perResource: { payments: 1, query: true } } })
    await paidFetch(`${seller.url}/item?page=1`)
    expect(await client.spending({ resource: `${seller.url}/item?page=1` })).toMatchObject([{}, { left: '0 payments' }])
    expect(await client.spending({ resource: `${seller.url}/item?page=2` })).toMatchObject([{}, { left: '1 payment' }])
  })

  it.each(['item', '/item', '', 'GET', 'GET /item', 'data:,a', 'a b https://api.example.com'])(
    'error: INVALID_OPTION when `spending` is given %j as a resource',
    async (resource) => {
      const { client } = createBuyer({ limits: once })
      expect(await refusalOf(client.spending({ resource }))).toMatchObject({ code: 'INVALID_OPTION' })
    },
  )

  it.each([
    [{ payments: -1 }, 'perResource.payments'],
    [{ payments: '1' }, 'perResource.payments'],
    [{ query: 'yes' }, 'perResource.query'],
    [{ total: 1 }, 'perResource.total'],
  ])('error: ConfigurationError for %o, which names it', (perResource, name) => {
    expect(() => createBuyer({ limits: { perResource: perResource as object } })).toThrow(name)
  })

  it('error: UNKNOWN_OPTION for a limit that is misspelled', () => {
    const limits = { perResource: { payment: 1 } as object }
    expect(() => createBuyer({ limits })).toThrow(expect.objectContaining({ code: 'UNKNOWN_OPTION' }))
  })
})
