import { setImmediate as macrotask } from 'node:timers/promises'
import axios from 'axios'
import ky from 'ky'
import ky2 from 'ky2'
import { afterEach, describe, expect, it } from 'vitest'
import { wrapAxiosWithPayment } from '../../../src/axios/index.js'
import type { ClientOptions } from '../../../src/client/options.js'
import { wrapFetchWithPayment } from '../../../src/fetch/index.js'
import { type Job, paymentOf, type SavedJob } from '../../../src/index.js'
import { wrapKyWithPayment } from '../../../src/ky/index.js'
import { systemClock } from '../../../src/payment/clock.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { createBuyer } from '../../support/create-buyer.js'
import { askToPay, NETWORK, TRANSACTION } from '../../support/offers.js'
import { type Handler, type Seller, type SellerRequest, startSeller } from '../../support/start-seller.js'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

async function open(handler: Handler): Promise<Seller> {
  const seller = await startSeller(handler)
  stops.push(seller.stop)
  return seller
}

type Reply = { status?: number; headers?: Record<string, string>; body?: string }

const receipt = (transaction = TRANSACTION) => ({
  'payment-response': encodeJsonHeader({ success: true, transaction, network: NETWORK }),
})

/** Sells at `/report` for what `accepted` says, and replies at other paths one after the other; the last reply stays. */
function accepting(accepted: Reply, ...replies: Reply[]): Handler {
  let asked = 0
  return (request, response) => {
    const isSold = request.path.startsWith('/report')
    if (isSold && request.payment === undefined) return askToPay(response)
    const { status = 202, headers, body } = isSold ? accepted : (replies[Math.min(asked++, replies.length - 1)] ?? {})
    response.writeHead(status, headers).end(body)
  }
}

const json = { 'content-type': 'application/json' }
const DONE: Reply = { status: 200, headers: json, body: '{"report":"done"}' }
const PENDING: Reply = { status: 202, headers: { 'retry-after': '0' } }

/** A clock by which no pause takes long, and that tells how long they were. */
function createHastyClock() {
  const pauses: number[] = []
  const clock = {
    ...systemClock,
    wait: async (milliseconds: number) => {
      pauses.push(milliseconds)
      await macrotask()
    },
  }
  return { clock, pauses }
}

async function buy(handler: Handler, init: RequestInit = {}, options: ClientOptions = {}) {
  const seller = await open(handler)
  const { clock, pauses } = createHastyClock()
  const buyer = createBuyer({ clock, ...options })
  const response = await buyer.paidFetch(`${seller.url}/report`, init)
  const job = paymentOf(response)?.job
  const asked = () => seller.requests.filter(({ path }) => !path.startsWith('/report'))
  return { ...buyer, seller, response, job, asked, pauses }
}

function waitFor<Native extends object>(job: Job<Native> | undefined, options?: Parameters<Job<Native>['wait']>[0]) {
  if (job === undefined) throw new Error('there is no job')
  return job.wait(options)
}

