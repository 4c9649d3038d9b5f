import { once } from 'node:events'
import { Readable } from 'node:stream'
import type { ReadableStream as NodeWebStream } from 'node:stream/web'
import { setTimeout as wait } from 'node:timers/promises'
import axios, { type AxiosAdapter } from 'axios'
import ky from 'ky'
import { describe, expect, it } from 'vitest'
import { wrapAxiosWithPayment } from '../../../src/axios/wrap-axios-with-payment.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { wrapKyWithPayment } from '../../../src/ky/wrap-ky-with-payment.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { createManualClock } from '../../../src/testing/manual-clock.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { createBuyer } from '../../support/create-buyer.js'
import { createGate } from '../../support/money/create-gate.js'
import { inTurn } from '../../support/money/paid-answers.js'
import { askToPay, createOffer, createRequired, deliver, sell } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'

/** A fetch whose bodies are streams of Node's, as those of the package `node-fetch` are. */
const nodeStreamFetch: typeof fetch = async (input, init) => {
  const response = await fetch(input, init)
  const { status, statusText, headers, url, ok } = response
  const body = response.body && Readable.fromWeb(response.body as NodeWebStream)
  const text = async () => {
    const chunks: Uint8Array[] = []
    for await (const chunk of body ?? []) chunks.push(chunk)
    return Buffer.concat(chunks).toString()
  }
  return { status, statusText, headers, url, ok, body, bodyUsed: false, text } as unknown as Response // of another class
}

describe('a fetch whose bodies are streams of Node’s:', () => {
  it('keeps nothing reserved for what it never sent', async () => {
    const seller = await openSeller((request, response) => {
      if (request.payment === undefined) askToPay(response, createRequired([createOffer({ amount: '1000000' })]))
      else deliver(response, request)
    })
    const buyer = createBuyer({ limits: { perDay: '$2' } })
    const paidFetch = wrapFetchWithPayment(nodeStreamFetch, buyer.client)
    for (const thing of ['1', '2']) await paidFetch(`${seller.url}/${thing}`).catch(() => undefined)
    const held = (await buyer.records()).filter(({ state }) => state === 'reserved')
    expect(held).toEqual([])
  })
})

describe('a paid request whose payment can no longer be taken ends with it:', () => {
  const doors: Record<string, (buyer: ReturnType<typeof createBuyer>, url: string) => Promise<unknown>> = {
    fetch: ({ paidFetch }, url) => paidFetch(url, { method: 'POST' }),
    ky: ({ client }, url) => wrapKyWithPayment(ky.create({ retry: 0, timeout: false }), client).post(url),
    'axios (http adapter)': ({ client }, url) =>
      wrapAxiosWithPayment(axios.create({ adapter: 'http' }), client).post(url),
    'axios (fetch adapter)': ({ client }, url) =>
      wrapAxiosWithPayment(axios.create({ adapter: 'fetch' }), client).post(url),
  }

  it.each(Object.entries(doors))('by %s', async (_name, buy) => {
    const closed: Promise<unknown>[] = []
    const seller = await openSeller((request, response) => {
      if (request.payment === undefined) askToPay(response, createRequired([createOffer({ maxTimeoutSeconds: 1 })]))
      else closed.push(once(response, 'close'))
    })
    await expect(buy(createBuyer(), seller.url)).rejects.toThrow('no response arrived')
    const ended = await Promise.race([Promise.all(closed).then(() => 'ended'), wait(2000, 'goes on')])
    expect(ended).toBe('ended')
  })
})

