import { expect, it } from 'vitest'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { beginToPrepay, readCounted } from '../../support/begin-to-prepay.js'
import { askToPay, createOffer, createRequired, deliver } from '../../support/offers.js'

const cheap = createOffer({ amount: '5000' })

it('buys once for calls of one key, at the same time and one after the other', async () => {
  const { seller, buy, buyer } = await beginToPrepay()
  const keyed = () => buy({ x402: { purchase: 'one', purchaseFor: 600 } })
  const responses = await Promise.all([keyed(), keyed(), keyed()])
  expect(await Promise.all(responses.map((response) => response.json()))).toEqual(new Array(3).fill({ ok: true }))
  expect(seller.authorizations().size).toBe(2)
  await expect(keyed()).rejects.toMatchObject({ code: 'ALREADY_BOUGHT' })
  expect(buyer.signatures()).toBe(2)
  expect(seller.value()).toBe(20_000n)
})

it('buys once for one Idempotency-Key, whose request was lost', async () => {
  const { seller, buy } = await beginToPrepay()
  const post = { method: 'POST', body: 'order', headers: { 'idempotency-key': 'order-1' } }
  expect((await buy({ ...post, headers: {} })).status).toBe(200)
  seller.answer((_, response) => response.destroy())
  await expect(buy(post)).rejects.toMatchObject({ money: 'in-doubt' })
  seller.answer(undefined)
  expect((await buy(post)).status).toBe(200)
  expect(seller.authorizations().size).toBe(3)
})

it('refuses another request under a key', async () => {
  const { seller, buy } = await beginToPrepay()
  const call = (body: string) => buy({ method: 'POST', body, x402: { purchase: 'one' } })
  expect((await buy({ method: 'POST', body: 'a' })).status).toBe(200)
  seller.answer((_, response) => response.writeHead(500).end())
  expect((await call('a')).status).toBe(500)
  seller.answer(undefined)
  await expect(call('b')).rejects.toMatchObject({ code: 'PURCHASE_KEY_REUSED' })
  expect(seller.authorizations().size).toBe(3)
})

it('pays once for equal calls that join, which a restricted client does by itself', async () => {
  const { seller, buyer } = await beginToPrepay()
  const agentFetch = wrapFetchWithPayment(fetch, buyer.client.restrict({ reach: 'anywhere' }))
  await agentFetch(seller.url)
  const [, asked] = seller.counts()
  const responses = await Promise.all(Array.from({ length: 4 }, () => agentFetch(seller.url)))
  expect(await Promise.all(responses.map((response) => response.json()))).toEqual(new Array(4).fill({ ok: true }))
  expect(seller.authorizations().size).toBe(3)
  expect(seller.counts()[1]).toBe(asked)
})

it('ends one wait alone where one of those that joined is aborted', async () => {
  const { seller, buy } = await beginToPrepay({ inFlight: 'join' })
  const abort = new AbortController()
  seller.answer((request, response) => {
    if (abort.signal.aborted) deliver(response, request)
    else abort.abort()
  })
  const [first, second] = [buy({ signal: abort.signal }), buy()]
  await expect(first).rejects.toMatchObject({ name: 'AbortError' })
  expect((await second).status).toBe(200)
  expect(seller.authorizations().size).toBe(2)
})

it.each([
  ['that join', { inFlight: 'join' }],
  ['of one key', { purchase: 'one' }],
] as const)('buys once for calls %s and fell back to asking, whenever each is asked to pay', async (_, x402) => {
  const { seller, buy, buyer } = await beginToPrepay({ limits: { total: '$0.03', perPayment: '$0.015' } })
  seller.change({ amount: '5000' })
  const refused = { ...x402, max: '$0.005' }
  let waiting: (() => void) | undefined
  let asked = 0
  seller.answer((request, response) => {
    const answer = () => (request.payment ? deliver(response, request) : askToPay(response, createRequired([cheap])))
    if (request.payment === undefined && ++asked === 2) waiting = answer
    else answer()
  })
  const [first, second] = [buy({ x402: refused }), buy({ x402: refused })]
  const soonest = await Promise.race([first, second])
  expect(await soonest.json()).toEqual({ ok: true })
  while (waiting === undefined) await new Promise((resolve) => setTimeout(resolve, 5))
  waiting()
  const bodies = await Promise.all(
    [first, second].map(async (one) => ((await one).bodyUsed ? undefined : (await one).json())),
  )
  expect(bodies).toContainEqual({ ok: true })
  expect(seller.value()).toBe(15_000n)
  expect(await readCounted(buyer)).toEqual(['settled 10000', 'settled 5000'])
})

it('pays for what hooks leave to pay, and hands over what they make free', async () => {
  const { seller, buy, buyer } = await beginToPrepay()
  buyer.client.onPaymentRequired(() => ({ headers: { 'x-member': 'yes' } }))
  const [count] = seller.counts()
  expect((await buy()).status).toBe(200)
  expect(seller.authorizations().size).toBe(2)
  expect(seller.requests.slice(count).length).toBe(2)
  seller.answer((request, response) => (request.payment ? deliver(response, request) : response.end('member')))
  expect(await (await buy()).text()).toBe('member')
  expect(seller.authorizations().size).toBe(2)
  expect(buyer.signatures()).toBe(2)
})

it('pays nothing where a hook refuses, nor more than is remembered where it changes what is signed', async () => {
  const { seller, buy, buyer } = await beginToPrepay()
  buyer.client.onBeforePaymentCreation(() => ({ abort: true, reason: 'no' }))
  await expect(buy()).rejects.toMatchObject({ money: 'untouched' })
  expect(seller.authorizations().size).toBe(1)
  const tricked = await beginToPrepay()
  tricked.buyer.client.registerPolicy((_, offers) => offers.map((offer) => ({ ...offer, amount: '900000' })) as never)
  await tricked.buy().catch(() => undefined)
  expect(tricked.seller.value()).toBeLessThanOrEqual(20_000n)
})
