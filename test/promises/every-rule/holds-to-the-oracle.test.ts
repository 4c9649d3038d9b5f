import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ExactEvmScheme, type TypedData } from '../../../schemes/evm/index.js'
import { wrapFetchWithPayment } from '../../../src/fetch/index.js'
import { isX402Error, type PaymentRequired, paymentOf, x402Client } from '../../../src/index.js'
import { createManualClock } from '../../../src/testing/manual-clock.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { flood, mutate, mutation } from '../../support/fuzz/attack.js'
import { FITTING, hostileValue } from '../../support/fuzz/fitting-values.js'
import { type ExpectedTypedData, judge, listEntries } from '../../support/fuzz/oracle.js'
import { runs } from '../../support/fuzz/runs.js'
import { createOffer, createRequired, NETWORK, TRANSACTION } from '../../support/offers.js'

const NOW_SECONDS = 1_700_000_000
const PAYER = '0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A'
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

/** A client with the default limits, whose wallet writes down what it is asked to sign. */
function createBuyer(): { client: x402Client; asked: readonly TypedData[] } {
  const asked: TypedData[] = []
  const wallet = {
    address: PAYER,
    async signTypedData(typedData: TypedData) {
      asked.push(structuredClone(typedData))
      return `0x${'11'.repeat(65)}`
    },
  }
  const client = new x402Client({ clock: createManualClock(NOW_SECONDS) })
  return { client: client.register('eip155:*', new ExactEvmScheme(wallet)), asked }
}

/** At most one thing was signed, and it is exactly one valid offer; the payment, if there is one, carries that offer unchanged. */
function expectSoundness(required: unknown, asked: readonly TypedData[], payment: object | undefined): void {
  const { version, entries } = listEntries(required)
  const distinct = new Map(entries.map((entry) => [JSON.stringify(entry), entry]))
  const valid = [...distinct].flatMap(([text, entry]) => {
    const expected = judge(entry, version, PAYER, NOW_SECONDS)
    return expected === undefined ? [] : [{ text, expected }]
  })
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
          const { client, asked } = createBuyer()
          const payment = await client.createPaymentPayload(required as PaymentRequired, { url }).catch(expectOurs)
          expectSoundness(required, asked, payment)
        }
      }
    },
  )

  it('signs only what is exactly valid, and throws nothing but errors of ours', async () => {
    await fc.assert(
      fc.asyncProperty(challenge, async (required) => {
        const { client, asked } = createBuyer()
        const payment = await client.createPaymentPayload(required as PaymentRequired, { url }).catch(expectOurs)
        expectSoundness(required, asked, payment)
      }),
      runs(700),
    )
  }, 600_000)

  it('pays whenever an offer is valid, whatever stands beside it', async () => {
    await fc.assert(
      fc.asyncProperty(challenge, async (required) => {
        const { version, entries } = listEntries(required)
        fc.pre(entries.some((entry) => judge(entry, version, PAYER, NOW_SECONDS) !== undefined))
        const { client, asked } = createBuyer()
        const payment = await client.createPaymentPayload(required as PaymentRequired, { url })
        expectSoundness(required, asked, payment)
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

  it('sends only what is exactly valid, throws nothing but errors of ours, and hands over every answer that was paid', async () => {
    await fc.assert(
      fc.asyncProperty(challenge, unpaid, paid, async (required, ask, outcome) => {
        const { client, asked } = createBuyer()
        const sent: object[] = []
        const seller: typeof fetch = async (_input, init) => {
          const headers = new Headers(init?.headers)
          const payment = headers.get('PAYMENT-SIGNATURE') ?? headers.get('X-PAYMENT')
          if (payment === null) return ask(required)
          sent.push(JSON.parse(Buffer.from(payment, 'base64').toString()))
          return answer(outcome)
        }
        const response = await wrapFetchWithPayment(seller, client)(url).catch(expectOurs)
        expect(sent.length).toBe(asked.length)
        expectSoundness(required, asked, sent[0])
        if (sent.length > 0 && outcome.status !== 402) {
          expect(response?.status).toBe(outcome.status)
          expect(response && paymentOf(response)?.terms?.payer).toBe(PAYER)
        }
      }),
      runs(700),
    )
  }, 600_000)

  function answer({ status, receipt: value, isRaw }: { status: number; receipt: unknown; isRaw: boolean }): Response {
    const text = isRaw ? JSON.stringify(value)?.replace(/[^\x20-\x7e]/g, '?') : encodeJsonHeader(value ?? null)
    const headers = new Headers({ 'PAYMENT-RESPONSE': (text ?? '').slice(0, 10_000) })
    return new Response(status === 204 ? null : 'bought', { status, headers })
  }
})

/** What crossed a wire is JSON: what JSON has no word for is gone. */
function throughJson(value: unknown): unknown {
  const text: string | undefined = JSON.stringify(value)
  return text === undefined ? null : JSON.parse(text)
}

function expectOurs(error: unknown): undefined {
  if (!isX402Error(error)) throw error
  expect(error.message.length).toBeLessThan(10_000)
}
