import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { ResponseFacts } from '../../../src/client/hand-outs/response-facts.js'
import type { RestrictedClient } from '../../../src/client/restricted-client.js'
import type { x402Client } from '../../../src/client/x402-client.js'
import { x402HTTPClient } from '../../../src/client/x402-http-client.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { account, createBuyer } from '../../support/create-buyer.js'
import { listWarnings } from '../../support/list-warnings.js'
import { NETWORK, TRANSACTION } from '../../support/offers.js'
import { askFor } from '../flow/ask-for.js'
import { refusalOf } from '../flow/refusal-of.js'

const url = 'wss://api.example.com/feed'
const receipt = { success: true, transaction: TRANSACTION, network: NETWORK, payer: account.address }
const failed = { success: false, transaction: '', network: NETWORK, errorReason: 'insufficient_funds' }

describe.each<readonly [string, (client: x402Client) => Pick<RestrictedClient, 'begin'>]>([
  ['a client', (client) => client],
  ['an HTTP client', (client) => new x402HTTPClient(client)],
  ['a restricted client', (client) => client.restrict({ total: '$1' })],
])('begin of %s', (_, narrow) => {
  it('hands out a payment that counts as sent, and settles it by its receipt', async () => {
    const { client, records, signatures } = createBuyer()
    const open = await narrow(client).begin(askFor(), { url })
    expect(open.payload).toMatchObject({ x402Version: 2, accepted: { network: NETWORK } })
    expect(open.payment).toMatchObject({
      id: open.id,
      money: 'in-doubt',
      delivery: 'none',
      terms: { price: '0.01 USDC' },
    })
    expect(await records()).toMatchObject([{ id: open.id, state: 'sent', delivery: 'none' }])
    expect(await open.answered({ receipt })).toMatchObject({
      id: open.id,
      money: 'settled',
      delivery: 'delivered',
      transaction: TRANSACTION,
      receipt: { state: 'verified' },
      error: undefined,
    })
    expect(await records()).toMatchObject([{ state: 'settled', delivery: 'delivered' }])
    expect(signatures()).toBe(1)
  })

  it('hands out the same payment for a purchase that was lost, and another one once it was delivered', async () => {
    const { client, records } = createBuyer()
    const buyer = narrow(client)
    const first = await buyer.begin(askFor(), { url })
    const cause = new Error('the socket closed')
    expect(await first.lost(cause)).toMatchObject({
      money: 'in-doubt',
      delivery: 'lost',
      error: { code: 'ANSWER_LOST', money: 'in-doubt', cause },
    })
    const second = await buyer.begin(askFor(), { url })
    expect(second.id).toBe(first.id)
    expect(second.payload).toEqual(first.payload)
    expect(await second.answered()).toMatchObject({ money: 'in-doubt', delivery: 'delivered' })
    const third = await buyer.begin(askFor(), { url })
    expect(third.id).not.toBe(first.id)
    expect(await records()).toHaveLength(2)
  })
})

