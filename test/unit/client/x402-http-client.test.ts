import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  encodePaymentRequiredHeader,
  encodePaymentResponseHeader,
  encodePaymentSignatureHeader,
  type GetHeader,
  type PaymentPayload,
  x402HTTPClient,
} from '../../../src/index.js'
import { createBuyer } from '../../support/create-buyer.js'
import { createOffer, NETWORK, sell, TRANSACTION } from '../../support/offers.js'
import { openSeller } from '../fetch/open-seller.js'
import { askFor } from '../flow/ask-for.js'

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
  expect(await records()).toMatchObject([{ state: 'sent', call: { resource: `GET ${seller.url}/` } }])
})

describe('getPaymentRequiredResponse', () => {
  it('reads what the seller wrote', () => {
    const required = askFor(undefined, { extensions: { 'builder-code': { info: {} } } })
    const header = encodePaymentRequiredHeader(required)
    expect(read({ 'PAYMENT-REQUIRED': header })).toEqual(required)
  })

  it('adds the extensions that only the body declares to those of the header, whose members win', () => {
    const header = encodePaymentRequiredHeader(askFor(undefined, { extensions: { shop: { info: { a: 1 } } } }))
    const body = askFor(undefined, { extensions: { shop: { info: { a: 2, b: 3 } }, bazaar: { info: {} } } })
    const { http } = createHttpClient()
    const reads = [body, { ...body, x402Version: 1 }].map((one) => http.getPaymentRequiredResponse(() => header, one))
    expect(reads.map(({ extensions }) => extensions)).toEqual([
      { shop: { info: { a: 1, b: 3 } }, bazaar: { info: {} } },
      { shop: { info: { a: 1 } } },
    ])
  })

  it('leaves out an error that is null', () => {
    expect(
      createHttpClient().http.getPaymentRequiredResponse(() => null, { ...askFor(), error: null }),
    ).not.toHaveProperty('error')
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
    const path = new URL('../../support/vectors/official-2.27.json', import.meta.url)
    const { vectors } = JSON.parse(readFileSync(path, 'utf8'))
    const vector = vectors.find(({ name }: { name: string }) => name === 'http-v2-envelope')
    expect(createHttpClient().http.encodePaymentSignatureHeader(vector.payload)).toEqual(vector.header)
  })

  it('error: INVALID_OPTION for a protocol that nobody speaks, as header and as its value', () => {
    const payload = { x402Version: 99, payload: {}, accepted: createOffer() } as PaymentPayload
    const { http } = createHttpClient()
    for (const encode of [
      encodePaymentSignatureHeader,
      (one: PaymentPayload) => http.encodePaymentSignatureHeader(one),
    ]) {
      expect(() => encode(payload)).toThrow('The option `payload.x402Version` must be 1 or 2.')
    }
  })

  it('writes the value alone as a function of its own, in both protocols', () => {
    const { http } = createHttpClient()
    for (const x402Version of [1, 2]) {
      const payload = { x402Version, payload: {}, accepted: createOffer() } as PaymentPayload
      const header = encodePaymentSignatureHeader(payload)
      expect(Object.values(http.encodePaymentSignatureHeader(payload))).toEqual([header])
    }
  })

  it('writes text of any language', () => {
    const resource = { url: 'https://api.example.com/', description: 'Évora ☂ 天気' }
    const accepted = createOffer() as PaymentPayload['accepted']
    const payload: PaymentPayload = { x402Version: 2, payload: {}, resource, accepted }
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

describe('handlePaymentRequired', () => {
  it('returns the headers that a hook answers, and null where there is still something to pay', async () => {
    const { http } = createHttpClient()
    expect(await http.handlePaymentRequired(askFor(), 'https://api.example.com/')).toBeNull()
    http.onPaymentRequired(({ requestUrl }) => ({ headers: { 'x-asked': requestUrl } }))
    const headers = await http.handlePaymentRequired(askFor(), 'https://api.example.com/')
    expect(headers).toEqual({ 'x-asked': 'https://api.example.com/' })
  })

  it('shows a 402 to each hook once, also where a payment is then created', async () => {
    const { http } = createHttpClient()
    const shown: string[] = []
    http.onPaymentRequired(({ requestUrl }) => void shown.push(requestUrl))
    const [first, second] = [askFor(), askFor()]
    const url = 'https://api.example.com/'
    await http.handlePaymentRequired(first, url)
    await http.createPaymentPayload(first, { url })
    await http.createPaymentPayload(second, { url })
    expect(shown).toEqual([url, url])
  })

  it('error: REFUSED_BY_HOOK when a hook throws, also where a payment is created at once', async () => {
    const { http, records } = createHttpClient()
    http.onPaymentRequired(() => Promise.reject(new Error('no')))
    const refused = { name: 'SelectionError', code: 'REFUSED_BY_HOOK', money: 'untouched', cause: new Error('no') }
    await expect(http.handlePaymentRequired(askFor())).rejects.toMatchObject(refused)
    await expect(http.createPaymentPayload(askFor())).rejects.toMatchObject(refused)
    expect(await records()).toEqual([])
  })
})

describe('processPaymentResult', () => {
  it('settles the payment by a good receipt', async () => {
    const { http, records } = createHttpClient()
    const payload = await http.createPaymentPayload(askFor())
    const headers = from({ 'PAYMENT-RESPONSE': encodePaymentResponseHeader(receipt) })
    expect(await http.processPaymentResult(payload, headers, 200)).toEqual({
      recovered: false,
      settleResponse: receipt,
    })
    expect(await records()).toMatchObject([{ state: 'settled', transaction: TRANSACTION }])
  })

  it.each([
    ['another 402', { 'PAYMENT-REQUIRED': encodePaymentRequiredHeader(askFor()) }, 402],
    ['no receipt', {}, 200],
    ['a receipt that can’t be read', { 'PAYMENT-RESPONSE': '%%%' }, 200],
    [
      'a receipt of nothing taken',
      { 'PAYMENT-RESPONSE': encodePaymentResponseHeader({ ...receipt, success: false }) },
      402,
    ],
    [
      'a receipt of another network',
      { 'PAYMENT-RESPONSE': encodePaymentResponseHeader({ ...receipt, network: 'eip155:1' }) },
      200,
    ],
  ])('leaves the payment in doubt after %s', async (_what, headers, status) => {
    const { http, records } = createHttpClient()
    const payload = await http.createPaymentPayload(askFor())
    expect(await http.processPaymentResult(payload, from(headers), status)).toMatchObject({ recovered: false })
    expect(await records()).toMatchObject([{ state: 'sent' }])
  })

  it('never throws for a payment of somebody else’s, or a ledger that fails', async () => {
    const { http, client, ledger } = createHttpClient()
    const payload = await http.createPaymentPayload(askFor())
    const headers = from({ 'PAYMENT-RESPONSE': encodePaymentResponseHeader(receipt) })
    expect(await http.processPaymentResult(structuredClone(payload), headers, 200)).toMatchObject({ recovered: false })
    expect(await http.processPaymentResult({ ...payload, payload: {} }, headers, 200)).toMatchObject({
      recovered: false,
    })
    const other = new x402HTTPClient(client)
    Object.assign(ledger, { move: () => Promise.reject(new Error('disk full')) })
    expect(await other.processPaymentResult(payload, headers, 200)).toMatchObject({ settleResponse: receipt })
  })

  it('asks for the same payment once more where a hook does, and for none that a receipt says was taken', async () => {
    const { http, client, records } = createHttpClient()
    client.onPaymentResponse(async () => ({ recovered: true }))
    const required = askFor()
    const payload = await http.createPaymentPayload(required)
    expect(await http.processPaymentResult(payload, from({}), 500)).toMatchObject({ recovered: true })
    expect(await http.createPaymentPayload(required)).toBe(payload)
    const headers = from({ 'PAYMENT-RESPONSE': encodePaymentResponseHeader(receipt) })
    expect(await http.processPaymentResult(payload, headers, 200)).toMatchObject({ recovered: false })
    expect(await records()).toHaveLength(1)
  })
})

describe('processResponse', () => {
  const header = encodePaymentResponseHeader(receipt)
  const required = encodePaymentRequiredHeader(askFor())
  const json = { 'content-type': 'application/json' }

  it.each([
    ['a settled payment', { headers: { ...json, 'PAYMENT-RESPONSE': header } }, '{"a":1}', ['settled', { a: 1 }]],
    ['terms', { status: 402, headers: { 'PAYMENT-REQUIRED': required } }, 'pay', ['payment_required', 'pay']],
    ['neither', { headers: json }, '[1]', ['none', [1]]],
    ['JSON that is none', { headers: { ...json, 'PAYMENT-RESPONSE': header } }, '{', ['settled', '{']],
    ['a receipt that can’t be read', { headers: { 'PAYMENT-RESPONSE': '%%%' } }, 'bought', ['none', 'bought']],
  ])('reads %s', async (_what, init, text, [paymentStatus, body]) => {
    const result = await createHttpClient().http.processResponse(new Response(text, init))
    expect(result).toMatchObject({ paymentStatus, body })
  })

  it('parsePaymentResult reads the terms of protocol 1 in a body', () => {
    const body = { ...askFor(), x402Version: 1 }
    const result = createHttpClient().http.parsePaymentResult({ status: 402, getHeader: from({}), body })
    expect(result).toMatchObject({ paymentStatus: 'payment_required', header: { x402Version: 1 } })
  })
})

function createHttpClient() {
  const { client, ledger, records } = createBuyer()
  return { http: new x402HTTPClient(client), client, ledger, records }
}

function from(headers: Record<string, string>): GetHeader {
  return (name) => new Headers(headers).get(name)
}
