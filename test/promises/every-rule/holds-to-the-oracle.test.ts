import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TypedData } from '../../../schemes/evm/index.js'
import { wrapFetchWithPayment } from '../../../src/fetch/index.js'
import { isX402Error, type PaymentRequired, paymentOf } from '../../../src/index.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { flood, mutate, mutation } from '../../support/fuzz/attack.js'
import { init as anyInit, buying, createBuyer, NOW_SECONDS, PAYER } from '../../support/fuzz/drawn-buyer.js'
import { FITTING, hostileValue } from '../../support/fuzz/fitting-values.js'
import { at } from '../../support/fuzz/open-told-shop.js'
import { type ExpectedTypedData, judge, listEntries } from '../../support/fuzz/oracle.js'
import { runs } from '../../support/fuzz/runs.js'
import { createOffer, createRequired, NETWORK, TRANSACTION, USDC } from '../../support/offers.js'

const url = 'https://api.example.com/paid'

/** A 402 to start from: a good offer, sometimes beside others, some of which are good. */
function createChallenge(version: 1 | 2, hasOthers: boolean): object {
  const { amount, ...rest } = createOffer({ network: 'base-sepolia' })
  const good = version === 2 ? createOffer() : { ...rest, maxAmountRequired: amount }
  const others = [
    createOffer({ scheme: 'upto' }),
    createOffer({ amount: '20000' }),
    { ...rest, maxAmountRequired: '500' },
  ]
  const extensions = { a: { info: { b: 1 } } }
  return createRequired(hasOthers ? [good, ...others] : [good], { x402Version: version, extensions })
}

/** A 402 that was changed in some places; as JSON carries it. */
const challenge: fc.Arbitrary<unknown> = fc
  .record({
    version: fc.constantFrom<1 | 2>(1, 2),
    hasOthers: fc.boolean(),
    mutations: fc.array(mutation, { maxLength: 4 }),
    times: fc.oneof({ arbitrary: fc.constant(0), weight: 50 }, fc.constantFrom(50, 9_990, 10_001)),
  })
  .map(({ version, hasOthers, mutations, times }) => {
    const mutated = mutate(createChallenge(version, hasOthers), mutations)
    return times === 0 ? mutated : flood(mutated, times)
  })
  .map(throughJson)

/** Receipts, good and bad. */
const receipt = fc
  .array(mutation, { maxLength: 2 })
  .map((mutations) => mutate({ success: true, transaction: TRANSACTION, network: NETWORK, payer: PAYER }, mutations))

type Buyer = Pick<ReturnType<typeof createBuyer>, 'asked' | 'readings' | 'most'>

/** At most one thing was signed, and it is exactly one valid offer; the payment, if there is one, carries that offer unchanged. */
function expectSoundness(required: unknown, buyer: Buyer, payment: object | undefined, longest?: number): void {
  const { asked, readings, most } = buyer
  const { version, entries } = listEntries(required)
  const distinct = new Map(entries.map((entry) => [JSON.stringify(entry), entry]))
  // By any time that the clock said: it may be turned while the payment is made.
  const valid = [...distinct].flatMap(([text, entry]) =>
    [...readings].flatMap((nowSeconds) => {
      const expected = judge(entry, version, PAYER, nowSeconds, { most, longest })
      return expected === undefined ? [] : [{ text, expected }]
    }),
  )
  expect(asked.length).toBeLessThanOrEqual(1)
  for (const typedData of asked) expect(valid.some(({ expected }) => isSame(typedData, expected))).toBe(true)
  if (payment === undefined) return
  expect(asked).toHaveLength(1)
  const accepted: unknown = Reflect.get(payment, 'accepted')
  if (version === 1) expect(accepted).toBeUndefined()
  else {
    const echoed = valid.filter(({ text }) => text === JSON.stringify(accepted))
    expect(echoed.some(({ expected }) => asked.some((typedData) => isSame(typedData, expected)))).toBe(true)
  }
}

function isSame({ domain, primaryType, types, message }: TypedData, expected: ExpectedTypedData): boolean {
  const { nonce, ...rest } = message
  const isNonce = typeof nonce === 'bigint' || (typeof nonce === 'string' && /^0x[0-9a-f]{64}$/.test(nonce))
  const asText = (value: unknown) => JSON.stringify(value, (_key, one) => (typeof one === 'bigint' ? `${one}n` : one))
  const structs = Object.keys(types)
  return isNonce && primaryType === structs[0] && asText({ domain, structs, message: rest }) === asText(expected)
}