describe('answered', () => {
  const told: Readonly<Record<string, readonly [ResponseFacts, object]>> = {
    'nothing at all': [{}, { money: 'in-doubt', delivery: 'delivered', receipt: { state: 'missing' } }],
    'a receipt': [{ receipt }, { money: 'settled', delivery: 'delivered', receipt: { state: 'verified' } }],
    'the header of a receipt': [{ receipt: encodeJsonHeader(receipt) }, { money: 'settled', delivery: 'delivered' }],
    'the JSON of a receipt': [{ receipt: JSON.stringify(receipt) }, { money: 'settled', delivery: 'delivered' }],
    'a list of receipts, of which one fits': [
      { receipt: [failed, receipt, { ...receipt, network: 'eip155:1' }] },
      { money: 'settled', delivery: 'delivered', receipt: { state: 'verified' } },
    ],
    'a receipt of another payment': [
      { receipt: { ...receipt, network: 'eip155:1' } },
      { money: 'in-doubt', delivery: 'delivered', receipt: { state: 'mismatch' } },
    ],
    'a receipt that is none': [
      { receipt: 'ok' },
      { money: 'in-doubt', delivery: 'delivered', receipt: { state: 'malformed' } },
    ],
    'a receipt that JSON can not hold': [
      { receipt: { success: 1n } },
      { money: 'in-doubt', delivery: 'delivered', receipt: { state: 'malformed' } },
    ],
    'a receipt that says that nothing was taken': [
      { receipt: failed },
      { money: 'in-doubt', delivery: 'lost', receipt: { state: 'failed' }, error: { code: 'PAYMENT_REJECTED' } },
    ],
    'an empty list, and nulls': [
      { receipt: [], required: null, reason: null },
      { money: 'in-doubt', delivery: 'delivered', receipt: { state: 'missing' } },
    ],
    'the terms again': [
      { required: askFor([], { error: 'invalid_exact_evm_nonce_already_used' }) },
      { money: 'in-doubt', delivery: 'lost', error: { code: 'PAID_NOT_DELIVERED' } },
    ],
    'the header of the terms': [
      { required: encodeJsonHeader(askFor()) },
      { delivery: 'lost', error: { code: 'PAYMENT_REJECTED', facts: { 'seller says': '"Payment required"' } } },
    ],
    'the JSON of the terms': [
      { required: JSON.stringify(askFor()) },
      { delivery: 'lost', error: { code: 'PAYMENT_REJECTED', facts: { 'seller says': '"Payment required"' } } },
    ],
    'terms that are none': [{ required: 'pay me' }, { delivery: 'lost', error: { code: 'PAYMENT_REJECTED' } }],
    'a reason, with a receipt': [
      { reason: 'EXPIRED_PAYMENT', receipt: [{ ...failed, errorReason: undefined }] },
      { delivery: 'lost', error: { facts: { 'seller says': '"EXPIRED_PAYMENT"' } } },
    ],
    'an honest refusal': [{ delivered: false }, { money: 'in-doubt', delivery: 'answered', error: undefined }],
    'an honest refusal that was charged': [
      { delivered: false, receipt },
      { money: 'settled', delivery: 'answered', error: undefined },
    ],
    'a status of HTTP that delivers': [{ status: 200 }, { delivery: 'delivered' }],
    'a status of HTTP that only promises': [{ status: 202 }, { delivery: 'lost', error: undefined }],
    'a status of HTTP that refuses': [{ status: 404 }, { delivery: 'answered', error: undefined }],
    'a status of HTTP that means "not now"': [
      { status: 503, delivered: false },
      { delivery: 'lost', error: undefined },
    ],
    'a 402': [{ status: 402 }, { delivery: 'lost', error: { code: 'PAYMENT_REJECTED' } }],
    'a failed receipt, with what was bought': [
      { receipt: failed, delivered: true },
      { money: 'in-doubt', delivery: 'delivered', receipt: { state: 'failed' }, error: undefined },
    ],
  }

  it.each(Object.entries(told))('tells where the money is, after %s', async (_, [facts, summary]) => {
    const { client } = createBuyer()
    const open = await client.begin(askFor(), { url })
    expect(await open.answered(facts)).toMatchObject(summary)
  })

  it('counts a status that the client lists as delivered', async () => {
    const { client } = createBuyer({ delivers: [404] })
    const open = await client.begin(askFor(), { url })
    expect(await open.answered({ status: 404 })).toMatchObject({ delivery: 'delivered' })
  })

  it('is harmless when it is told twice, or lost afterwards', async () => {
    const { client, records } = createBuyer()
    const open = await client.begin(askFor(), { url })
    await open.answered()
    expect(await open.lost()).toMatchObject({ money: 'in-doubt', delivery: 'delivered', error: undefined })
    expect(await open.answered({ required: askFor() })).toMatchObject({ delivery: 'delivered', error: undefined })
    expect(await open.answered({ receipt })).toMatchObject({ money: 'settled', delivery: 'delivered' })
    expect(await records()).toMatchObject([{ state: 'settled', delivery: 'delivered' }])
  })

  it('tells of a payment that was released meanwhile that it is', async () => {
    const { client, ledger } = createBuyer()
    const open = await client.begin(askFor(), { url })
    await ledger.note(open.id, { type: 'released', because: 'dead' })
    expect(await open.lost()).toMatchObject({ money: 'released' })
  })

  const wrong: Readonly<Record<string, readonly [unknown, object]>> = {
    'a fact that is misspelled': [{ recipt: receipt }, { code: 'UNKNOWN_OPTION' }],
    'a text': ['200 OK', { code: 'INVALID_OPTION' }],
    'a status that is none': [{ status: 'OK' }, { code: 'INVALID_OPTION' }],
    'a delivery that is no yes or no': [{ delivered: 'yes' }, { code: 'INVALID_OPTION' }],
  }

  it.each(Object.entries(wrong))(
    'error: notes nothing of %s, and says that the money is in doubt',
    async (_, given) => {
      const [facts, error] = given
      const { client, records } = createBuyer()
      const open = await client.begin(askFor(), { url })
      expect(await refusalOf(open.answered(facts as ResponseFacts))).toMatchObject({ ...error, money: 'in-doubt' })
      expect(await records()).toMatchObject([{ delivery: 'none' }])
    },
  )

  it('shows the response to hooks, tells events, and stops buying where nothing comes', async () => {
    const { client } = createBuyer({ circuit: { failures: 2 } })
    const shown: unknown[] = []
    client.onPaymentResponse(({ settleResponse, paymentRequired, requirements }) => {
      shown.push([settleResponse?.transaction, paymentRequired?.error, requirements.network])
    })
    const events: string[] = []
    client.on('payment', ({ type }) => type !== 'warning' && void events.push(type))
    const first = await client.begin(askFor(), { url })
    await first.answered({ receipt, delivered: false })
    const second = await client.begin(askFor(), { url: `${url}/2` })
    await second.answered({ required: askFor() })
    expect(shown).toEqual([
      [TRANSACTION, undefined, NETWORK],
      [undefined, 'Payment required', NETWORK],
    ])
    expect(events).toEqual([
      ...['challenge', 'considered', 'reserved', 'signed', 'sent', 'answered'],
      ...['challenge', 'considered', 'reserved', 'signed', 'sent', 'lost'],
    ])
    expect(await refusalOf(client.begin(askFor(), { url: `${url}/3` }))).toMatchObject({ code: 'CIRCUIT_OPEN' })
  })

  it('prints, writes and warns of nothing that could be spent', async () => {
    const { client } = createBuyer()
    const warnings = listWarnings(client)
    const open = await client.begin(askFor(), { url })
    const { signature } = open.payload.payload as { signature: string }
    const summary = await open.answered({ reason: `no: ${signature}` })
    const written = [inspect(open, { depth: 9, showHidden: false }), JSON.stringify(open), inspect(summary), warnings]
    for (const text of written) expect(String(text)).not.toContain(signature.slice(2, 40))
    expect(Object.keys(open)).toEqual(['id', 'payment', 'answered', 'lost'])
  })
})

