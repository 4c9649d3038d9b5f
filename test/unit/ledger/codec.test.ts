import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDealWriter } from '../../../src/ledger/codec/deals.js'
import { SIGNED_BELOW, writeEvent, writePayment, writeValue } from '../../../src/ledger/codec/line.js'
import { createLineReader } from '../../../src/ledger/codec/line-reader.js'
import { readWhole, writeWhole } from '../../../src/ledger/codec/whole-payment.js'
import type { PaymentEvent } from '../../../src/payment/event.js'
import type { Value } from '../../../src/payment/ledger.js'
import type { CallFacts, Charge, Payment, Presentation } from '../../../src/payment/payment.js'
import type { Terms } from '../../../src/payment/terms.js'
import { createDraft } from '../../../src/testing/ledger/draft.js'
import { createPresentation } from '../../../src/testing/ledger/events.js'

/** How many are tried; `npm run test:long` tries more. */
const numRuns = 5 * Number(process.env['FC_RUNS'] ?? 100)

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', 'a\tb\n', '\ud800', '__proto__'))
const seconds = fc.nat(2 ** 40)
const amount = fc.bigInt(0n, 2n ** 256n - 1n)
const maybe = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: undefined })
const json: fc.Arbitrary<Record<string, Value>> = fc.dictionary(
  text.filter((key) => key !== '__proto__'),
  fc.jsonValue().map((value): Value => JSON.parse(JSON.stringify(value))), // which has no negative zero
)

const charge: fc.Arbitrary<Charge> = fc.record({
  unit: fc.oneof(
    fc.constant('usd' as const),
    fc.tuple(text, text).map(([a, b]) => `${a}/${b}` as const),
  ),
  amount: fc.oneof(amount, fc.constant(2n ** 256n * 10n ** 18n)),
})

const call: fc.Arbitrary<CallFacts> = fc
  .record({
    purchase: text,
    coarse: maybe(text),
    isKeyed: fc.boolean(),
    purchaseForSeconds: fc.constantFrom(undefined, 60, 86_400),
    origin: text,
    host: text,
    method: text,
    resource: text,
    asked: fc.option(text, { nil: undefined }),
    tags: fc.array(text),
  })
  .chain((one) => fc.constantFrom(one, { ...one, coarse: one.purchase }))

const approval = fc.record(
  { proposal: text, by: text, reason: text, atSeconds: seconds, use: text },
  { requiredKeys: ['proposal', 'by', 'atSeconds', 'use'] },
)

const ENTRY = createPresentation().entry

/** With what the seller wrote, where the payment is signed. */
const signed: fc.Arbitrary<{ presentation: Presentation | undefined; extra: Terms['extra'] }> = fc.oneof(
  json.map((extra) => ({ presentation: undefined, extra })),
  fc.tuple(json, json, fc.constantFrom(1, 2)).map(([extra, payload, x402Version]) => ({
    presentation: {
      payload: { x402Version, payload, resource: { url: 'https://a.example' } },
      entry: { ...ENTRY, ...(x402Version === 1 && { network: 'base' }), extra, outputSchema: { a: 1 } },
    },
    // Terms leave out what a seller writes as `null`.
    extra: Object.fromEntries(Object.entries(extra).filter(([, value]) => value !== null)),
  })),
)

const allowance = fc.record({ by: text, asset: text, spender: text, amount: text })