describe('paymentOf(response).job', () => {
  it('waits where Location says, and writes down what was delivered, without a second payment', async () => {
    const accepted = { headers: { location: '/jobs/1?key=of-the-job' } }
    const bought = await buy(accepting(accepted, PENDING, PENDING, DONE), { method: 'POST', body: 'one' })
    expect([bought.response.status, paymentOf(bought.response)]).toMatchObject([202, { delivery: 'lost' }])
    const done = await waitFor(bought.job)
    expect([done.status, await done.json()]).toEqual([200, { report: 'done' }])
    expect(paymentOf(done)).toMatchObject({ id: bought.job?.payment, delivery: 'delivered', money: 'in-doubt' })
    expect(bought.asked().map(({ method, path, payment }) => [method, path, payment])).toEqual(
      Array.from({ length: 3 }, () => ['GET', '/jobs/1?key=of-the-job', undefined]),
    )
    expect([bought.signatures(), bought.seller.authorizations().size]).toEqual([1, 1])
    expect(await bought.client.payments()).toMatchObject([{ delivery: 'delivered', status: 200 }])
  })

  it('presents the payment of a GET once where a Location is named, since that could begin another job', async () => {
    const { seller } = await buy(accepting({ headers: { location: '/jobs/1', 'retry-after': '0' } }, DONE))
    expect(seller.requests.filter(({ payment }) => payment !== undefined)).toHaveLength(1)
  })

  it('settles by the receipt that comes with the answer', async () => {
    const last = { ...DONE, headers: { ...json, ...receipt() } }
    const bought = await buy(accepting({ headers: { location: '/jobs/1' } }, last))
    const done = await waitFor(bought.job)
    expect(paymentOf(done)).toMatchObject({
      money: 'settled',
      transaction: TRANSACTION,
      receipt: { state: 'verified' },
    })
    expect(await bought.client.payments()).toMatchObject([{ money: 'settled', transaction: TRANSACTION }])
  })

  it.each([
    ['statusUrl', { statusUrl: '/jobs/1' }],
    ['status_url', { id: 1, status_url: '/jobs/1' }],
    ['links.status', { links: { status: { href: '/jobs/1' } } }],
    ['urls.get', { urls: { get: '/jobs/1', cancel: '/jobs/1/cancel' } }],
  ])('waits at %s of a body, which stays readable', async (_, body) => {
    const accepted = { headers: { ...json, ...receipt() }, body: JSON.stringify(body) }
    const bought = await buy(accepting(accepted, DONE), { method: 'POST' })
    expect(await bought.response.json()).toEqual(body)
    expect(await (await waitFor(bought.job)).json()).toEqual({ report: 'done' })
  })

  it('asks as the one who paid asked, without what belonged to its request', async () => {
    const headers = {
      authorization: 'Bearer of the caller',
      'idempotency-key': 'order 1',
      'content-type': 'text/plain',
    }
    const bought = await buy(accepting({ headers: { location: '/jobs/1' } }, DONE), {
      method: 'POST',
      body: 'one',
      headers,
    })
    await waitFor(bought.job)
    expect(bought.asked()[0]?.headers).toMatchObject({ authorization: 'Bearer of the caller' })
    const sent = Object.keys(bought.asked()[0]?.headers ?? {})
    expect(
      sent.filter((name) => /^(idempotency-key|content-type|content-length|payment-signature)$/.test(name)),
    ).toEqual([])
  })

  it('waits as long as Retry-After says, and longer each time where it says nothing', async () => {
    const later = { status: 202, headers: { 'retry-after': '120' } }
    const accepted = { headers: { location: '/jobs/1', 'retry-after': '7' } }
    const bought = await buy(accepting(accepted, { status: 202 }, { status: 503 }, later, DONE))
    await waitFor(bought.job)
    expect(bought.pauses).toEqual([7_000, 500, 1_000, 120_000])
  })

  it('follows the seller within its origin', async () => {
    const moved = { status: 303, headers: { location: '/results/1' } }
    const elsewhere = { status: 202, headers: { location: '/jobs/2' } }
    const bought = await buy(accepting({ headers: { location: '/jobs/1' } }, elsewhere, moved, DONE))
    expect((await waitFor(bought.job)).status).toBe(200)
    expect(bought.asked().map(({ path }) => path)).toEqual(['/jobs/1', '/jobs/2', '/results/1'])
  })

  it('does not run in circles at once', async () => {
    const circle = { status: 302, headers: { location: '/jobs/1' } }
    const bought = await buy(
      accepting({ headers: { location: '/jobs/1' } }, ...Array.from({ length: 8 }, () => circle), DONE),
    )
    await waitFor(bought.job)
    expect(bought.pauses).toHaveLength(3)
  })

  it('goes on where a connection breaks', async () => {
    let broken = 0
    const sold = accepting({ headers: { location: '/jobs/1' } }, DONE)
    const bought = await buy((request, response) => {
      if (request.path === '/jobs/1' && broken++ < 2) response.destroy()
      else return sold(request, response)
    })
    expect((await waitFor(bought.job)).status).toBe(200)
  })

  it('hands over a failure of the job, and counts it as nothing delivered', async () => {
    const bought = await buy(accepting({ headers: { location: '/jobs/1' } }, { status: 410, body: 'gone' }))
    const failed = await waitFor(bought.job)
    expect([failed.status, await failed.text()]).toEqual([410, 'gone'])
    expect(await bought.client.payments()).toMatchObject([{ delivery: 'lost' }])
  })

  it('asks its caller what is still pending', async () => {
    const busy = { status: 200, headers: json, body: '{"state":"busy"}' }
    const bought = await buy(accepting({ headers: { location: '/jobs/1' } }, busy, busy, DONE))
    const isPending = async (response: Response) => (await response.clone().json()).state === 'busy'
    expect(await (await waitFor(bought.job, { isPending })).json()).toEqual({ report: 'done' })
  })

  it('error: JOB_UNPAID where the seller asks for money, and pays nothing', async () => {
    const bought = await buy(accepting({ headers: { location: '/jobs/1' } }, { status: 402 }))
    await expect(waitFor(bought.job)).rejects.toMatchObject({
      name: 'DeliveryError',
      code: 'JOB_UNPAID',
      money: 'in-doubt',
    })
    expect(bought.signatures()).toBe(1)
  })

  it('error: JOB_ELSEWHERE for another origin, to which nothing is sent', async () => {
    const other = await open(() => undefined)
    const moved = { status: 302, headers: { location: `${other.url}/x?secret=1` } }
    const first = await buy(accepting({ headers: { location: `${other.url}/x` } }))
    const later = await buy(accepting({ headers: { location: '/jobs/1' } }, moved))
    for (const { job } of [first, later]) {
      const error = await waitFor(job).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'JOB_ELSEWHERE', facts: { 'led to': `${other.url}/x` } })
    }
    expect(other.requests).toEqual([])
  })

  it('error: JOB_NOT_DONE when it takes too long, and it may be waited for again', async () => {
    let isDone = false
    const sold = accepting({ headers: { location: '/jobs/1' } }, { status: 202 })
    const seller: Handler = (request, response) => {
      if (request.path === '/jobs/1' && isDone) response.end('done')
      else return sold(request, response)
    }
    const bought = await buy(seller, {}, { clock: systemClock })
    await expect(waitFor(bought.job, { timeoutMs: 50 })).rejects.toMatchObject({ code: 'JOB_NOT_DONE' })
    isDone = true
    expect(await (await waitFor(bought.job)).text()).toBe('done')
  })

  it('error: ABORTED when its caller gives up, at once', async () => {
    const bought = await buy(
      accepting({ headers: { location: '/jobs/1' } }, { status: 202 }),
      {},
      { clock: systemClock },
    )
    const giveUp = new AbortController()
    const waiting = waitFor(bought.job, { signal: giveUp.signal })
    giveUp.abort()
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError', code: 'ABORTED', money: 'in-doubt' })
  })

  it('is not there for other responses, nor where the seller says nothing', async () => {
    expect((await buy(accepting({ status: 201, headers: { location: '/made/1' } }))).job).toBeUndefined()
    expect((await buy(accepting({ headers: receipt() }))).job).toBeUndefined()
    expect((await buy(accepting({ headers: { 'retry-after': '0' } }), { method: 'POST' })).job).toBeUndefined()
  })

  it.each([{ timeout: 1 }, { timeoutMs: 0 }, { isPending: true }])(
    'error: INVALID_OPTION or UNKNOWN_OPTION for %o',
    async (options) => {
      const bought = await buy(accepting({ headers: { location: '/jobs/1' } }, DONE))
      const code = expect.stringMatching(/^(INVALID|UNKNOWN)_OPTION$/)
      await expect(waitFor(bought.job, options as object)).rejects.toMatchObject({ code })
    },
  )
})

