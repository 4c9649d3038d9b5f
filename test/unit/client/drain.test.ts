import { describe, expect, it, onTestFinished } from 'vitest'
import type { ClientOptions } from '../../../src/client/options.js'
import { x402Client } from '../../../src/client/x402-client.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { createFileLedger } from '../../../src/ledger/file/index.js'
import { createMemoryLedger } from '../../../src/ledger/index.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import { readAll } from '../../../src/testing/ledger/bench.js'
import { createBuyer } from '../../support/create-buyer.js'
import { createLedgerPath } from '../../support/ledger/create-ledger-path.js'
import { calling } from '../../support/money/create-brisk-buyer.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { createGate } from '../../support/money/create-gate.js'
import { inTurn, type PaidAnswer, pays } from '../../support/money/paid-answers.js'
import { askToPay, deliver } from '../../support/offers.js'
import type { Handler } from '../../support/start-seller.js'
import { openSeller } from '../fetch/open-seller.js'
import { askFor } from '../flow/ask-for.js'
import { refusalOf } from '../flow/refusal-of.js'

/** A seller that answers a paid request when a test lets it. */
function createPatience() {
  const [asked, goesOn] = [createGate(), createGate()]
  const waits: PaidAnswer = async (request, response) => {
    asked.open()
    await goesOn.passed
    return pays(request, response)
  }
  return { asked, goesOn, waits }
}

/** Sells below /paid, and gives the rest away. */
const sellsSome: Handler = (request, response) => {
  if (!request.path.startsWith('/paid')) return void response.end('free')
  return request.payment === undefined ? askToPay(response) : deliver(response, request)
}

/** A ledger that says whether it was closed. */
function createClosable(close: () => Promise<void> = async () => undefined) {
  let closed = 0
  const ledger: Ledger = {
    ...createMemoryLedger(),
    async close() {
      closed += 1
      await close()
    },
  }
  return { ledger, closed: () => closed }
}

async function openFile() {
  const path = await createLedgerPath()
  const ledger = await createFileLedger(path)
  onTestFinished(() => ledger.close())
  return { path, ledger }
}

/** A fetch that tells when so many responses are here, and whoever asked for them has seen them. */
function countResponses(most: number) {
  const gate = createGate()
  let count = 0
  const counted: typeof fetch = async (...asked) => {
    const response = await fetch(...asked)
    count += 1
    if (count === most) setImmediate(() => gate.open())
    return response
  }
  return { counted, all: gate.passed }
}

const drained = { name: 'DeliveryError', code: 'CLIENT_DRAINED', money: 'untouched' }
const NOTHING_LEFT = { left: [], calls: 0, ledgerError: undefined }

describe('client.drain: what is under way', () => {
  it('ends first, and then the ledger is closed, with all of it on the disk', async () => {
    const { asked, goesOn, waits } = createPatience()
    const seller = await openSeller(inTurn(waits))
    const { path, ledger } = await openFile()
    const { client, paidFetch } = createBuyer({ ledger })
    const response = paidFetch(seller.url)
    await asked.passed
    const draining = client.drain()
    goesOn.open()
    expect((await response).status).toBe(200)
    expect(await draining).toEqual(NOTHING_LEFT)
    await expect(ledger.get('any', 'key')).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' })
    const again = await createFileLedger(path)
    expect(await readAll(again)).toMatchObject([{ delivery: 'delivered' }])
    await again.close()
  })

  it('is each call that joined another one, and each of a restricted client', async () => {
    const { asked, goesOn, waits } = createPatience()
    const seller = await openSeller(inTurn(waits))
    const { ledger, closed } = createClosable()
    const { client } = createBuyer({ ledger })
    const { counted, all } = countResponses(4)
    const [paidFetch, restrictedFetch] = [client, client.restrict({ name: 'tool', reach: 'anywhere' })].map((payer) =>
      wrapFetchWithPayment(counted, payer),
    )
    const calls = [1, 2, 3].map(() => paidFetch?.(`${seller.url}/a`, calling({ purchase: 'order-7' })))
    calls.push(restrictedFetch?.(`${seller.url}/b`))
    await Promise.all([asked.passed, all])
    const draining = client.drain()
    goesOn.open()
    expect((await Promise.all(calls)).map((response) => response?.status)).toEqual([200, 200, 200, 200])
    expect(await draining).toEqual(NOTHING_LEFT)
    expect(closed()).toBe(1)
  })

  it('is what other clients of the ledger do, where several are drained together', async () => {
    const { asked, goesOn, waits } = createPatience()
    const seller = await openSeller(inTurn(waits))
    const { path, ledger } = await openFile()
    const [busy, idle] = [createBuyer({ ledger }), createBuyer({ ledger })]
    const response = busy.paidFetch(seller.url)
    await asked.passed
    const draining = Promise.all([idle.client.drain(), busy.client.drain()])
    goesOn.open()
    await response
    expect(await draining).toEqual([NOTHING_LEFT, NOTHING_LEFT])
    const again = await createFileLedger(path)
    expect(await readAll(again)).toMatchObject([{ delivery: 'delivered' }])
    await again.close()
  })

  it('is a payment that was handed out, until its sender says what came of it', async () => {
    const { ledger, closed } = createClosable()
    const { client, records } = createBuyer({ ledger })
    const open = await client.begin(askFor(), { url: 'https://api.example.com/weather' })
    const draining = client.drain()
    expect(closed()).toBe(0)
    await open.answered()
    expect(await draining).toEqual(NOTHING_LEFT)
    expect(await records()).toMatchObject([{ delivery: 'delivered' }])
    expect(closed()).toBe(1)
  })
})

