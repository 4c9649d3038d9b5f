import { setImmediate as macrotask } from 'node:timers/promises'
import { inspect } from 'node:util'
import { afterEach, expect, it } from 'vitest'
import { x402Client } from '../../../src/index.js'
import { createMemoryLedger, type Ledger } from '../../../src/ledger/index.js'
import type { ClientEvent } from '../../../src/payment/stream.js'
import { createBuyer } from '../../support/create-buyer.js'
import { askToPay, createOffer, createRequired, sell, TRANSACTION } from '../../support/offers.js'
import { type Seller, startSeller } from '../../support/start-seller.js'

let seller: Seller
afterEach(() => seller.stop())

it('client.on: tells a purchase in order, frozen, without a signature', async () => {
  seller = await startSeller(sell)
  const { client, paidFetch } = createBuyer()
  const events: ClientEvent[] = []
  client.on('payment', (event) => events.push(event))
  await paidFetch(`${seller.url}/weather?token=secret`)
  expect(events.map(({ type }) => type)).toEqual(['challenge', 'considered', 'reserved', 'signed', 'sent', 'delivered'])
  expect(events.every((event) => Object.isFrozen(event))).toBe(true)
  expect(events.at(-1)).toMatchObject({
    type: 'delivered',
    money: 'settled',
    status: 200,
    transaction: TRANSACTION,
  })
  const signature = String(seller.requests[1]?.payment?.payload['signature'])
  expect(signature).toMatch(/^0x/)
  expect(JSON.stringify(events)).not.toContain(signature.slice(2))
  expect(JSON.stringify(events)).not.toContain('secret')
})

it('client.on: tells refusals, doubt and warnings', async () => {
  seller = await startSeller((request, response) => {
    if (request.path === '/dear') askToPay(response, createRequired([createOffer({ amount: '9000000' })]))
    else if (request.payment === undefined) askToPay(response)
    else response.end('no receipt')
  })
  const { client, paidFetch } = createBuyer()
  client.onPaymentResponse(() => {
    throw new Error('my hook is broken')
  })
  const events: ClientEvent[] = []
  client.on('payment', (event) => events.push(event))
  await paidFetch(`${seller.url}/dear`).catch(() => undefined)
  await paidFetch(`${seller.url}/silent`)
  expect(events.find(({ type }) => type === 'refused')).toMatchObject({
    code: 'LIMIT_PER_PAYMENT',
    money: 'untouched',
    resource: `GET ${seller.url}/dear`,
    payment: undefined,
  })
  expect(events.find(({ type }) => type === 'delivered')).toMatchObject({ money: 'in-doubt', status: 200 })
  expect(events.find(({ type }) => type === 'warning')).toMatchObject({ warning: { code: 'HOOK_FAILED' } })
})

it('client.on: tells how near a payment came to a limit, after it was reserved', async () => {
  seller = await startSeller(sell)
  const { client, paidFetch } = createBuyer({ limits: { perDay: '$0.02', approachAt: [0.5, 1] } })
  const events: ClientEvent[] = []
  client.on('payment', (event) => events.push(event))
  await paidFetch(`${seller.url}/one`)
  await paidFetch(`${seller.url}/two`)
  const [one, two] = (await client.payments()).map(({ id }) => id).toReversed()
  const limit = { limit: 'perDay', scope: {}, allowed: '$0.02' }
  expect(events.filter(({ type }) => type === 'approach')).toMatchObject([
    { ...limit, payment: one, share: 0.5, spent: '$0.01' },
    { ...limit, payment: two, share: 1, spent: '$0.02' },
  ])
})