describe('createPaymentPayload', () => {
  it.each(Object.keys(FITTING))(
    'signs only what is exactly valid, whatever is attacked in the place of %s',
    async (key) => {
      for (const version of [1, 2] as const) {
        for (const pick of (FITTING[key] ?? []).keys()) {
          const required = throughJson(mutate(createChallenge(version, false), [{ kind: 'fit', key, pick, at: 0 }]))
          const buyer = createBuyer()
          const payment = await buyer.client
            .createPaymentPayload(required as PaymentRequired, { url })
            .catch(expectOurs)
          expectSoundness(required, buyer, payment)
        }
      }
    },
  )

  const older: Record<string, object> = {
    nothing: {},
    'no timeout': { maxTimeoutSeconds: undefined },
    'null for a timeout': { maxTimeoutSeconds: null },
    'no asset': { asset: undefined },
    'null for an asset': { asset: null },
    'a symbol for an asset': { asset: 'usdc' },
    'a symbol as a token': { asset: null, token: 'USDC_address' },
    'its asset as a token': { asset: undefined, token: USDC },
    'its asset twice': { token: USDC },
    'null in its extra': {
      extra: { name: null, version: null, decimals: null, assetTransferMethod: null, paymentFlow: null },
    },
    'no asset, on a chain whose token has no EIP-3009': { network: 'eip155:38833', asset: undefined, extra: undefined },
    'one symbol of three': { network: 'eip155:42220', asset: 'USDT', extra: undefined },
  }

  it.each(Object.entries(older))('pays the offer of an older seller that writes %s', async (_what, changes) => {
    const required = throughJson(createRequired([createOffer({ ...changes })]))
    const buyer = createBuyer()
    const payment = await buyer.client.createPaymentPayload(required as PaymentRequired, { url })
    expectSoundness(required, buyer, payment)
    const { validBefore, deadline } = buyer.asked[0]?.message ?? {}
    expect(validBefore ?? deadline).toBe(BigInt(NOW_SECONDS + 60))
  })

  it('signs only what is exactly valid, and throws nothing but errors of ours', async () => {
    await fc.assert(
      fc.asyncProperty(challenge, buying, async (required, drawn) => {
        const buyer = createBuyer(drawn)
        const payment = await buyer.client.createPaymentPayload(required as PaymentRequired, { url }).catch(expectOurs)
        expectSoundness(required, buyer, payment)
      }),
      runs(600),
    )
  }, 600_000)

  it('pays whenever an offer is valid, whatever stands beside it', async () => {
    await fc.assert(
      fc.asyncProperty(challenge, buying, async (required, { isOffBy, who, ...rest }) => {
        const { version, entries } = listEntries(required)
        // However wrong the clock is, as long as nobody turns it meanwhile.
        const buyer = createBuyer({ ...rest, isOffBy, who, turnsBy: 0 })
        const nowSeconds = NOW_SECONDS + isOffBy
        fc.pre(entries.some((entry) => judge(entry, version, PAYER, nowSeconds, buyer) !== undefined))
        const payment = await buyer.client.createPaymentPayload(required as PaymentRequired, { url })
        expectSoundness(required, buyer, payment)
      }),
      runs(200),
    )
  }, 600_000)
})