describe('client.drain: what is left when the time is over', () => {
  it('is told, with where its money is, and is presented again by the next process', async () => {
    const { asked, waits } = createPatience()
    const seller = await openSeller(inTurn(waits, pays))
    const { path, ledger } = await openFile()
    const { client, paidFetch } = createBuyer({ ledger, clock: createBriskClock() })
    const stop = new AbortController()
    const call = refusalOf(paidFetch(seller.url, { signal: stop.signal }))
    await asked.passed
    const [payment] = await readAll(ledger)
    const resource = `GET ${seller.url}/`
    expect(await client.drain({ timeoutMs: 1 })).toEqual({
      left: [{ id: payment?.id, resource, money: 'in-doubt', isHandedOut: false }],
      calls: 1,
      ledgerError: undefined,
    })
    const next = await createFileLedger(path)
    onTestFinished(() => next.close())
    const buyer = createBuyer({ ledger: next, clock: createBriskClock() })
    expect((await buyer.paidFetch(seller.url)).status).toBe(200)
    expect([seller.authorizations().size, buyer.signatures()]).toEqual([1, 0])
    stop.abort()
    await call
  })

  it('is untouched money where a wallet lets its question wait', async () => {
    const asked = createGate()
    const seller = await openSeller(inTurn(pays))
    const { client, paidFetch } = createBuyer({ clock: createBriskClock(), ledger: createMemoryLedger() })
    client.onAfterPaymentCreation(async () => {
      asked.open()
      await new Promise(() => undefined)
    })
    void refusalOf(paidFetch(seller.url))
    await asked.passed
    expect(await client.drain({ timeoutMs: 1 })).toMatchObject({ left: [{ money: 'untouched' }], calls: 1 })
    expect(seller.authorizations().size).toBe(0)
  })

  it('is what was handed out and not told of; nothing waits for one that can no longer be spent', async () => {
    const clock = createBriskClock()
    const { client } = createBuyer({ clock, ledger: createMemoryLedger({ clock }) })
    const open = await client.begin(askFor(), { url: 'https://api.example.com/weather' })
    clock.advance(3600)
    const left = [
      { id: open.id, resource: 'GET https://api.example.com/weather', money: 'in-doubt', isHandedOut: true },
    ]
    expect(await client.drain({ timeoutMs: 60_000 })).toEqual({ ...NOTHING_LEFT, left })
    expect(clock.pausesMs).toEqual([])
  })

  it('is told where nothing is waited for', async () => {
    const { asked, waits } = createPatience()
    const seller = await openSeller(inTurn(waits))
    const { client, paidFetch } = createBuyer()
    const stop = new AbortController()
    const call = refusalOf(paidFetch(seller.url, { signal: stop.signal }))
    await asked.passed
    expect(await client.drain({ timeoutMs: 0 })).toMatchObject({ left: [{ money: 'in-doubt' }], calls: 1 })
    stop.abort()
    await call
  })
})

