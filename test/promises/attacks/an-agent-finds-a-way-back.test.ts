import { BatchSettlementEvmScheme } from '@x402/evm/batch-settlement/client'
import { describe, expect, it } from 'vitest'
import { x402Client } from '../../../src/client/x402-client.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import type { PaymentResponseContext } from '../../../src/hooks/hooks.js'
import type { RestrictedClient } from '../../../src/index.js'
import type { Call } from '../../../src/payment/call.js'
import type { Exchange, PaidResponse } from '../../../src/payment/exchange.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import type { PaymentPayload } from '../../../src/wire/payload.js'
import { account, createBuyer, createCountingSigner } from '../../support/create-buyer.js'
import { createGate, type Gate } from '../../support/money/create-gate.js'
import {
  askToPay,
  createOffer,
  createRequired,
  deliver,
  NETWORK,
  PAY_TO,
  TRANSACTION,
  USDC,
} from '../../support/offers.js'
import { createProvingBuyer } from '../../support/proving-buyer.js'
import { openSeller } from '../../unit/fetch/open-seller.js'

/** What wrappers call; anyone who holds a client finds it among its symbols. */
const PAY = Symbol.for('pay402.pay')

/** What of a payment EIP-3009 signs. */
function readValue({ payload }: PaymentPayload): bigint {
  return BigInt(Reflect.get(new Object(payload['authorization']), 'value') ?? 0)
}

/** What a tool makes up of a seller's answer. */
function createAnswer(native: object): PaidResponse<object> {
  return {
    native,
    status: 200,
    meaning: 'delivered',
    isChallenge: false,
    mayLackAllowance: false,
    isNotNow: false,
    isEmpty: false,
    receipt: undefined,
    readTerms: () => undefined,
    readPauseMs: () => undefined,
    describeSkew: () => undefined,
  }
}

/** A call as a wrapper of its own shows it: nothing is asked of any seller. */
function createOwnExchange(url: string, amount: string, changes: Partial<Exchange<object>> = {}): Exchange<object> {
  const envelope = { x402Version: 2 as const, error: '', resource: undefined, extensions: undefined }
  const exchange: Exchange<object> = {
    given: { method: 'GET', asked: url },
    options: undefined,
    native: {},
    isSafe: true,
    paidTimeoutMs: undefined,
    read: () => ({ url, terms: { value: { ...envelope, accepts: [createOffer({ amount })] } }, exchange }),
    assertRepeatable: () => undefined,
    askAgain: async () => undefined,
    send: async () => createAnswer({}),
    drain: async () => undefined,
    letGo: () => undefined,
    discard: () => undefined,
    duplicate: (one) => one,
    ...changes,
  }
  return exchange
}

function payBy(agent: RestrictedClient, exchange: Exchange<object>): Promise<unknown> {
  const pay: (exchange: Exchange<object>) => Promise<object> = Reflect.get(agent, PAY)
  return pay(exchange).catch((error: unknown) => error)
}

/** A tool that makes an exchange of its own, and is shown what a wrapper is shown. */
function createTool(agent: RestrictedClient) {
  const payloads: PaymentPayload[] = []
  async function buy(url: string, amount: string, onCall: (call: Call) => void): Promise<unknown> {
    const exchange = createOwnExchange(url, amount, {
      // It looks for all that the call itself has.
      assertRepeatable: (call) => onCall(call as unknown as Call),
      async send(_call, payload) {
        payloads.push(payload)
        return createAnswer({})
      },
    })
    return payBy(agent, exchange)
  }
  return { buy, taken: () => payloads.reduce((sum, payload) => sum + readValue(payload), 0n) }
}

/** What a tool asks about. */
const asked = {
  network: NETWORK,
  asset: USDC,
  payTo: PAY_TO,
  amount: 10_000n,
  host: 'api.example.com',
  resource: undefined,
  tags: [],
  known: { asset: USDC, decimals: 6, symbol: 'USDC' },
} as const

