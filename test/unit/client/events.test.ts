import { setImmediate as macrotask } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import type { PaymentEvent } from '../../../src/flow/events.js'
import { createBuyer } from '../../support/create-buyer.js'
import { askToPay, createOffer, createRequired, sell, TRANSACTION } from '../../support/offers.js'
import { type Seller, startSeller } from '../../support/start-seller.js'

let seller: Seller
afterEach(() => seller.stop())

it('client.on: tells a purchase in order, frozen, without a signature', async () => {
  seller = await startSeller(sell)
  const { client, paidFetch } = createBuyer()
  const events: PaymentEvent[] = []
  client.on('payment', (event) => events.push(event))
  await paidFetch(`${seller.url}/weather?token=secret`)
  expect(events.map(({ type }) => type)).toEqual([
    'challenge',
    'considered',
    'approved',
    'signed',
    'sent',
    'answered',
    'settled',
  ])
  expect(events.every((event) => Object.isFrozen(event))).toBe(true)
  expect(events.at(-1)).toMatchObject({ type: 'settled', transaction: TRANSACTION })
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
  const events: PaymentEvent[] = []
  client.on('payment', (event) => events.push(event))
  await paidFetch(`${seller.url}/dear`).catch(() => undefined)
  await paidFetch(`${seller.url}/silent`)
  expect(events.find(({ type }) => type === 'refused')).toMatchObject({ code: 'LIMIT_PER_PAYMENT', money: 'untouched' })
  expect(events.find(({ type }) => type === 'in-doubt')).toMatchObject({ because: 'the receipt is missing' })
  expect(events.find(({ type }) => type === 'warning')).toMatchObject({ warning: { code: 'HOOK_FAILED' } })
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
      if (type === 'settled') break
    }
  })()
  await macrotask()
  await paidFetch(seller.url)
  await reading
  expect(types).toHaveLength(7)
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
  expect(await client.payments({ limit: 1 })).toHaveLength(1)
  expect(await client.payments({ host: 'elsewhere' })).toEqual([])
})