describe('client.drain: from then on', () => {
  async function openDrained(options: ClientOptions = {}) {
    const seller = await openSeller(sellsSome)
    const buyer = createBuyer({ ledger: createMemoryLedger(), ...options })
    const restricted = buyer.client.restrict({ reach: 'anywhere' })
    await buyer.client.drain()
    return { seller, ...buyer, restricted }
  }

  it('error: CLIENT_DRAINED for a purchase, also of a restricted client, and nothing is signed', async () => {
    const { seller, paidFetch, restricted, signatures, records } = await openDrained()
    for (const ask of [paidFetch, wrapFetchWithPayment(fetch, restricted)]) {
      const error = await refusalOf(ask(`${seller.url}/paid`))
      expect(error).toMatchObject({ ...drained, facts: { resource: `GET ${seller.url}/paid` } })
      expect(error.response).toMatchObject({ status: 402 })
    }
    expect([signatures(), await records()]).toEqual([0, []])
  })

  it('error: INVALID_OPTION changes nothing: what is bought then is paid for', async () => {
    const seller = await openSeller(inTurn(pays))
    const { client, paidFetch } = createBuyer()
    expect(await refusalOf(client.drain({ timeoutMs: -1 }))).toMatchObject({ code: 'INVALID_OPTION' })
    expect((await paidFetch(seller.url)).status).toBe(200)
  })

  it('error: CLIENT_DRAINED for what would be handed out, or handed out again', async () => {
    const { client } = createBuyer({ clock: createBriskClock() })
    const url = 'https://api.example.com/weather'
    const open = await client.begin(askFor(), { url })
    await client.drain({ timeoutMs: 1 })
    for (const asked of [
      () => client.begin(askFor(), { url }),
      () => client.createPaymentPayload(askFor(), { url }),
      () => client.begin(open.id),
    ])
      expect(await refusalOf(asked())).toMatchObject(drained)
    expect(await open.answered()).toMatchObject({ delivery: 'delivered' })
  })

  it('goes on with free calls and quotes', async () => {
    const { seller, paidFetch } = await openDrained()
    expect(await (await paidFetch(`${seller.url}/free`)).text()).toBe('free')
    expect(await paidFetch.quote(`${seller.url}/paid`)).toMatchObject({ offers: [{ price: '0.01 USDC' }] })
  })

  it('goes on buying with another client of the ledger, where that is not closed', async () => {
    const ledger = createMemoryLedger()
    const { seller } = await openDrained({ ledger })
    expect((await createBuyer({ ledger }).paidFetch(`${seller.url}/paid`)).status).toBe(200)
  })
})

describe('client.drain', () => {
  it('called again, is the same promise, whatever it is told then', async () => {
    const { ledger, closed } = createClosable()
    const { client } = createBuyer({ ledger })
    const draining = client.drain()
    expect(client.drain({ timeoutMs: 5 })).toBe(draining)
    await draining
    expect(client.drain()).toBe(draining)
    expect(closed()).toBe(1)
  })

  it('tells why the ledger could not be closed, and throws nothing', async () => {
    const thrown = new Error('the connection is gone')
    const { ledger } = createClosable(() => Promise.reject(thrown))
    expect(await createBuyer({ ledger }).client.drain()).toEqual({ ...NOTHING_LEFT, ledgerError: thrown })
  })

  it.each([[{ timeoutMs: -1 }], [{ timeoutMs: '5s' }], [{ timeoutMs: Number.NaN }], [{ timeout: 5 }], [null]])(
    'error: a ConfigurationError for %o, and the client buys as before',
    async (options) => {
      const seller = await openSeller(sellsSome)
      const { client, paidFetch } = createBuyer()
      expect(await refusalOf(client.drain(options as never))).toMatchObject({ name: 'ConfigurationError' })
      expect((await paidFetch(`${seller.url}/paid`)).status).toBe(200)
      expect(await client.drain()).toEqual(NOTHING_LEFT)
    },
  )

  it('is no verb of a restricted client', () => {
    expect(new x402Client().restrict({ total: '$1' })).not.toHaveProperty('drain')
  })
})
