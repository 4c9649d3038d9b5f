import { mkdtemp } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axios from 'axios'
import { describe, expect, it } from 'vitest'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import { wrapAxiosWithPayment } from '../../../src/axios/index.js'
import { x402Client } from '../../../src/client/x402-client.js'
import { x402HTTPClient } from '../../../src/client/x402-http-client.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { createFileLedger } from '../../../src/ledger/file/index.js'
import { systemClock } from '../../../src/payment/clock.js'
import { createManualClock } from '../../../src/testing/manual-clock.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { createBuyer, createCountingSigner } from '../../support/create-buyer.js'
import {
  askToPay,
  createOffer,
  createRequired,
  deliver,
  NETWORK,
  sell,
  startToDeliver,
  TRANSACTION,
  USDC,
} from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'

/** What a call came to: its status, or the code of its error, which axios wraps. */
const outcomeOf = (call: Promise<{ status: number }>) =>
  call.then(
    ({ status }) => status,
    (error: unknown) => Reflect.get(new Object(Reflect.get(new Object(error), 'cause') ?? error), 'code'),
  )

/** A seller whose paid body flows until it is ended, and a call that is reading it. */
async function openFlowing() {
  const open: ServerResponse[] = []
  const seller = await openSeller((request, response) => {
    startToDeliver(request, response)
    if (request.payment !== undefined) open.push(response)
  })
  const buyer = createBuyer({ inFlight: 'join' })
  const stop = new AbortController()
  const headers = { authorization: 'Bearer one' }
  const first = await buyer.paidFetch(seller.url, { headers, signal: stop.signal })
  const reader = first.body?.getReader()
  await reader?.read()
  const end = () => {
    for (const response of open) response.end('1}')
  }
  return { seller, buyer, headers, stop, reader, end, open }
}

describe('a body that flows', () => {
  it('is shared with no one whose credential is another', async () => {
    const { seller, buyer, headers, end } = await openFlowing()
    const tool = wrapFetchWithPayment(fetch, buyer.client.restrict({ reach: 'anywhere', perPayment: '$0.01' }))
    expect(await outcomeOf(tool(seller.url, { headers: { authorization: 'Bearer two' } }))).toBe(200)
    expect(buyer.signatures()).toBe(2)
    expect(await outcomeOf(tool(seller.url, { headers }))).toBe(200)
    expect(buyer.signatures()).toBe(2)
    end()
  })

  it('is shared with no one who may not buy it', async () => {
    const { seller, buyer, headers, end } = await openFlowing()
    const [max, approve] = ['$0.001', () => false]
    expect(await outcomeOf(buyer.paidFetch(seller.url, { headers, x402: { max } }))).toBe('LIMIT_PER_PAYMENT')
    expect(await outcomeOf(buyer.paidFetch(seller.url, { headers, x402: { approve } }))).toBe('NOT_APPROVED')
    expect(buyer.signatures()).toBe(1)
    end()
  })

  it('goes on for whoever joined, once the call that paid was aborted', async () => {
    const { seller, buyer, headers, stop, reader, end } = await openFlowing()
    const second = await buyer.paidFetch(seller.url, { headers })
    stop.abort()
    await reader?.read().catch(() => undefined)
    end()
    expect(await second.json()).toEqual({ ok: 1 })
    expect(buyer.signatures()).toBe(1)
  })

  it('breaks off for everyone at once, and is bought once', async () => {
    const { seller, buyer, headers, reader, open } = await openFlowing()
    const second = await buyer.paidFetch(seller.url, { headers })
    for (const response of open) response.destroy()
    await expect(second.text()).rejects.toThrow()
    await expect(reader?.read()).rejects.toThrow()
    expect(buyer.signatures()).toBe(1)
  })
})

it('a call whose 402 comes late, at a dearer price, is given what an equal one bought', async () => {
  let release: () => void = () => undefined
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  let asked = 0
  const seller = await openSeller(async (request, response) => {
    if (request.payment !== undefined) return deliver(response, request)
    asked++
    if (asked === 1) return askToPay(response)
    await gate
    askToPay(response, createRequired([createOffer({ amount: '900000' })]))
  })
  const buyer = createBuyer({ inFlight: 'join', limits: { perPayment: '$1' } })
  const calls = [buyer.paidFetch(seller.url), buyer.paidFetch(seller.url)]
  await Promise.race(calls)
  release()
  expect(await Promise.all(calls.map(outcomeOf))).toEqual([200, 200])
  expect(seller.authorizations().size).toBe(1)
})