describe('a job with a Retry-After and no address', () => {
  /** Accepts so many times, then delivers; a payment is one whenever it comes. */
  function repeating(pending: number, more: Record<string, string> = {}): Handler {
    let asked = 0
    return (request, response) => {
      if (request.payment === undefined) return askToPay(response)
      if (asked++ < pending) response.writeHead(202, { 'retry-after': '60', ...more }).end()
      else response.writeHead(200, { ...json, ...receipt() }).end('{"report":"done"}')
    }
  }

  it('presents the same payment again', async () => {
    const bought = await buy(repeating(3))
    const done = await waitFor(bought.job)
    expect(await done.json()).toEqual({ report: 'done' })
    expect([bought.signatures(), bought.seller.authorizations().size]).toEqual([1, 1])
    expect(bought.pauses).toEqual([60_000, 60_000, 60_000])
    expect(await bought.client.payments()).toMatchObject([{ money: 'settled', delivery: 'delivered' }])
  })

  it('error: JOB_UNPAID rather than a second payment, where the first one counts as delivered', async () => {
    const bought = await buy(repeating(3, receipt()))
    await expect(waitFor(bought.job)).rejects.toMatchObject({ code: 'JOB_UNPAID', money: 'settled' })
    expect([bought.signatures(), bought.seller.authorizations().size]).toEqual([1, 1])
  })
})

