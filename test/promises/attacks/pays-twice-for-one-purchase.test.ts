import axios from 'axios'
import axiosRetry from 'axios-retry'
import fetchCookie from 'fetch-cookie'
import ky from 'ky'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import { wrapAxiosWithPayment } from '../../../src/axios/wrap-axios-with-payment.js'
import type { Payer } from '../../../src/client/payer.js'
import { x402Client } from '../../../src/client/x402-client.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { wrapKyWithPayment } from '../../../src/ky/wrap-ky-with-payment.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import { account, createBuyer } from '../../support/create-buyer.js'
import { calling, createBriskBuyer } from '../../support/money/create-brisk-buyer.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { createGate } from '../../support/money/create-gate.js'
import { drops, inTurn, type PaidAnswer, pays, says } from '../../support/money/paid-answers.js'
import { askToPay, createOffer, createRequired, deliver } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'

/** A seller whose payments can be taken for one second. */
function openHasty(answer: PaidAnswer) {
  const hasty = createRequired([createOffer({ maxTimeoutSeconds: 1 })])
  let sessions = 0
  return openSeller((request, response) => {
    response.setHeader('set-cookie', `session=${++sessions}; Path=/`)
    return request.payment === undefined ? askToPay(response, hasty) : answer(request, response)
  })
}

function createForm(): FormData {
  const form = new FormData()
  form.append('question', 'Hello?')
  return form
}

describe('attack: the seller lets payments live for a second, so that a foreign loss is forgotten after one', () => {
  it.each([401, 404, 409])('a credential that changes with each try buys once a minute at most: %i', async (status) => {
    const seller = await openHasty(says(status))
    const buyer = createBriskBuyer()
    for (let seconds = 0; seconds < 60; seconds += 2) {
      const headers = { authorization: `Signature ${seconds}` }
      await buyer.paidFetch(seller.url, { method: 'POST', headers }).catch(() => undefined)
      buyer.clock.advance(2)
    }
    expect(seller.authorizations().size).toBe(1)
  })

  it('a cookie that the seller changes with each answer buys once a minute at most', async () => {
    const seller = await openHasty(says(404))
    const buyer = createBriskBuyer()
    const jarFetch = fetchCookie(buyer.paidFetch) as typeof fetch
    for (let seconds = 0; seconds < 60; seconds += 2) {
      await jarFetch(seller.url, { method: 'POST' }).catch(() => undefined)
      buyer.clock.advance(2)
    }
    expect(seller.authorizations().size).toBe(1)
  })

  it('a token that takes two seconds to be refreshed after a 401 pays once', async () => {
    const seller = await openHasty((request, response) =>
      (request.headers.authorization === 'fresh' ? pays : says(401))(request, response),
    )
    const buyer = createBriskBuyer()
    await buyer.paidFetch(seller.url, { headers: { authorization: 'stale' } })
    buyer.clock.advance(2)
    await buyer.paidFetch(seller.url, { headers: { authorization: 'fresh' } }).catch(() => undefined)
    expect(seller.authorizations().size).toBe(1)
  })
})

describe('attack: another account after a loss', () => {
  const post = { method: 'POST', body: 'question' }

  it.each([
    ['under a key, an hour later', calling({ purchase: 'invoice-7' }, post), 3600, 1],
    ['without one, within a minute', post, 59, 1],
    // It isn't kept from buying any longer than that: the other account may be another buyer's.
    ['without one, a minute later', post, 61, 2],
  ])('buys what another one lost: %s', async (_when, init, seconds, payments) => {
    const seller = await openSeller(inTurn(drops, pays))
    const clock = createBriskClock()
    const ledger = createMemoryLedger({ clock })
    const wrap = (signer: typeof account) =>
      wrapFetchWithPayment(fetch, new x402Client({ clock, ledger }).register('eip155:*', new ExactEvmScheme(signer)))
    await wrap(account)(seller.url, init).catch(() => undefined)
    clock.advance(seconds)
    const rotated = privateKeyToAccount(generatePrivateKey())
    await wrap(rotated)(seller.url, init).catch(() => undefined)
    expect(seller.authorizations().size).toBe(payments)
  })
})

/** The same form once more, in a `Request`: the platform draws another boundary for each. */
const forms: Readonly<Record<string, (url: string, client: Payer) => Promise<unknown>>> = {
  'a Request': (url, client) =>
    wrapFetchWithPayment(fetch, client)(new Request(url, { method: 'POST', body: createForm() })),
  ky: (url, client) => wrapKyWithPayment(ky, client).post(url, { body: createForm(), retry: 0 }),
}

describe.each(Object.entries(forms))(
  'attack: a form through %s, whose boundary is another each time,',
  (_door, ask) => {
    it('makes one payment when it is sent again after a loss', async () => {
      const seller = await openSeller(inTurn(drops, pays))
      const buyer = createBriskBuyer()
      for (let times = 0; times < 3; times++) await ask(seller.url, buyer.client).catch(() => undefined)
      // The first was lost by the first call, and delivered to the second; the third is a purchase of its own.
      expect(seller.authorizations().size).toBe(2)
    })
  },
)

/** Bodies that aren't text, or are in a `Request`. */
const bodies: Readonly<Record<string, (url: string, client: Payer) => Promise<unknown>>> = {
  'bytes through fetch': (url, client) =>
    wrapFetchWithPayment(fetch, client)(url, { method: 'POST', body: new Uint8Array([1, 2]) }),
  'parameters through fetch': (url, client) =>
    wrapFetchWithPayment(fetch, client)(url, { method: 'POST', body: new URLSearchParams({ a: 'b' }) }),
  'a form through fetch': (url, client) =>
    wrapFetchWithPayment(fetch, client)(url, { method: 'POST', body: createForm() }),
  'text in a Request': (url, client) =>
    wrapFetchWithPayment(fetch, client)(new Request(url, { method: 'POST', body: 'question' })),
  'JSON through ky': (url, client) => wrapKyWithPayment(ky, client).post(url, { json: { a: 1 }, retry: 0 }),
  'a form through axios': (url, client) => wrapAxiosWithPayment(axios.create(), client).postForm(url, { a: 1 }),
}