it('a tool is not given what was bought for more than it may spend, though its own 402 was cheap', async () => {
  let askedTwice: () => void = () => undefined
  const gate = new Promise<void>((resolve) => {
    askedTwice = resolve
  })
  let paid: () => void = () => undefined
  const isPaid = new Promise<void>((resolve) => {
    paid = resolve
  })
  let asked = 0
  const seller = await openSeller(async (request, response) => {
    if (request.payment !== undefined) {
      paid()
      await gate
      return deliver(response, request)
    }
    asked++
    askToPay(response, createRequired([createOffer({ amount: asked === 1 ? '900000' : '10000' })]))
    if (asked === 2) askedTwice()
  })
  const buyer = createBuyer({ inFlight: 'join', limits: { perPayment: '$1' } })
  const tool = wrapFetchWithPayment(fetch, buyer.client.restrict({ reach: 'anywhere', perPayment: '$0.01' }))
  const dear = outcomeOf(buyer.paidFetch(seller.url))
  await isPaid
  expect([await outcomeOf(tool(seller.url)), await dear]).toEqual(['LIMIT_PER_PAYMENT', 200])
  expect(buyer.signatures()).toBe(1)
})

it('clients of one name share its total through every door, and none is named beside it', async () => {
  const seller = await openSeller(sell)
  const { client, signatures } = createBuyer()
  const limits = { name: 'team/x', total: '$0.01' }
  const one = wrapFetchWithPayment(fetch, client.restrict({ reach: 'anywhere', ...limits }))
  const other = wrapAxiosWithPayment(axios.create(), client.restrict({ reach: 'anywhere', ...limits }))
  const outcomes = await Promise.all([outcomeOf(one(`${seller.url}/1`)), outcomeOf(other.get(`${seller.url}/2`))])
  expect(outcomes.sort()).toEqual([200, 'LIMIT_TOTAL'])
  expect(signatures()).toBe(1)
  const near = wrapFetchWithPayment(fetch, client.restrict({ reach: 'anywhere', ...limits, name: 'team/xx' }))
  expect(await outcomeOf(near(seller.url))).toBe(200)
  for (const name of ['', '/', 'a//b', 'a/', '../a', 'a\n', 'ä', 'a/b/c/d/e/f/g/h/i'])
    expect(() => client.restrict({ reach: 'anywhere', name })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
})

it('tags that read as a label only the first time label nothing', async () => {
  const seller = await openSeller(sell)
  const { client, paidFetch } = createBuyer()
  let reads = 0
  const tags = new Proxy(['plain'], {
    get: (target, name) => (name === '0' && reads++ > 0 ? 'name/team' : Reflect.get(target, name)),
  })
  expect(await outcomeOf(paidFetch(seller.url, { x402: { tags } }))).toBe(200)
  expect(await client.payments()).toMatchObject([{ tags: ['plain'] }])
})

it.each<[string, (host: string) => RequestInit['headers']]>([
  ['another host', () => ({ hOsT: 'evil.example' })],
  [
    'two of them, the last another',
    (host) => [
      ['Host', host],
      ['host', 'evil.example'],
    ],
  ],
  [
    'two of them, the first another',
    (host) => [
      ['host', 'evil.example'],
      ['Host', host],
    ],
  ],
  ['a user before another host', (host) => ({ host: `${host}@evil.example` })],
  ['nothing', () => new Headers({ host: '' })],
])('a request is not paid with a Host of %s', async (_, toHeaders) => {
  const seller = await openSeller(sell)
  const buyer = createBuyer()
  const headers = toHeaders(new URL(seller.url).host) ?? {}
  expect(await outcomeOf(buyer.paidFetch(seller.url, { headers }))).toBe('HOST_HEADER_DIFFERS')
  expect(buyer.signatures()).toBe(0)
})

it('a signature that came too late leaves nothing behind that is paid', async () => {
  let nowSeconds = 1_700_000_000
  let isLate = true
  const { signer } = createCountingSigner()
  const late: typeof signer = {
    ...signer,
    async signTypedData(...parameters) {
      const signature = await signer.signTypedData(...parameters)
      if (isLate) nowSeconds += 100_000
      return signature
    },
  }
  const clock = { ...systemClock, nowSeconds: () => nowSeconds }
  const client = new x402Client({ clock }).register('eip155:*', new ExactEvmScheme(late))
  const paidFetch = wrapFetchWithPayment(fetch, client)
  const seller = await openSeller(sell)
  expect(await outcomeOf(paidFetch(seller.url))).toBe('SIGNED_TOO_LATE')
  expect(seller.authorizations().size).toBe(0)
  isLate = false
  expect(await outcomeOf(paidFetch(seller.url))).toBe(200)
  expect(seller.authorizations().size).toBe(1)
  expect((await client.payments()).map(({ money }) => money)).toEqual(['settled', 'released'])
})

it('a key buys once in the next process, whatever the clock says and however it is written', async () => {
  const seller = await openSeller(sell)
  const path = join(await mkdtemp(join(tmpdir(), 'pay402-')), 'payments.ledger')
  const x402 = { purchase: 'order-1', purchaseFor: 3600 }
  let aheadSeconds = 0
  const clock = { ...systemClock, nowSeconds: () => systemClock.nowSeconds() + aheadSeconds }
  const before = await createFileLedger(path)
  expect(await outcomeOf(createBuyer({ ledger: before, clock }).paidFetch(seller.url, { x402 }))).toBe(200)
  await before.close()
  const ledger = await createFileLedger(path)
  const { client, paidFetch, signatures } = createBuyer({ ledger, clock })
  const tool = wrapFetchWithPayment(fetch, client.restrict({ reach: 'anywhere', total: '$1' }))
  const paidAxios = wrapAxiosWithPayment(axios.create(), client)
  for (aheadSeconds of [0, -7200, 3000]) {
    expect(await outcomeOf(paidFetch(seller.url, { x402 }))).toBe('ALREADY_BOUGHT')
    expect(await outcomeOf(paidFetch(seller.url, { x402: { ...x402, purchaseFor: 1 } }))).toBe('ALREADY_BOUGHT')
    expect(await outcomeOf(paidFetch(seller.url, { headers: { 'idempotency-key': 'order-1' } }))).toBe('ALREADY_BOUGHT')
    expect(await outcomeOf(tool(seller.url, { x402 }))).toBe('ALREADY_BOUGHT')
    expect(await outcomeOf(paidAxios.get(seller.url, { x402 }))).toBe('ALREADY_BOUGHT')
    expect(await outcomeOf(paidFetch(`${seller.url}/other`, { x402 }))).toBe('PURCHASE_KEY_REUSED')
  }
  expect(signatures()).toBe(0)
  await ledger.close()
})

it.each([
  ['two tokens', { token: `0x${'de'.repeat(20)}` }],
  ['two amounts', { maxAmountRequired: '990000' }],
  ['a symbol of no token that is known', { asset: 'USDT' }],
  ['a price in place of an amount', { amount: undefined, price: '$0.01' }],
  ['an amount with a point', { amount: '0.01' }],
  ['no time at all', { maxTimeoutSeconds: 0 }],
])('an offer with %s is paid nothing', async (_, changes) => {
  const seller = await openSeller((_request, response) => askToPay(response, createRequired([createOffer(changes)])))
  const buyer = createBuyer()
  expect(await outcomeOf(buyer.paidFetch(seller.url))).toBe('NO_PAYABLE_OFFER')
  expect(buyer.signatures()).toBe(0)
})

it.each([
  ['its token under another name', { asset: undefined, token: USDC }],
  ['a symbol', { asset: 'USDC' }],
  ['a time that no one waits for', { maxTimeoutSeconds: Number.MAX_SAFE_INTEGER }],
])('an offer with %s takes no more, and no longer, than it may', async (_, changes) => {
  const seller = await openSeller((request, response) => {
    if (request.payment === undefined) askToPay(response, createRequired([createOffer(changes)]))
    else deliver(response, request)
  })
  // Turned by hand, so that no second passes between what is reserved and what is signed.
  const buyer = createBuyer({ clock: createManualClock() })
  expect(await outcomeOf(buyer.paidFetch(seller.url))).toBe(200)
  const [payment] = await buyer.records()
  expect(payment?.terms).toMatchObject({ amount: 10_000n, asset: USDC })
  expect((payment?.validUntilSeconds ?? 0) - (payment?.atSeconds ?? 0)).toBeLessThanOrEqual(600)
})

/** Reads no header. */
const failing = () => {
  throw new TypeError('no headers')
}

it('a result that is another payment’s, or none, settles nothing and throws nothing', async () => {
  const seller = await openSeller(sell)
  const { client } = createBuyer()
  const http = new x402HTTPClient(client)
  const unpaid = await fetch(seller.url)
  const required = http.getPaymentRequiredResponse((name) => unpaid.headers.get(name))
  const payload = await http.createPaymentPayload(required, { url: seller.url })
  const receipt = { success: true, transaction: TRANSACTION, network: NETWORK, payer: `0x${'de'.repeat(20)}` }
  const headers = new Headers({ 'payment-response': encodeJsonHeader(receipt) })
  await http.processPaymentResult(payload, (name) => headers.get(name), 200)
  const forged = { ...payload, payload: { ...payload.payload, signature: '0x' } }
  headers.set('payment-response', encodeJsonHeader({ ...receipt, payer: undefined }))
  await http.processPaymentResult(forged, (name) => headers.get(name), 200)
  const none: unknown = undefined
  const unread = await http.processPaymentResult(none as typeof payload, failing, 200)
  expect(unread).toEqual({ recovered: false, settleResponse: undefined })
  expect(await client.payments()).toMatchObject([{ money: 'in-doubt' }])
  expect(() => http.encodePaymentSignatureHeader(none as typeof payload)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION' }),
  )
})