const payment: fc.Arbitrary<Payment> = fc
  .record({
    call,
    terms: fc.record({
      scheme: text,
      network: fc.constantFrom('eip155:8453', 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'),
      asset: text,
      payTo: text,
      amount,
      maxTimeoutSeconds: fc.integer({ min: 1, max: 2 ** 40 }),
    }),
    notation: fc.record({ symbol: maybe(text), decimals: maybe(fc.nat(77)), isPegged: maybe(fc.boolean()) }),
    payer: maybe(text),
    exposure: fc.oneof(amount, fc.constant('unread' as const)),
    charges: fc.array(charge),
    id: fc.nat(2 ** 31).map((place) => `abc-${place}`),
    atSeconds: seconds,
    state: fc.constantFrom('reserved', 'sent', 'settled', 'released'),
    delivery: fc.constantFrom('none', 'delivered', 'answered', 'lost'),
    claimed: fc.constant(false),
    validUntilSeconds: maybe(seconds),
    nonce: maybe(text),
    allowances: maybe(fc.array(allowance)),
    status: maybe(fc.nat(999)),
    sellerSaid: maybe(text),
    forgotten: fc.boolean(),
    transaction: maybe(text),
    charged: maybe(amount),
    cancellation: maybe(text),
    approval: maybe(approval),
    signed,
  })
  .map(({ signed: { presentation, extra }, terms, ...rest }) => ({ ...rest, terms: { ...terms, extra }, presentation }))

const charges = maybe(fc.array(charge))

const event: fc.Arbitrary<PaymentEvent> = fc.oneof(
  fc.record({
    type: fc.constant('sent' as const),
    purchase: maybe(text),
    validUntilSeconds: maybe(seconds),
    nonce: maybe(text),
    allowances: maybe(fc.array(allowance)),
    charges,
  }),
  fc.record({
    type: fc.constantFrom('delivered' as const, 'answered' as const, 'lost' as const),
    status: maybe(fc.nat(999)),
    said: maybe(text),
    transaction: maybe(text),
    isSettled: maybe(fc.boolean()),
  }),
  fc.record({ type: fc.constant('settled' as const), transaction: maybe(text), charged: maybe(amount), charges }),
  fc.record({
    type: fc.constant('released' as const),
    because: fc.constantFrom('unsent' as const, 'gone' as const, 'dead' as const),
    transaction: maybe(text),
  }),
  fc.record({ type: fc.constant('canceling' as const), cancellation: text }),
  fc.constantFrom<PaymentEvent>({ type: 'forgotten' }, { type: 'freed' }),
)

describe('readWhole', () => {
  it('reads what writeWhole wrote, for any payment in any state', () => {
    fc.assert(
      fc.property(payment, (one) => {
        expect(readWhole(writeWhole(one), createLineReader())).toEqual({ value: one })
      }),
      { numRuns },
    )
  })

  it('gives payments of one deal one object for each thing that they have in common', () => {
    const readLine = createLineReader()
    const draft = createDraft({ call: { tags: ['a'] }, terms: { extra: {} } })
    const [one, other] = ['a-0', 'a-1'].map((id) => {
      const read = readWhole(writeWhole({ ...openAs(id), ...draft }), readLine)
      return 'value' in read ? read.value : undefined
    })
    expect(one).not.toBe(other)
    for (const name of ['terms', 'notation', 'charges'] as const) expect(one?.[name]).toBe(other?.[name])
    expect(one?.call.tags).toBe(other?.call.tags)
  })

  it('reads a signed payment whose entry can no longer be read, and leaves `extra` out', () => {
    const presentation = { ...createPresentation(), entry: { extra: { a: 1 } } }
    const one: Payment = { ...openAs('a-0'), state: 'sent', delivery: 'lost', presentation }
    expect(readWhole(writeWhole(one), createLineReader())).toEqual({
      value: { ...one, terms: { ...one.terms, extra: {} } },
    })
  })
})

describe('createLineReader', () => {
  it('reads what writeEvent wrote, for any event', () => {
    fc.assert(
      fc.property(event, text, (one, id) => {
        expect(createLineReader()(writeEvent(id, one))).toEqual({ value: { is: 'event', id, event: one } })
      }),
      { numRuns },
    )
  })

  it('reads what writeValue wrote, for any value', () => {
    fc.assert(
      fc.property(text, text, maybe(json), (kind, key, value) => {
        expect(createLineReader()(writeValue(kind, key, value))).toEqual({ value: { is: 'value', kind, key, value } })
      }),
      { numRuns },
    )
  })

  it('knows thousands of deals apart, in any order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(600), { minLength: 600, maxLength: 1200 }), (prices) => {
        const [deals, readLine] = [createDealWriter(), createLineReader()]
        for (const price of prices) {
          const one = { ...openAs('a-0'), charges: [], terms: { ...openAs('a-0').terms, amount: BigInt(price) } }
          expect(readLine(writePayment(one, deals))).toMatchObject({ value: { payment: { terms: one.terms } } })
        }
      }),
      { numRuns: 5 },
    )
  })

  it('never finds what separates a signed payment in the text before it', () => {
    fc.assert(
      fc.property(payment, (one) => {
        const parts = writePayment(one, createDealWriter()).split(SIGNED_BELOW)
        expect(parts).toHaveLength(one.presentation === undefined ? 1 : 2)
      }),
      { numRuns },
    )
  })
})

describe('writeEvent: of what a scheme said', () => {
  it('writes what can be read again, whatever it is', () => {
    const odd = { nonce: 7 as unknown as string, validUntilSeconds: Number.NaN }
    expect(createLineReader()(writeEvent('a-0', { type: 'sent', ...odd }))).toMatchObject({
      value: { event: { nonce: '7', validUntilSeconds: undefined } },
    })
  })
})

function openAs(id: string): Payment {
  const { by: _by, isPinned: _isPinned, terms, ...draft } = createDraft()
  return {
    ...draft,
    terms: { ...terms, extra: {} },
    id,
    atSeconds: 9,
    state: 'reserved',
    delivery: 'none',
    claimed: false,
    presentation: undefined,
    validUntilSeconds: undefined,
    nonce: undefined,
    allowances: undefined,
    status: undefined,
    sellerSaid: undefined,
    forgotten: false,
    transaction: undefined,
    charged: undefined,
    cancellation: undefined,
  }
}