describe.each(Object.entries(bodies))('attack: the second call of a tool gets its 402 late, with %s,', (_what, ask) => {
  it('and joins what the first one bought in the meantime', async () => {
    const answered = createGate()
    let asks = 0
    const seller = await openSeller(async (request, response) => {
      if (request.payment !== undefined) return deliver(response, request)
      if (++asks > 1) await answered.passed
      askToPay(response)
    })
    const { client, signatures } = createBuyer()
    const agent = client.restrict({ reach: 'anywhere', total: '$1' })
    const calls = [ask(seller.url, agent), ask(seller.url, agent)]
    await Promise.race(calls)
    answered.open()
    await Promise.all(calls)
    expect(signatures()).toBe(1)
  })
})

/** A ledger that fails once to note that an answer was lost, as one over a network may. */
function createHiccup(): Ledger {
  const ledger = createMemoryLedger()
  let hasFailed = false
  return {
    ...ledger,
    async note(id, event) {
      if (event.type !== 'lost' || hasFailed) return ledger.note(id, event)
      hasFailed = true
      throw new Error('connection reset')
    },
  }
}

describe('attack: a ledger that fails once while the answer is given up', () => {
  it('makes no second payment of one call of ky, whose timer asks again at once', async () => {
    let answers = 0
    const seller = await openSeller((request, response) => {
      if (request.payment === undefined) return askToPay(response)
      if (++answers > 1) deliver(response, request)
    })
    const buyer = createBuyer({ ledger: createHiccup() })
    const retry = { limit: 2, retryOnTimeout: true, delay: () => 0 }
    await wrapKyWithPayment(ky, buyer.client).get(seller.url, { timeout: 400, retry })
    expect(seller.authorizations().size).toBe(1)
  })

  it('makes no second payment of a caller that listens to its own signal', async () => {
    let answers = 0
    const [paid, gone] = [createGate(), createGate()]
    const seller = await openSeller((request, response) => {
      if (request.payment === undefined) return askToPay(response)
      paid.open()
      if (++answers > 1) deliver(response, request)
    })
    const buyer = createBuyer({ ledger: createHiccup() })
    const abort = new AbortController()
    abort.signal.addEventListener('abort', () => gone.open())
    const first = buyer.paidFetch(seller.url, { signal: abort.signal })
    first.catch(() => undefined)
    await paid.passed
    abort.abort()
    await gone.passed
    await buyer.paidFetch(seller.url)
    expect(seller.authorizations().size).toBe(1)
  })
})

describe('attack: a paid answer that brings nothing', () => {
  it.each([300, 304, 305])(
    'with status %i and no address is paid three times at most by a loop that retries',
    async (status) => {
      const seller = await openSeller(inTurn((_request, response) => void response.writeHead(status).end()))
      const buyer = createBriskBuyer()
      const ask = async () => (await buyer.paidFetch(seller.url)).text() // what isn't read isn't known to be empty
      for (let times = 0; times < 10; times++) await ask().catch(() => undefined)
      expect(seller.authorizations().size).toBeLessThanOrEqual(3)
    },
  )

  it('since it breaks off is paid three times at most by one call of axios-retry around a wrapped fetch', async () => {
    const seller = await openSeller(
      inTurn((_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
        response.write('{"ok":', () => response.destroy())
      }),
    )
    const buyer = createBriskBuyer()
    const paidFetch = wrapFetchWithPayment(fetch, buyer.client, { refusals: 'return' })
    const instance = axios.create({ adapter: 'fetch', env: { fetch: paidFetch } })
    axiosRetry(instance, { retries: 9, retryDelay: () => 0 })
    await instance.get(seller.url).catch(() => undefined)
    expect(seller.authorizations().size).toBeLessThanOrEqual(3)
  })

  it('that nobody may add a member to is handed over all the same', async () => {
    const seller = await openSeller(inTurn(pays))
    const buyer = createBriskBuyer()
    const frozenFetch: typeof fetch = async (input, init) => Object.freeze(await fetch(input, init))
    const response = await wrapFetchWithPayment(frozenFetch, buyer.client)(seller.url)
    expect(response.status).toBe(200)
  })
})

describe('attack: a key whose payment was made by a call that did not say for how long it is bought', () => {
  it('does not buy again for a call that says so and was handed what it bought', async () => {
    const seller = await openSeller(inTurn(drops, pays))
    const buyer = createBriskBuyer()
    const call = (purchaseFor?: number) =>
      buyer.paidFetch(seller.url, calling({ purchase: 'order-7', purchaseFor }, { method: 'POST' }))
    await call().catch(() => undefined)
    expect((await call(3600)).status).toBe(200)
    await call(3600).catch(() => undefined)
    expect(seller.authorizations().size).toBe(1)
  })
})

describe('attack: the same tags, in another order', () => {
  it('name the same purchase', async () => {
    const seller = await openSeller(inTurn(drops, pays))
    const buyer = createBriskBuyer()
    const call = (tags: string[]) => buyer.paidFetch(seller.url, calling({ tags }, { method: 'POST' }))
    await call(['a', 'b']).catch(() => undefined)
    await call(['b', 'a'])
    expect(seller.authorizations().size).toBe(1)
  })
})