describe('what can not be begun', () => {
  it.each([undefined, null, 7, {}, []])(
    'error: CHALLENGE_MALFORMED for a 402 of %j, with nothing signed',
    async (given) => {
      const { client, signatures } = createBuyer()
      client.onPaymentRequired(({ paymentRequired }) => void paymentRequired.accepts.length)
      const required = given as never
      const error = { money: 'untouched', code: expect.stringMatching(/^(CHALLENGE_MALFORMED|UNSUPPORTED_VERSION)$/) }
      expect(await refusalOf(client.begin(required, { url }))).toMatchObject(error)
      expect(await refusalOf(client.createPaymentPayload(required, { url }))).toMatchObject(error)
      expect(await refusalOf(client.handlePaymentRequired(required, url))).toMatchObject(error)
      expect(signatures()).toBe(0)
    },
  )

  it.each([
    ['ws://api.example.com/feed', 'INSECURE_TRANSPORT'],
    ['http://api.example.com/feed', 'INSECURE_TRANSPORT'],
    ['grpc://api.example.com/feed', 'URL_NOT_ABSOLUTE'],
    ['dns:///api.example.com', 'URL_NOT_ABSOLUTE'],
    ['/feed', 'URL_NOT_ABSOLUTE'],
  ])('error: for the address %s, %s, with nothing signed', async (address, code) => {
    const { client, signatures } = createBuyer()
    expect(await refusalOf(client.begin(askFor(), { url: address }))).toMatchObject({ code, money: 'untouched' })
    expect(signatures()).toBe(0)
  })

  it.each(['ws://127.0.0.1:4021/feed', 'wss://api.example.com/feed', 'https://api.example.com/shop.Feed/Read'])(
    'and what can: %s',
    async (address) => {
      const { client } = createBuyer()
      const { payment } = await client.begin(askFor(), { url: address })
      expect(payment.terms?.resource).toBe(`GET ${address}`)
    },
  )

  it.each(['', '   '])('error: for an id of %j', async (id) => {
    const { client } = createBuyer()
    expect(await refusalOf(client.begin(id))).toMatchObject({ money: 'untouched' })
  })

  it('error: UNKNOWN_OPTION for an option that is misspelled', async () => {
    const { client, signatures } = createBuyer()
    const options = { url, purchse: 'order-7' } as never
    expect(await refusalOf(client.begin(askFor(), options))).toMatchObject({ code: 'UNKNOWN_OPTION' })
    expect(await refusalOf(client.begin('a'.repeat(32), options))).toMatchObject({ code: 'UNKNOWN_OPTION' })
    expect(signatures()).toBe(0)
  })
})