describe('a job that another process takes up', () => {
  const keep = (job: Job | undefined): SavedJob => JSON.parse(JSON.stringify(job))

  it('is waited for there, and written down in the ledger that both have', async () => {
    const bought = await buy(accepting({ headers: { location: '/jobs/1?key=of-the-job' } }, PENDING, DONE))
    const saved = keep(bought.job)
    expect(saved).toEqual({
      payment: bought.job?.payment,
      url: `${bought.seller.url}/jobs/1?key=of-the-job`,
      origin: bought.seller.url,
    })
    const other = createBuyer({ ledger: bought.ledger, clock: createHastyClock().clock })
    const job = await other.paidFetch.job(saved, { headers: { authorization: 'Bearer of the caller' } })
    const done = await job.wait()
    expect(await done.json()).toEqual({ report: 'done' })
    expect(paymentOf(done)).toMatchObject({ id: saved.payment, delivery: 'delivered', terms: { dollars: '$0.01' } })
    expect(bought.asked()[0]?.headers['authorization']).toBe('Bearer of the caller')
    expect([other.signatures(), await other.client.payments()]).toMatchObject([0, [{ delivery: 'delivered' }]])
  })

  it('is waited for with a ledger that knows nothing of it', async () => {
    const bought = await buy(accepting({ headers: { location: '/jobs/1' } }, DONE))
    const job = await createBuyer().paidFetch.job(keep(bought.job))
    const done = await job.wait()
    expect([done.status, paymentOf(done)]).toEqual([200, undefined])
  })

  it('is followed at its origin only, whatever its address was changed to', async () => {
    const bought = await buy(accepting({ headers: { location: '/jobs/1' } }, DONE))
    const other = await open(() => undefined)
    const job = await bought.paidFetch.job({ ...keep(bought.job), url: other.url })
    await expect(job.wait()).rejects.toMatchObject({ code: 'JOB_ELSEWHERE' })
    expect(other.requests).toEqual([])
  })

  it.each([
    null,
    {},
    { payment: 'a', url: 'file:///x', origin: 'null' },
    { payment: 1, url: 'https://a.example', origin: '' },
  ])('error: INVALID_OPTION for %o', async (saved) => {
    await expect(createBuyer().paidFetch.job(saved as never)).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })
})

