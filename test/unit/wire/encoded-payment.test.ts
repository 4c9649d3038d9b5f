import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodePayment, fitEcho, MAX_PAYMENT_HEADER } from '../../../src/wire/encoded-payment.js'
import { decodeJsonHeader } from '../../../src/wire/header-codec.js'
import { freezeParsed, toPlainObject } from '../../../src/wire/json.js'
import { type PaymentPayload, toSignatureHeaders, toStandardPayload } from '../../../src/wire/payload.js'

const nobody = () => new Set<string>()
const fields = fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'toJSON', 'schema')), fc.jsonValue())
const large = fc.nat(9000).map((length) => ({ schema: 'x'.repeat(length), info: '₮' }))
const echo = fc.oneof(fields, fc.record({ a: large, b: large }))
/** As a seller writes it and as it is read: in either, each part may be frozen for good. */
const part = fc.tuple(echo, fc.boolean()).map(([value, isFrozen]): Record<string, unknown> => {
  const parsed = JSON.parse(JSON.stringify(value))
  return isFrozen ? freezeParsed(parsed) : parsed
})
const payments = fc.oneof(
  fc.record({ x402Version: fc.constant(1), scheme: fc.string(), network: fc.string(), payload: fields }),
  fc.record(
    { x402Version: fc.constant(2), payload: fields, extensions: part, resource: part, accepted: part },
    { requiredKeys: ['x402Version', 'payload'] },
  ),
)

/** Two times: the second finds every part written before. */
const encodeTwice = (payment: PaymentPayload, answered = nobody) => [
  encodePayment(payment, answered),
  encodePayment(payment, answered),
]

describe('encodePayment', () => {
  it('writes a header that decodes to exactly what was read back, for any payment', () => {
    fc.assert(
      fc.property(payments, (signed) => {
        const plain = toPlainObject(signed.payload)
        if ('problem' in plain) throw new Error(plain.problem)
        const payment: PaymentPayload = { ...signed, payload: plain.value }
        for (const { payload, json, header, headers } of encodeTwice(payment)) {
          expect(decodeJsonHeader(header)).toEqual({ value: payload })
          expect(payload.payload).toBe(plain.value)
          expect(JSON.parse(json)).toEqual(payload)
          expect(Object.values(headers)).toEqual([header])
        }
      }),
      { numRuns: 500 },
    )
  })

  it('writes the same bytes as x402HTTPClient, and shortens as fitEcho does', () => {
    fc.assert(
      fc.property(payments, (payment) => {
        const fitted = fitEcho(payment, nobody)
        for (const encoded of encodeTwice(payment)) {
          expect(encoded.payload).toEqual(fitted)
          if (encoded.payload === payment)
            expect(encoded.headers).toEqual(toSignatureHeaders(toStandardPayload(inOrder(fitted))))
        }
      }),
      { numRuns: 500 },
    )
  })

  it('asks nobody who answered where everything fits', () => {
    const payment = { x402Version: 2, payload: { signature: '0x1' }, extensions: { a: { schema: {} } } }
    const encoded = encodePayment(payment, () => {
      throw new Error('asked')
    })
    expect(encoded.payload).toBe(payment)
  })

  it('keeps the header within what sellers take, where what was signed lets it', () => {
    const payment = { x402Version: 2, payload: {}, extensions: { a: { info: 1, schema: 'x'.repeat(9000) } } }
    const encoded = encodePayment(payment, nobody)
    expect(encoded.header.length).toBeLessThanOrEqual(MAX_PAYMENT_HEADER)
    expect(encoded.payload).toEqual({ x402Version: 2, payload: {}, extensions: { a: { info: 1 } } })
  })

  it('reads a payload once, and sends what was read', () => {
    let reads = 0
    const value = {
      get to(): string {
        reads++
        return reads === 1 ? 'seller' : 'thief'
      },
    }
    const plain = toPlainObject(value)
    if ('problem' in plain) throw new Error(plain.problem)
    const { header } = encodePayment({ x402Version: 2, payload: plain.value }, nobody)
    expect(decodeJsonHeader(header)).toEqual({ value: { x402Version: 2, payload: { to: 'seller' } } })
    expect(Object.isFrozen(plain.value)).toBe(true)
  })
})

function inOrder({ x402Version, scheme, network, payload, extensions, resource, accepted }: PaymentPayload) {
  return { x402Version, scheme, network, payload, extensions, resource, accepted }
}
