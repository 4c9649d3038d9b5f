import { setImmediate as macrotask } from 'node:timers/promises'
import axios from 'axios'
import { describe, expect, it, onTestFinished } from 'vitest'
import { wrapAxiosWithPayment } from '../../../src/axios/index.js'
import type { ClientOptions } from '../../../src/client/options.js'
import { x402Client } from '../../../src/client/x402-client.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { createFileLedger } from '../../../src/ledger/file/index.js'
import { createMemoryLedger } from '../../../src/ledger/index.js'
import { systemClock } from '../../../src/payment/clock.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import { paymentOf } from '../../../src/payment/summary.js'
import { readAll } from '../../../src/testing/ledger/bench.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { createBuyer } from '../../support/create-buyer.js'
import { createLedgerPath } from '../../support/ledger/create-ledger-path.js'
import { calling } from '../../support/money/create-brisk-buyer.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { createGate } from '../../support/money/create-gate.js'
import { inTurn, type PaidAnswer, pays, says } from '../../support/money/paid-answers.js'
import { askToPay, deliver, NETWORK, TRANSACTION } from '../../support/offers.js'
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

describe('client.drain: payments that are handed out', () => {
  const url = 'https://api.example.com/weather'
  const deliveries = async (path: string) => {
    const again = await createFileLedger(path)
    const found = (await readAll(again)).map(({ delivery }) => delivery)
    await again.close()
    return found
  }

  /** A payment that was being handed out when the drain began is waited for, and what its sender says of it is written down. */
  async function expectDelivered(begun: ReturnType<x402Client['begin']>, draining: Promise<unknown>, path: string) {
    const open = await begun
    await macrotask()
    await open.answered()
    expect(await draining).toEqual(NOTHING_LEFT)
    expect(await deliveries(path)).toEqual(['delivered'])
  }

  it('are waited for by all clients of the ledger that are drained together, and told of by the one that handed them out', async () => {
    const { path, ledger } = await openFile()
    const [idle, busy] = [createBuyer({ ledger }), createBuyer({ ledger })]
    const open = await busy.client.begin(askFor(), { url })
    const draining = Promise.all([idle.client.drain(), busy.client.drain()])
    await macrotask()
    await open.answered()
    expect(await draining).toEqual([NOTHING_LEFT, NOTHING_LEFT])
    expect(await deliveries(path)).toEqual(['delivered'])
    const shared = { ledger: createMemoryLedger() }
    const [one, other] = [createBuyer(shared), createBuyer(shared)]
    const { id } = await other.client.begin(askFor(), { url })
    expect(await one.client.drain({ timeoutMs: 1 })).toEqual(NOTHING_LEFT)
    expect(await other.client.drain({ timeoutMs: 1 })).toMatchObject({ left: [{ id, isHandedOut: true }] })
  })

  it('are waited for where they were signed when the drain began', async () => {
    const [asked, goesOn] = [createGate(), createGate()]
    const { path, ledger } = await openFile()
    const { client } = createBuyer({ ledger })
    client.onAfterPaymentCreation(async () => {
      asked.open()
      await goesOn.passed
    })
    const begun = client.begin(askFor(), { url })
    await asked.passed
    const draining = client.drain()
    goesOn.open()
    await expectDelivered(begun, draining, path)
  })

  it('are waited for where they were opened again when the drain began', async () => {
    const [asked, goesOn] = [createGate(), createGate()]
    const { path, ledger } = await openFile()
    const { client } = createBuyer({ ledger })
    const { id, lost } = await client.begin(askFor(), { url })
    await lost()
    const begun = client.begin(id, {
      async approve() {
        asked.open()
        await goesOn.passed
        return true
      },
    })
    await asked.passed
    const draining = client.drain()
    await macrotask()
    goesOn.open()
    await expectDelivered(begun, draining, path)
  })
})

describe('client.drain: jobs', () => {
  const later = { 'retry-after': '60' }
  const receipt = {
    'payment-response': encodeJsonHeader({ success: true, transaction: TRANSACTION, network: NETWORK }),
  }
  /** No job is waited for by it, and a drain until it's over. */
  const clock = {
    ...systemClock,
    async wait(milliseconds: number, signal: AbortSignal | undefined) {
      if (milliseconds < 60_000) await new Promise((resolve) => signal?.addEventListener('abort', resolve))
    },
  }

  it.each(['fetch', 'axios'])(
    'are asked for once more by %s, by the same payment, until they are done',
    async (door) => {
      const [asked, goesOn] = [createGate(), createGate()]
      const holds: PaidAnswer = async (request, response) => {
        asked.open()
        await goesOn.passed
        return says(202, later)(request, response)
      }
      const seller = await openSeller(inTurn(says(202, later), holds, pays))
      const { client, paidFetch, signatures } = createBuyer({ clock })
      const bought =
        door === 'fetch'
          ? await paidFetch(seller.url)
          : await wrapAxiosWithPayment(axios.create(), client).get(seller.url)
      const waiting = paymentOf(bought)?.job?.wait()
      await asked.passed
      const draining = client.drain()
      await macrotask()
      goesOn.open()
      expect(await waiting).toMatchObject({ status: 200 })
      expect(await draining).toEqual(NOTHING_LEFT)
      expect([seller.authorizations().size, signatures()]).toEqual([1, 1])
    },
  )

  it('pay for nothing where the payment can not be presented', async () => {
    const seller = await openSeller(
      inTurn((_, response) => void response.writeHead(202, { ...later, ...receipt }).end()),
    )
    const { client, paidFetch, signatures } = createBuyer({ clock })
    const job = paymentOf(await paidFetch(seller.url))?.job
    await client.drain()
    await expect(job?.wait()).rejects.toMatchObject({ code: 'JOB_UNPAID' })
    expect([seller.authorizations().size, signatures()]).toEqual([1, 1])
  })

  it('are waited for from the call on, and what comes is written down', async () => {
    const seller = await openSeller((request, response) => {
      if (request.path === '/job') return void response.end('done')
      if (request.payment === undefined) return askToPay(response)
      return void response.writeHead(202, { location: '/job' }).end()
    })
    const { path } = await openFile()
    const ledger = await createFileLedger(path)
    const { client, paidFetch } = createBuyer({ ledger })
    const waiting = paymentOf(await paidFetch(seller.url))?.job?.wait()
    const draining = client.drain()
    expect(await waiting).toMatchObject({ status: 200 })
    expect(await draining).toEqual(NOTHING_LEFT)
    const again = await createFileLedger(path)
    expect(await readAll(again)).toMatchObject([{ delivery: 'delivered' }])
    await again.close()
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