describe('through other wrappers', () => {
  const isAsk = ({ path }: SellerRequest) => path === '/jobs/1'

  it.each(['http', 'fetch'] as const)('axios: waits by the %s adapter, and hands over parsed data', async (adapter) => {
    const seller = await open(accepting({ headers: { location: '/jobs/1' } }, PENDING, DONE))
    const { client, signatures } = createBuyer({ clock: createHastyClock().clock })
    const api = wrapAxiosWithPayment(axios.create({ baseURL: seller.url, adapter }), client)
    const response = await api.post('/report', { a: 1 }, { headers: { 'x-api-key': 'key' }, params: { q: '1' } })
    expect(response.status).toBe(202)
    const done = await waitFor(paymentOf(response)?.job)
    expect([done.status, done.data, paymentOf(done)?.delivery]).toEqual([200, { report: 'done' }, 'delivered'])
    expect(seller.requests.filter(isAsk)).toMatchObject([{ method: 'GET', headers: { 'x-api-key': 'key' } }, {}])
    expect([signatures(), seller.authorizations().size]).toEqual([1, 1])
  })

  it('axios: a failure of the job is an AxiosError, as validateStatus has it', async () => {
    const seller = await open(accepting({ headers: { location: '/jobs/1' } }, { status: 410, body: 'gone' }))
    const { client } = createBuyer({ clock: createHastyClock().clock })
    const api = wrapAxiosWithPayment(axios.create({ baseURL: seller.url }), client)
    const { job } = paymentOf(await api.post('/report')) ?? {}
    await expect(waitFor(job)).rejects.toMatchObject({ isAxiosError: true, response: { status: 410, data: 'gone' } })
  })

  it('axios: presents the same payment again where no address is named, and never a second one', async () => {
    let asked = 0
    const seller = await open((request, response) => {
      if (request.payment === undefined) return askToPay(response)
      if (asked++ < 1) response.writeHead(202, { 'retry-after': '60' }).end()
      else response.writeHead(200, { ...json, ...receipt() }).end('{"report":"done"}')
    })
    const { client, signatures } = createBuyer({ clock: createHastyClock().clock })
    const api = wrapAxiosWithPayment(axios.create({ baseURL: seller.url }), client)
    const response = await api.get('/report')
    const done = await waitFor(paymentOf(response)?.job)
    expect([done.data, signatures(), seller.authorizations().size]).toEqual([{ report: 'done' }, 1, 1])
  })

  it('axios: takes up what another process kept, and pays nothing', async () => {
    const seller = await open(accepting({ headers: { location: '/jobs/1' } }, DONE))
    const { client, paidFetch, signatures } = createBuyer({ clock: createHastyClock().clock })
    const saved = JSON.parse(JSON.stringify(paymentOf(await paidFetch(`${seller.url}/report`))?.job))
    const api = wrapAxiosWithPayment(axios.create({ headers: { 'x-api-key': 'key' } }), client)
    const done = await (await api.job(saved)).wait()
    expect([done.data, signatures()]).toEqual([{ report: 'done' }, 1])
    expect(seller.requests.filter(isAsk)).toMatchObject([{ headers: { 'x-api-key': 'key' } }])
    const unpaid = await open(askAlways)
    const job = await api.job({ ...saved, url: `${unpaid.url}/jobs/1`, origin: unpaid.url })
    await expect(job.wait()).rejects.toMatchObject({ code: 'JOB_UNPAID' })
    expect(signatures()).toBe(1)
  })

  it.each([
    ['ky 1', ky],
    ['ky 2', ky2 as never as typeof ky],
  ])('%s: waits as its fetch does', async (_, instance) => {
    const seller = await open(accepting({ headers: { location: '/jobs/1' } }, PENDING, DONE))
    const { client } = createBuyer({ clock: createHastyClock().clock })
    const response = await wrapKyWithPayment(instance, client).post(`${seller.url}/report`, { json: { a: 1 } })
    const done = await waitFor(paymentOf(response as Response)?.job)
    expect(await done.json()).toEqual({ report: 'done' })
    expect(seller.authorizations().size).toBe(1)
  })
})

it('a clone of an accepted response has its job, too', async () => {
  const bought = await buy(accepting({ headers: { location: '/jobs/1' } }, DONE))
  expect(paymentOf(bought.response.clone())?.job?.url).toBe(bought.job?.url)
})

it('a restricted client waits for what it paid for', async () => {
  const seller = await open(accepting({ headers: { location: '/jobs/1' } }, DONE))
  const agent = createBuyer().client.restrict({ reach: 'anywhere', total: '$1' })
  const response = await wrapFetchWithPayment(fetch, agent)(`${seller.url}/report`)
  expect((await waitFor(paymentOf(response)?.job)).status).toBe(200)
  expect(await agent.payments()).toMatchObject([{ delivery: 'delivered' }])
})

function askAlways(_request: SellerRequest, response: Parameters<Handler>[1]): void {
  askToPay(response)
}