describe('wrapFetchWithPayment', () => {
  const header = (required: unknown) => new Headers({ 'PAYMENT-REQUIRED': encodeJsonHeader(required ?? null) })
  /** Ways in which a seller may say the same; what is unreadable is read as nothing that could be signed. */
  const unpaid = fc.constantFrom<(required: unknown) => Response>(
    (required) => new Response('{}', { status: 402, headers: header(required) }),
    (required) => new Response(JSON.stringify(required) ?? '', { status: 402 }),
    (required) =>
      new Response(JSON.stringify(required) ?? '', { status: 402, headers: { 'content-type': 'text/html' } }),
    (required) => new Response(JSON.stringify(required) ?? '', { status: 402, headers: header(required) }),
  )
  const paid = fc.record({
    status: fc.constantFrom(200, 200, 200, 204, 402, 500),
    receipt: fc.oneof(receipt, hostileValue),
    isRaw: fc.boolean(),
  })

  /** Where the seller moves the call before it asks to be paid, and the payment when it came. */
  const moves = fc.record({
    asksAt: fc.constantFrom(url, url, url, `${url}/moved`, 'https://elsewhere.example/paid'),
    location: fc.constantFrom(undefined, undefined, undefined, '/next', 'https://elsewhere.example/', 'http://['),
  })

  it('sends only what is exactly valid to who asked, throws nothing but errors of ours, and hands over every answer that was paid', async () => {
    await fc.assert(
      fc.asyncProperty(challenge, unpaid, paid, moves, fc.tuple(buying, anyInit), async (...drawn) => {
        const [required, ask, outcome, { asksAt, location }, [given, init]] = drawn
        const buyer = createBuyer(given)
        const sent: object[] = []
        const seller: typeof fetch = async (input, told) => {
          const headers = new Headers(told?.headers)
          const payment = headers.get('PAYMENT-SIGNATURE') ?? headers.get('X-PAYMENT')
          if (payment === null) return at(asksAt, ask(required))
          expect(new URL(String(input)).origin).toBe(new URL(asksAt).origin)
          expectIdentity(headers, init.headers, asksAt)
          if (sent.push(JSON.parse(Buffer.from(payment, 'base64').toString())) > 1)
            return at(String(input), answer(outcome))
          if (location !== undefined)
            return at(String(input), new Response(null, { status: 307, headers: { location } }))
          return at(String(input), answer(outcome))
        }
        const response = await wrapFetchWithPayment(seller, buyer.client)(url, init).catch(expectOurs)
        const isAllowed = new URL(asksAt).origin === new URL(url).origin || given.allowRedirectedOrigin
        if (!isAllowed) expect(buyer.asked).toEqual([])
        const payments = new Set(sent.map((one) => JSON.stringify(one)))
        // What was signed by a clock that was turned meanwhile may be dropped.
        if (given.turnsBy === 0) expect(payments.size).toBe(buyer.asked.length)
        expect(payments.size).toBeLessThanOrEqual(buyer.asked.length)
        expectSoundness(required, buyer, sent[0])
        const isHandedOver = location === undefined || location === '/next'
        if (sent.length > 0 && outcome.status !== 402 && isHandedOver) {
          expect(response?.status).toBe(outcome.status)
          expect(response && paymentOf(response)?.terms?.payer).toBe(PAYER)
        }
      }),
      runs(600),
    )
  }, 600_000)

  it('sends ahead only what is exactly valid of the terms that it was given, and for a minute at most', async () => {
    let ahead = 0
    await fc.assert(
      fc.asyncProperty(challenge, fc.tuple(buying, anyInit), async (required, [given, init]) => {
        const terms = required as PaymentRequired
        const buyer = attempt(() => createBuyer(given, [{ route: url, terms }]))
        if (buyer === undefined) return
        const sent: object[] = []
        const seller: typeof fetch = async (input, told) => {
          const headers = new Headers(told?.headers)
          const payment = headers.get('PAYMENT-SIGNATURE') ?? headers.get('X-PAYMENT')
          if (payment !== null) sent.push(JSON.parse(Buffer.from(payment, 'base64').toString()))
          return at(String(input), answer({ status: 200, receipt: undefined, isRaw: false }))
        }
        const response = await wrapFetchWithPayment(seller, buyer.client)(url, init).catch(expectOurs)
        expectSoundness(required, buyer, sent[0], 60)
        ahead += sent.length
        expect(sent.length).toBeLessThanOrEqual(1)
        if (sent.length > 0) expect(response && paymentOf(response)?.terms?.payer).toBe(PAYER)
      }),
      runs(200),
    )
    expect(ahead).toBeGreaterThan(0)
  }, 600_000)

  it('finds a clock that is an hour off, and a limit that is overlooked', async () => {
    const required = createChallenge(2, false)
    const { client, asked, readings, most } = createBuyer()
    const payment = await client.createPaymentPayload(required as PaymentRequired, { url })
    expectSoundness(required, { asked, readings, most }, payment)
    const late = new Set([...readings].map((seconds) => seconds - 3600))
    expect(() => expectSoundness(required, { asked, readings: late, most }, payment)).toThrow()
    expect(() => expectSoundness(required, { asked, readings, most: 9_999n }, payment)).toThrow()
  })

  function answer({ status, receipt: value, isRaw }: { status: number; receipt: unknown; isRaw: boolean }): Response {
    const text = isRaw ? JSON.stringify(value)?.replace(/[^\x20-\x7e]/g, '?') : encodeJsonHeader(value ?? null)
    const headers = new Headers({ 'PAYMENT-RESPONSE': (text ?? '').slice(0, 10_000) })
    return new Response(status === 204 ? null : 'bought', { status, headers })
  }
})

/** Who the caller is, only the origin is told that was asked. */
function expectIdentity(sent: Headers, given: HeadersInit | undefined, asksAt: string): void {
  const isElsewhere = new URL(asksAt).origin !== new URL(url).origin
  for (const name of ['authorization', 'cookie']) {
    expect(sent.get(name)).toBe(isElsewhere ? null : new Headers(given).get(name))
  }
}

/** What crossed a wire is JSON: what JSON has no word for is gone. */
function throughJson(value: unknown): unknown {
  const text: string | undefined = JSON.stringify(value)
  return text === undefined ? null : JSON.parse(text)
}

/** Makes a buyer, unless what it is given is no 402 at all. */
function attempt<T>(create: () => T): T | undefined {
  try {
    return create()
  } catch (error) {
    return expectOurs(error)
  }
}

function expectOurs(error: unknown): undefined {
  if (!isX402Error(error)) throw error
  expect(error.message.length).toBeLessThan(10_000)
}