it('client.on: tells which payment a call lost, and that its purchase was given up', async () => {
  seller = await startSeller((request, response) => {
    if (request.payment === undefined) askToPay(response)
    else response.destroy()
  })
  const { client, paidFetch } = createBuyer()
  const events: ClientEvent[] = []
  client.on('payment', (event) => events.push(event))
  await paidFetch(seller.url, { x402: { redeliver: 'never' } }).catch(() => undefined)
  const [{ id = '' } = {}] = await client.inDoubt()
  await client.forget(id)
  expect(events.find(({ type }) => type === 'refused')).toMatchObject({ code: 'ANSWER_LOST', payment: id })
  expect(events.at(-1)).toMatchObject({ type: 'forgotten', payment: id, money: 'in-doubt' })
})

it('client.on: tells that a payment came near to a limit after that it was reserved', async () => {
  seller = await startSeller(sell)
  const { client, paidFetch } = createBuyer({ limits: { perDay: '$0.02', approachAt: [0.5] } })
  const types: string[] = []
  client.on('payment', ({ type }) => types.push(type))
  await paidFetch(seller.url)
  expect(types.slice(2, 5)).toEqual(['reserved', 'approach', 'signed'])
})

it('error: INVALID_OPTION when a client is asked for events by the name of a type', () => {
  const { client } = createBuyer()
  expect(() => client.on('warning' as 'payment', () => undefined)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION' }),
  )
})

it('error: INVALID_OPTION when a ledger lacks a step, such as one that was written for an earlier version', () => {
  const { note: _note, ...ledger } = createMemoryLedger()
  expect(() => new x402Client({ ledger: ledger as Ledger })).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION' }),
  )
})

it.each([
  ['UNKNOWN_OPTION', { mony: 'settled' }],
  ['INVALID_OPTION', { money: 'setled' }],
  ['INVALID_OPTION', { delivery: 'deliverd' }],
])('error: %s when payments are listed by %o', async (code, filter) => {
  await expect(createBuyer().client.payments(filter as object)).rejects.toMatchObject({ code })
})

it('client.on: a throwing listener changes nothing, and a stopped one is called no more', async () => {
  seller = await startSeller(sell)
  const { client, paidFetch } = createBuyer()
  let calls = 0
  const stop = client.on('payment', () => {
    calls++
    throw new Error('listener')
  })
  expect((await paidFetch(seller.url)).status).toBe(200)
  const before = calls
  stop()
  await paidFetch(seller.url)
  expect(calls).toBe(before)
})

it('client.on: iterates over events until the loop is left', async () => {
  seller = await startSeller(sell)
  const { client, paidFetch } = createBuyer()
  const types: string[] = []
  const reading = (async () => {
    for await (const { type } of client.on('payment')) {
      types.push(type)
      if (type === 'delivered') break
    }
  })()
  await macrotask()
  await paidFetch(seller.url)
  await reading
  expect(types).toHaveLength(6)
})

it('client.payments: lists what was paid, newest first, in dollars', async () => {
  seller = await startSeller((request, response) => {
    if (request.payment === undefined) askToPay(response, createRequired([createOffer({ amount: '20000' })]))
    else if (request.path === '/lost') response.destroy()
    else sell(request, response)
  })
  const { client, paidFetch } = createBuyer()
  await paidFetch(`${seller.url}/good?secret=1`)
  await paidFetch(`${seller.url}/lost`).catch(() => undefined)
  const payments = await client.payments()
  expect(payments).toMatchObject([
    { resource: `GET ${seller.url}/lost`, money: 'in-doubt', delivery: 'lost', price: '0.02 USDC', dollars: '$0.02' },
    { resource: `GET ${seller.url}/good`, money: 'settled', delivery: 'delivered', transaction: TRANSACTION },
  ])
  expect(await client.payments({ money: 'settled' })).toHaveLength(1)
  const cut = await client.payments({ limit: 1 })
  expect(cut).toHaveLength(1)
  expect([cut.more, inspect(cut).includes('more: true')]).toEqual([true, true])
  const whole = await client.payments({ limit: 2 })
  expect([whole.more, Object.keys(whole)]).toEqual([false, ['0', '1']])
  expect(await client.payments({ host: 'elsewhere' })).toEqual([])
})
