import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeReceipt, type ReceiptTerms } from '../../../src/flow/judge.js'
import { toPaidResponse } from '../../../src/http/paid-response.js'
import { createLimits } from '../../../src/limits/create-limits.js'
import { createCall, showCall } from '../../../src/payment/call.js'
import type { ReceiptState } from '../../../src/payment/ports.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { NETWORK, PAY_TO, TRANSACTION, USDC } from '../../support/offers.js'

const PAYER = '0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A'
const good = { success: true, transaction: TRANSACTION, network: NETWORK }

describe('judgeReceipt', () => {
  it.each<[ReceiptState, string, unknown]>([
    ['verified', 'names the transaction and the network', good],
    ['verified', 'names our payer', { ...good, payer: PAYER }],
    ['verified', 'names our payer in another case', { ...good, payer: PAYER.toLowerCase() }],
    ['verified', 'names the amount that was signed', { ...good, amount: '10000' }],
    ['verified', 'names less than was signed', { ...good, amount: '9999' }],
    ['verified', 'names no charge at all', { ...good, amount: '0' }],
    ['verified', 'leaves the amount empty', { ...good, amount: '' }],
    ['verified', 'writes null for what it doesn’t say', { ...good, payer: null, amount: null, errorReason: null }],
    ['verified', 'names the network as protocol 1 does', { ...good, network: 'base-sepolia' }],
    ['verified', 'says more than we know', { ...good, extra: { anything: [1] } }],
    ['accepted', 'names no transaction yet', { ...good, transaction: '' }],
    ['accepted', 'has no field for the transaction', { success: true, network: NETWORK }],
    ['mismatch', 'names another network', { ...good, network: 'eip155:8453' }],
    ['mismatch', 'names no network', { ...good, network: '' }],
    ['mismatch', 'names a network that an object inherits', { ...good, network: 'constructor' }],
    ['mismatch', 'names more than was signed', { ...good, amount: '10001' }],
    ['mismatch', 'names a negative amount', { ...good, amount: '-1' }],
    ['mismatch', 'names an amount with a point', { ...good, amount: '1.5' }],
    ['mismatch', 'names an amount in hex', { ...good, amount: '0x1' }],
    ['mismatch', 'names an amount of 500 digits', { ...good, amount: '1'.repeat(500) }],
    ['mismatch', 'names another payer', { ...good, payer: `0x${'22'.repeat(20)}` }],
    ['failed', 'says that it failed', { ...good, success: false }],
    ['failed', 'says that it failed, with terms that don’t fit either', { success: false, network: 'eip155:1' }],
    ['malformed', 'is no object', [good]],
    ['malformed', 'says success in a word', { ...good, success: 'true' }],
    ['malformed', 'doesn’t say whether it succeeded', { transaction: TRANSACTION, network: NETWORK }],
    ['malformed', 'names a transaction that is a number', { ...good, transaction: 1 }],
    ['malformed', 'is longer than any receipt', { ...good, errorMessage: 'x'.repeat(10_000) }],
  ])('finds a receipt %s when it %s', (state, _how, receipt) => {
    expect(judge({ 'PAYMENT-RESPONSE': encodeJsonHeader(receipt) }).state).toBe(state)
  })

  it.each(['%%%', 'e30', btoa('{'), btoa('null'), 'a, b'])(
    'finds a receipt malformed when the header is %j',
    (header) => {
      expect(judge({ 'PAYMENT-RESPONSE': header })).toMatchObject({ state: 'malformed', response: undefined })
    },
  )

  it.each([{}, { 'PAYMENT-RESPONSE': '' }])('finds the receipt missing in %j', (headers) => {
    expect(judge(headers)).toEqual({ state: 'missing', response: undefined, problems: [] })
  })

  it('reads the header of protocol 1', () => {
    expect(judge({ 'X-PAYMENT-RESPONSE': encodeJsonHeader(good) }).state).toBe('verified')
  })

  it('prefers the header of protocol 2, whatever the other says', () => {
    const headers = { 'X-PAYMENT-RESPONSE': encodeJsonHeader(good), 'PAYMENT-RESPONSE': '%%%' }
    expect(judge(headers).state).toBe('malformed')
  })

  it('says all that doesn’t fit', () => {
    const receipt = { ...good, network: 'eip155:1', amount: '10001', payer: `0x${'22'.repeat(20)}` }
    expect(judge({ 'PAYMENT-RESPONSE': encodeJsonHeader(receipt) }).problems).toMatchInlineSnapshot(`
      [
        "the receipt names another network than eip155:84532",
        "the receipt names an amount that is none up to 10000",
        "the receipt names another payer",
      ]
    `)
  })

  it('compares no payer where the scheme names none', () => {
    const headers = { 'PAYMENT-RESPONSE': encodeJsonHeader({ ...good, payer: 'anybody' }) }
    expect(judgeReceipt(readReceipt(headers), createSigned(undefined)).state).toBe('verified')
  })

  it('keeps the receipt as the seller wrote it, for nobody to change', () => {
    const { response } = judge({ 'PAYMENT-RESPONSE': encodeJsonHeader({ ...good, extensions: { a: { b: 1 } } }) })
    expect(response).toEqual({ ...good, extensions: { a: { b: 1 } } })
    expect([response, response?.extensions, response?.extensions?.['a']].every(Object.isFrozen)).toBe(true)
  })

  it('throws at no header, for any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json().map(encodeText), fc.base64String()), (header) => {
        expect(judge({ 'PAYMENT-RESPONSE': header }).state).not.toBe('verified')
      }),
    )
  })

  it('verifies nothing that isn’t a success on our network, for any receipt', () => {
    const fields = {
      success: fc.oneof(fc.boolean(), fc.anything()),
      transaction: fc.oneof(fc.constant(TRANSACTION), fc.anything()),
      network: fc.oneof(fc.constant(NETWORK), fc.string(), fc.anything()),
      amount: fc.oneof(fc.nat().map(String), fc.anything()),
    }
    fc.assert(
      fc.property(fc.record(fields, { requiredKeys: [] }), (receipt) => {
        const header = encodeText(JSON.stringify(receipt, toJson) ?? '')
        const { state, response } = judge({ 'PAYMENT-RESPONSE': header })
        if (state !== 'verified') return
        expect(response).toMatchObject({ success: true, network: NETWORK })
        expect(response?.transaction).not.toBe('')
        expect(BigInt(response?.amount ?? 0)).toBeLessThanOrEqual(10_000n)
      }),
      { examples: [[good], [{ ...good, amount: '10001' }]] },
    )
  })
})

function judge(headers: Record<string, string>) {
  return judgeReceipt(readReceipt(headers), createSigned(PAYER))
}

const call = showCall(createCall({ limits: createLimits(), method: 'GET', url: 'https://api.example.com/' }))

/** As the doors over HTTP read it. */
function readReceipt(headers: Record<string, string>) {
  return toPaidResponse(
    { status: 200, url: undefined, hidden: false, native: undefined, header: (name) => headers[name] ?? null },
    call,
    () => null,
  ).receipt
}

/** As much of a signed payment as a receipt is compared with. */
function createSigned(payer: string | undefined): ReceiptTerms {
  const terms = { scheme: 'exact', network: NETWORK, asset: USDC, payTo: PAY_TO, amount: 10_000n } as const
  return { payment: { terms: { ...terms, maxTimeoutSeconds: 60, extra: {} } }, payer }
}

function encodeText(text: string): string {
  return Buffer.from(text).toString('base64')
}

/** JSON has no bigint. */
function toJson(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