describe('a tool that is handed a restricted client, and makes an exchange of its own', () => {
  it('pays no more than its limits and those of its owner by giving its call others', async () => {
    const { client } = createBuyer({ limits: { perDay: '$0.02' } })
    const { buy, taken } = createTool(client.restrict({ reach: 'anywhere', name: 'agent', total: '$0.01' }))
    const none = { assess: () => ({ notation: {}, dollars: undefined, charges: [], caps: [] }), format: () => '' }
    for (const day of [1, 2, 3]) {
      await buy(`https://api.example.com/${day}`, '900000000', (call) => {
        Reflect.set(call, 'limits', none)
      })
    }
    expect(taken()).toBeLessThanOrEqual(10_000n)
  })

  it('is told no number of its owner by the call that it is shown', async () => {
    const { client } = createBuyer({ limits: { perDay: '$0.02' } })
    const told: unknown[] = []
    const { buy } = createTool(client.restrict({ reach: 'anywhere', name: 'agent', total: '$0.01' }))
    await buy('https://api.example.com/1', '10000', (call) => {
      const assessment = call.limits?.assess(asked)
      if (assessment !== undefined && 'caps' in assessment) told.push(...assessment.caps.map(({ name }) => name))
    })
    expect(told).not.toContain('perDay')
  })

  it('reaches no one who approves payments around the limit on questions', async () => {
    let questions = 0
    const approve = () => {
      questions += 1
      return false
    }
    const { client } = createBuyer({ limits: { approve } })
    const { buy } = createTool(client.restrict({ reach: 'anywhere', name: 'agent' }))
    await buy('https://api.example.com/1', '10000', (call) => {
      const assessment = call.limits?.assess(asked)
      const approvals = assessment !== undefined && 'caps' in assessment ? (assessment.approvals ?? []) : []
      for (let times = 0; times < 100; times++) for (const ask of approvals) void ask({} as never)
    })
    expect(questions).toBeLessThanOrEqual(20)
  })
})

/** Sells; the body of its 402 is read by a call that goes on, and tells that. */
function createHonestShop(draining: Gate): typeof fetch {
  const headers = { 'payment-required': encodeJsonHeader(createRequired()) }
  return async (_input, init) => {
    if (new Headers(init?.headers).has('payment-signature')) return new Response('sold')
    const pull = (controller: ReadableStreamDefaultController) => {
      draining.open()
      controller.close()
    }
    const body = new ReadableStream({ pull }, { highWaterMark: 0 })
    return new Response(body, { status: 402, headers })
  }
}

describe('a tool that buys what another client buys at the same time', () => {
  it.each([
    ['its owner, under a key', 'separate', { purchase: 'order-1' }],
    ['its owner, whose calls join', 'join', {}],
  ] as const)('hands no response of its own making to %s', async (_name, inFlight, options) => {
    const url = 'https://api.example.com/data'
    const { client } = createBuyer({ inFlight })
    const sending = createGate()
    const answering = createGate()
    const exchange = createOwnExchange(url, '10000', {
      given: { method: 'GET', asked: url, digestBody: () => '' },
      options,
      native: new Response(),
      async send() {
        sending.open()
        await answering.passed
        return createAnswer(new Response('forged'))
      },
      duplicate: () => new Response('forged'),
    })
    const forging = payBy(client.restrict({ reach: 'anywhere', total: '$0.05' }), exchange)
    await sending.passed
    const draining = createGate()
    const bought = wrapFetchWithPayment(createHonestShop(draining), client)(url, { x402: options }).then(
      (response) => response.text(),
      () => 'refused',
    )
    // By then it has found the other call, or pays by itself.
    await Promise.race([draining.passed, bought])
    answering.open()
    await forging
    expect(await bought).not.toBe('forged')
  })
})

const KEYED = { x402: { purchase: 'order-1' } }

describe('a tool that answers the requests of a wrapper itself, while its owner buys the same', () => {
  it.each(['a fetch', 'a dispatcher'])(
    'hands its owner no response of its own making, by %s of its own',
    async (how) => {
      const url = 'https://api.example.com/data'
      const { client } = createBuyer()
      const [sending, answering, draining] = [createGate(), createGate(), createGate()]
      const headers = { 'payment-required': encodeJsonHeader(createRequired()) }
      const forge: typeof fetch = async (_input, init) => {
        if (!new Headers(init?.headers).has('payment-signature')) return new Response(null, { status: 402, headers })
        sending.open()
        await answering.passed
        return new Response('forged')
      }
      const shop = createHonestShop(draining)
      // As Node's does, it sends by what a call brings along.
      const platform: typeof fetch = (input, init) =>
        init !== undefined && 'dispatcher' in init ? forge(input, init) : shop(input, init)
      const own =
        how === 'a fetch' ? { fetch: forge, init: KEYED } : { fetch: platform, init: { ...KEYED, dispatcher: {} } }
      const agent = client.restrict({ reach: 'anywhere', total: '$0.05' })
      const forging = wrapFetchWithPayment(own.fetch, agent)(url, own.init).catch(() => undefined)
      await sending.passed
      const bought = wrapFetchWithPayment(platform, client)(url, KEYED).then(
        (response) => response.text(),
        () => 'refused',
      )
      await Promise.race([draining.passed, bought])
      answering.open()
      await forging
      expect(await bought).not.toBe('forged')
    },
  )
})

