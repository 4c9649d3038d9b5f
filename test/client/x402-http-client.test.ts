import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  encodePaymentRequiredHeader,
  encodePaymentResponseHeader,
  type GetHeader,
  type PaymentPayload,
  x402HTTPClient,
} from '../../src/index.js'
import { openSeller } from '../fetch/open-seller.js'
import { askFor } from '../flow/ask-for.js'
import { createBuyer } from '../support/create-buyer.js'
import { NETWORK, sell, TRANSACTION } from '../support/offers.js'

const receipt = { success: true, transaction: TRANSACTION, network: NETWORK }

it('x402HTTPClient: pays step by step what a wrapped fetch pays at once', async () => {
  const seller = await openSeller(sell)
  const { http, records } = createHttpClient()
  const unpaid = await fetch(seller.url)
  const required = http.getPaymentRequiredResponse((name) => unpaid.headers.get(name))
  const payload = await http.createPaymentPayload(required, { url: seller.url })
  const paid = await fetch(seller.url, { headers: http.encodePaymentSignatureHeader(payload) })
  expect(paid.status).toBe(200)
  expect(http.getPaymentSettleResponse((name) => paid.headers.get(name))).toMatchObject(receipt)
  expect(seller.requests[1]?.payment).toEqual(payload)
  expect(await records()).toMatchObject([{ state: 'sent', resource: `GET ${seller.url}/` }])
})

describe('getPaymentRequiredResponse', () => {
  it('reads what the seller wrote', () => {
    const required = askFor(undefined, { extensions: { 'builder-code': { info: {} } } })
    const header = encodePaymentRequiredHeader(required)
    expect(read({ 'PAYMENT-REQUIRED': header })).toEqual(required)
  })

  it('leaves the offers to be judged when they are paid', () => {
    const required = askFor([null, { scheme: 7 }])
    expect(read({ 'PAYMENT-REQUIRED': encodePaymentRequiredHeader(required) }).accepts).toEqual([null, { scheme: 7 }])
  })

  it.each([
    ['is absent', {}],
    ['is empty', { 'PAYMENT-REQUIRED': '' }],
    ['is not base64', { 'PAYMENT-REQUIRED': '{"x402Version":2}' }],
    ['is base64url', { 'PAYMENT-REQUIRED': 'eyJhIjoi_z8_In0' }],
    ['is not JSON', { 'PAYMENT-REQUIRED': btoa('x402') }],
    ['is a list', { 'PAYMENT-REQUIRED': btoa('[]') }],
    ['holds no offers', { 'PAYMENT-REQUIRED': btoa('{"x402Version":2}') }],
  ])('error: CHALLENGE_MALFORMED when the header %s', (_how, headers) => {
    expect(() => read(headers)).toThrow(
      expect.objectContaining({ name: 'ChallengeError', code: 'CHALLENGE_MALFORMED', money: 'untouched' }),
    )
  })

  const read = (headers: Record<string, string>) => createHttpClient().http.getPaymentRequiredResponse(from(headers))
})

describe('encodePaymentSignatureHeader', () => {
  it('writes byte for byte what the official client writes', () => {
    const path = new URL('../vectors/official-2.27.json', import.meta.url)
    const { vectors } = JSON.parse(readFileSync(path, 'utf8'))
    const vector = vectors.find(({ name }: { name: string }) => name === 'http-v2-envelope')
    expect(createHttpClient().http.encodePaymentSignatureHeader(vector.payload)).toEqual(vector.header)
  })

  it('writes text of any language', () => {
    const payload: PaymentPayload = { x402Version: 2, payload: {}, resource: { description: 'Évora ☂ 天気' } }
    const { 'PAYMENT-SIGNATURE': header } = createHttpClient().http.encodePaymentSignatureHeader(payload)
    expect(JSON.parse(Buffer.from(header ?? '', 'base64').toString())).toEqual(payload)
  })
})

describe('getPaymentSettleResponse', () => {
  it.each(['PAYMENT-RESPONSE', 'X-PAYMENT-RESPONSE'])('reads the header %s', (name) => {
    expect(read({ [name]: encodePaymentResponseHeader(receipt) })).toEqual(receipt)
  })

  it('prefers the header of protocol 2', () => {
    const headers = {
      'X-PAYMENT-RESPONSE': encodePaymentResponseHeader({ ...receipt, success: false }),
      'PAYMENT-RESPONSE': encodePaymentResponseHeader(receipt),
    }
    expect(read(headers)).toEqual(receipt)
  })

  it('reads a failed settlement without a throw, since a receipt is what was asked for', () => {
    const failed = { success: false, transaction: '', network: NETWORK, errorReason: 'insufficient_funds' }
    expect(read({ 'PAYMENT-RESPONSE': encodePaymentResponseHeader(failed) })).toEqual(failed)
  })

  it('takes a reader of headers that knows nothing of null', () => {
    expect(() => createHttpClient().http.getPaymentSettleResponse(() => undefined)).toThrow(
      expect.objectContaining({ code: 'RECEIPT_MISSING' }),
    )
  })

  it('error: RECEIPT_MISSING when there is no receipt, and the money is in doubt', () => {
    expect(() => read({ 'PAYMENT-RESPONSE': '' })).toThrow(
      expect.objectContaining({ name: 'ReceiptError', code: 'RECEIPT_MISSING', money: 'in-doubt' }),
    )
  })

  it.each(['%%%', btoa('paid'), btoa('[]'), btoa('{"success":"yes"}')])(
    'error: RECEIPT_MALFORMED when the receipt is %j, and the money is in doubt',
    (header) => {
      expect(() => read({ 'PAYMENT-RESPONSE': header })).toThrow(
        expect.objectContaining({ name: 'ReceiptError', code: 'RECEIPT_MALFORMED', money: 'in-doubt' }),
      )
    },
  )

  const read = (headers: Record<string, string>) => createHttpClient().http.getPaymentSettleResponse(from(headers))
})

function createHttpClient() {
  const { client, records } = createBuyer()
  return { http: new x402HTTPClient(client), records }
}

function from(headers: Record<string, string>): GetHeader {
  return (name) => new Headers(headers).get(name)
}
