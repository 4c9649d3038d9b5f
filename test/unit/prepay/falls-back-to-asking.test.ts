import { expect, it, vi } from 'vitest'
import { openDesk } from '../../../src/desk/desk.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { beginToPrepay, readCounted } from '../../support/begin-to-prepay.js'
import { createBuyer } from '../../support/create-buyer.js'

it('asks where a limit refuses the remembered price, and pays what is less now', async () => {
  const { seller, buy, buyer } = await beginToPrepay({ limits: { total: '$0.015' } })
  seller.change({ amount: '5000' })
  expect((await buy()).status).toBe(200)
  expect(seller.counts()).toEqual([4, 2])
  await expect(buy()).rejects.toMatchObject({ code: 'LIMIT_TOTAL', money: 'untouched', response: { status: 402 } })
  expect(buyer.signatures()).toBe(2)
  expect(seller.value()).toBe(15_000n)
})

it('asks where the call may cost less, and takes what is free', async () => {
  const { seller, buy, buyer } = await beginToPrepay()
  await expect(buy({ x402: { max: '$0.001' } })).rejects.toMatchObject({
    code: 'LIMIT_PER_PAYMENT',
    money: 'untouched',
  })
  seller.answer((_, response) => response.end('free'))
  expect(await (await buy({ x402: { max: '$0.001' } })).text()).toBe('free')
  expect(buyer.signatures()).toBe(1)
})

it('exceeds no limit, however many prepaid calls there are at once', async () => {
  const { seller, buy, buyer } = await beginToPrepay({ limits: { total: '$0.05' } })
  const ended = await Promise.allSettled(Array.from({ length: 12 }, () => buy()))
  expect(ended.filter(({ status }) => status === 'fulfilled').length).toBe(4)
  expect(ended.flatMap((one) => (one.status === 'rejected' ? one.reason.code : []))).toEqual(
    new Array(8).fill('LIMIT_TOTAL'),
  )
  expect(seller.value()).toBe(50_000n)
  expect(buyer.signatures()).toBe(5)
})

it('exceeds no limit that two clients share', async () => {
  const ledger = createMemoryLedger()
  const limits = { total: '$0.05' } as const
  const one = await beginToPrepay({ ledger, limits })
  const prepay = [{ route: one.seller.url }]
  const other = createBuyer({ ledger, limits, prepay })
  // A memory of its own: it has to ask first.
  const [, asked] = one.seller.counts()
  expect((await other.paidFetch(one.seller.url)).status).toBe(200)
  expect(one.seller.counts()[1]).toBe(asked + 1)
  const calls = Array.from({ length: 5 }, () => [one.buy(), other.paidFetch(one.seller.url)]).flat()
  const ended = await Promise.allSettled(calls)
  expect(ended.filter(({ status }) => status === 'fulfilled').length).toBe(3)
  expect(one.seller.value()).toBe(50_000n)
})

it('asks whoever approves once a call', async () => {
  const approve = vi.fn(() => true)
  const { seller, buy } = await beginToPrepay({ limits: { approve, total: '$0.02' } })
  expect((await buy()).status).toBe(200)
  expect(approve).toHaveBeenCalledTimes(2)
  // Where it falls back, no one was asked in vain.
  await expect(buy()).rejects.toMatchObject({ code: 'LIMIT_TOTAL' })
  expect(approve).toHaveBeenCalledTimes(2)
  expect(seller.authorizations().size).toBe(2)
})

it('asks the seller nothing where someone refused', async () => {
  const approve = vi.fn(() => approve.mock.calls.length === 1)
  const { seller, buy, buyer } = await beginToPrepay({ limits: { approve } })
  await expect(buy()).rejects.toMatchObject({ code: 'NOT_APPROVED', money: 'untouched' })
  expect(approve).toHaveBeenCalledTimes(2)
  expect(seller.requests.length).toBe(2)
  expect(buyer.signatures()).toBe(1)
})

it('asks where a client is frozen, so that what is free comes through', async () => {
  const { seller, buy, buyer } = await beginToPrepay()
  await openDesk(buyer.ledger).freeze({ by: 'ann@example.com' })
  await expect(buy()).rejects.toMatchObject({ code: 'FROZEN', money: 'untouched' })
  seller.answer((_, response) => response.end('free'))
  expect((await buy()).status).toBe(200)
  expect(buyer.signatures()).toBe(1)
})

it('asks where a client is drained', async () => {
  const { seller, buy, buyer } = await beginToPrepay()
  await buyer.client.drain()
  await expect(buy()).rejects.toMatchObject({ code: 'CLIENT_DRAINED', money: 'untouched' })
  expect(seller.authorizations().size).toBe(1)
})

it('asks where the body can be sent only once, and sends it with that request', async () => {
  const { seller, buy } = await beginToPrepay()
  const post = { method: 'POST', body: 'again' }
  expect((await buy(post)).status).toBe(200)
  const stream = () => new Response('once').body
  const [before] = seller.counts()
  await expect(buy({ ...post, body: stream(), duplex: 'half' } as RequestInit)).rejects.toMatchObject({
    code: 'BODY_NOT_REPLAYABLE',
    money: 'untouched',
  })
  expect(seller.counts()[0]).toBe(before + 1)
  expect(seller.requests.at(-1)?.body.toString()).toBe('once')
})

it('sends what a Request streams with the payment', async () => {
  const { seller, buyer, buy } = await beginToPrepay()
  expect((await buy({ method: 'POST', body: 'first' })).status).toBe(200)
  const body = new Response('streamed').body
  const request = new Request(seller.url, { method: 'POST', body, duplex: 'half' } as RequestInit)
  const [count, asked] = seller.counts()
  expect((await buyer.paidFetch(request)).status).toBe(200)
  expect(seller.counts()).toEqual([count + 1, asked])
  expect(seller.requests.at(-1)?.body.toString()).toBe('streamed')
  // Another route's method has another price, and an empty memory of it.
  expect((await buyer.paidFetch(new Request(seller.url, { method: 'PUT', body: 'put' }))).status).toBe(200)
  expect(seller.counts()).toEqual([count + 3, asked + 1])
})

it('signs nothing for a call that the platform refuses', async () => {
  const { seller, buy, buyer } = await beginToPrepay()
  for (const init of [
    { body: 'a GET has none' },
    { headers: { 'a b': 'c' } },
    { method: 'TRACE' },
    { mode: 'navigate' },
  ]) {
    await expect(buy(init as RequestInit)).rejects.toBeInstanceOf(TypeError)
  }
  expect(buyer.signatures()).toBe(1)
  expect(await readCounted(buyer)).toEqual(['settled 10000'])
  expect(seller.requests.length).toBe(2)
})

it('signs nothing for a call that was aborted', async () => {
  const { seller, buy, buyer } = await beginToPrepay()
  await expect(buy({ signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
  expect(buyer.signatures()).toBe(1)
  expect(await readCounted(buyer)).toEqual(['settled 10000'])
  expect(seller.authorizations().size).toBe(1)
})