describe('a call that joins another one', () => {
  it.each(['fetch', 'axios'])('waits no longer than its own timeout says, by %s', async (door) => {
    const [paid, answered] = [createGate(), createGate()]
    const seller = await openSeller(async (request, response) => {
      if (request.payment === undefined) return askToPay(response)
      paid.open()
      await answered.passed
      deliver(response, request)
    })
    const { client } = createBuyer()
    const ask = (milliseconds: number) =>
      door === 'fetch'
        ? wrapFetchWithPayment(fetch, client.restrict({ reach: 'anywhere' }), { timeouts: { paidMs: milliseconds } })(
            seller.url,
          )
        : wrapAxiosWithPayment(axios.create({ timeout: milliseconds }), client.restrict({ reach: 'anywhere' })).get(
            seller.url,
          )
    const patient = ask(60_000)
    await paid.passed
    const hasty = ask(100).then(
      () => 'answered',
      () => 'gave up',
    )
    const outcome = await Promise.race([hasty, wait(1500, 'waits on')])
    answered.open()
    await patient
    expect(outcome).toBe('gave up')
  })

  it('is given what the adapter of the other one read, be it a list', async () => {
    const adapter: AxiosAdapter = async (config) => {
      const isPaid = config.headers.has('payment-signature')
      await wait(isPaid ? 50 : 0)
      const headers = { 'payment-required': encodeJsonHeader(createRequired()) }
      return isPaid
        ? { data: [1, 2], status: 200, statusText: 'OK', headers: {}, config }
        : { data: {}, status: 402, statusText: '', headers, config }
    }
    const api = wrapAxiosWithPayment(axios.create({ adapter }), createBuyer().client)
    const ask = () => api.get('http://127.0.0.1/it', { headers: { 'idempotency-key': 'order-1' } })
    const answers = await Promise.all([ask(), ask()])
    expect(answers.map(({ data }) => data)).toEqual([
      [1, 2],
      [1, 2],
    ])
  })

  it('can read the 402 that the payment ended with, as every other one can', async () => {
    const seller = await openSeller(async (request, response) => {
      if (request.payment !== undefined) await wait(50)
      askToPay(response)
    })
    const { paidFetch } = createBuyer({}, { refusals: 'return' })
    const ask = () => paidFetch(seller.url, { headers: { 'idempotency-key': 'order-1' } })
    const responses = await Promise.all([ask(), ask()])
    expect(await Promise.all(responses.map((response) => response.text()))).toEqual(['{}', '{}'])
  })

  it('is given an answer whose status the platform can’t make', async () => {
    const seller = await openSeller((request, response) => {
      if (request.payment === undefined) return askToPay(response)
      response.writeHead(700).end('paid')
    })
    const { paidFetch } = createBuyer()
    const { signal } = new AbortController()
    const ask = async () => (await paidFetch(seller.url, { signal, headers: { 'idempotency-key': 'order-1' } })).text()
    expect(await Promise.all([ask(), ask()])).toEqual(['paid', 'paid'])
  })

  it('is never given what another tool’s own fetch made up', async () => {
    const seller = await openSeller(sell)
    const { client } = createBuyer()
    const paid = createGate()
    const liar = wrapFetchWithPayment(
      async (input, init) => {
        if (!new Headers(init?.headers).has('payment-signature')) return fetch(input, init)
        paid.open()
        await wait(200)
        return new Response('made up')
      },
      client.restrict({ reach: 'anywhere', total: '$0.10' }),
    )
    const lying = liar(seller.url)
    await paid.passed
    const honest = await wrapFetchWithPayment(fetch, client.restrict({ reach: 'anywhere' }))(seller.url)
    expect(await honest.text()).toBe('{"ok":true}')
    await lying
  })
})

it.each([
  ['with a receipt', sell],
  ['without a receipt', inTurn((_request, response) => void response.end('{}'))],
])('a ledger in memory lets go of what was delivered %s, once nobody can spend it any more', async (_name, handler) => {
  const seller = await openSeller(handler)
  const clock = createManualClock()
  const { paidFetch, records } = createBuyer({ clock, ledger: createMemoryLedger({ keep: 5, clock }) })
  const buy = async (thing: number) => (await paidFetch(`${seller.url}/${thing}`)).text()
  for (let thing = 0; thing < 20; thing++) await buy(thing)
  clock.advance(120)
  await buy(20) // whose own end has not passed
  expect((await records()).length).toBeLessThanOrEqual(6)
})

it('an answer that can’t be watched is handed over all the same', async () => {
  const seller = await openSeller(sell)
  const freezing: typeof fetch = async (input, init) => Object.freeze(await fetch(input, init))
  const response = await wrapFetchWithPayment(freezing, createBuyer().client)(seller.url)
  expect(await response.text()).toBe('{"ok":true}')
})