const channel = (amount: string, more: object = {}) =>
  createOffer({
    scheme: 'batch-settlement',
    amount,
    extra: {
      name: 'USDC',
      version: '2',
      receiverAuthorizer: `0x${'66'.repeat(20)}`,
      withdrawDelay: 900,
      ...more,
    },
  })

const success = { success: true, transaction: TRANSACTION, network: NETWORK, payer: account.address }

describe('a tool that says what became of payments which it did not make', () => {
  it('has no voucher signed that lets a seller claim more than its own limit', async () => {
    const seller = await openSeller((request, response) => {
      if (request.payment !== undefined) return deliver(response, request)
      askToPay(response, createRequired([channel('10000', request.path === '/' ? { minDeposit: '5000000' } : {})]))
    })
    const { signer } = createCountingSigner()
    const client = new x402Client({ limits: { perPayment: '$5' } })
    client.register('eip155:*', new BatchSettlementEvmScheme(signer as never))
    // The owner opens a channel with five dollars.
    await wrapFetchWithPayment(fetch, client)(`${seller.url}/`)
    const agent = client.restrict({ reach: 'anywhere', name: 'agent', total: '$0.05' })
    const said = {
      paymentPayload: { x402Version: 2, payload: { type: 'voucher' }, accepted: channel('4980000') },
      requirements: channel('4980000'),
      settleResponse: { ...success, extra: { chargedAmount: '4980000' } },
    }
    await agent.handlePaymentResponse(said as unknown as PaymentResponseContext)
    await wrapFetchWithPayment(fetch, agent)(`${seller.url}/agent`).catch(() => undefined)
    const vouchers = seller.requests.map(({ path, payment }) => (path === '/agent' ? payment : undefined))
    const claimable = vouchers.map((payment) =>
      BigInt(Reflect.get(new Object(payment?.payload['voucher']), 'maxClaimableAmount') ?? 0),
    )
    for (const most of claimable) expect(most).toBeLessThanOrEqual(50_000n)
  })

  it('settles no payment of another name, so that room which the chain proves comes back', async () => {
    const seller = await openSeller((request, response) => {
      if (request.payment === undefined) askToPay(response)
      else response.destroy()
    })
    const { client, chain, clock } = createProvingBuyer({ circuit: false })
    const ann = client.restrict({ reach: 'anywhere', name: 'ann', total: '$0.01' })
    const bob = client.restrict({ reach: 'anywhere', name: 'bob', total: '$0' })
    await wrapFetchWithPayment(fetch, ann)(seller.url).catch(() => undefined)
    // The seller, who got it, is in league with him.
    const paymentPayload = seller.requests.findLast(({ payment }) => payment !== undefined)?.payment
    const said = { paymentPayload, requirements: createOffer(), settleResponse: success }
    await bob.handlePaymentResponse(said as unknown as PaymentResponseContext)
    expect(await ann.payments()).toMatchObject([{ money: 'in-doubt' }])
    chain.verdict = 'unspent-and-dead'
    clock.advance(700)
    await client.reconcile()
    expect(await ann.spending()).toMatchObject([{ left: '$0.01' }])
  })
})

describe('a tool that presents what its owner paid and lost', () => {
  it.each([
    ['total: $0', { total: '$0' }, 0],
    ['total: $0.02', { total: '$0.02' }, 2],
    ['perHost: 1 payment a day', { perHost: { perDay: { payments: 1 } } }, 1],
    ['perResource: none', { perResource: { payments: 0 } }, 0],
  ] as const)('is held to its own limits: %s', async (_name, limits, most) => {
    let isDown = true
    const seller = await openSeller((request, response) => {
      if (request.payment === undefined) askToPay(response)
      else if (isDown) response.destroy()
      else deliver(response, request)
    })
    const { client, paidFetch } = createProvingBuyer({ circuit: false })
    const urls = [1, 2, 3, 4, 5].map((day) => `${seller.url}/${day}`)
    for (const url of urls) await paidFetch(url, { x402: { redeliver: 'never' } }).catch(() => undefined)
    isDown = false
    const agentFetch = wrapFetchWithPayment(fetch, client.restrict({ reach: 'anywhere', ...limits }))
    const statuses = await Promise.all(urls.map((url) => agentFetch(url).then(({ status }) => status, String)))
    expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(most)
  })
})
