import { describe, expect, it } from 'vitest'
import { x402HTTPClient } from '../../../src/client/x402-http-client.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { createLimits, type LimitsOptions } from '../../../src/limits/index.js'
import type { RestrictOptions } from '../../../src/limits/narrow-limits.js'
import type { ApprovalRequest } from '../../../src/payment/limits.js'
import type { ClientEvent, Warning } from '../../../src/payment/stream.js'
import { decodeEnvelope, type PaymentRequired } from '../../../src/wire/challenge.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { createBuyer } from '../../support/create-buyer.js'
import { createOffer, createRequired } from '../../support/offers.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

/** The address that the seller names as its own, so that another's limits would count. */
const named = 'https://trusted.example/paid'

/** A 402 as the official wrappers hand it to `createPaymentPayload`. */
function readRequired(changes: object = {}): PaymentRequired {
  const decoded = decodeEnvelope(encodeJsonHeader(createRequired(undefined, { resource: { url: named }, ...changes })))
  if ('problem' in decoded) throw new Error(decoded.problem)
  return decoded.value as unknown as PaymentRequired
}

const refused = { name: 'LimitError', code: 'HOST_UNKNOWN', money: 'untouched' }

describe('error: HOST_UNKNOWN when it is unknown which address asked, and', () => {
  it.each<[string, LimitsOptions]>([
    ['`hosts` name the one that the seller names', { hosts: ['trusted.example'] }],
    ['`hosts` allow none', { hosts: [] }],
    ['`perHost` holds', { perHost: { perDay: '$5' } }],
    ['`perHost` counts payments', { perHost: { perHour: { payments: 1000 } } }],
    ['`pinPayTo` holds', { pinPayTo: true }],
    ['`perResource` holds', { perResource: { payments: 1 } }],
    ['`perResource` tells queries apart', { perResource: { perDay: '$5', query: true } }],
  ])('%s', async (_name, limits) => {
    const { client, signatures } = createBuyer({ limits })
    const error = await refusalOf(client.createPaymentPayload(readRequired()))
    expect(error).toMatchObject(refused)
    expect(error.message).toContain('`client.begin(required, { url })`')
    expect(await refusalOf(new x402HTTPClient(client).createPaymentPayload(readRequired()))).toMatchObject(refused)
    expect(signatures()).toBe(0)
    expect(await client.payments()).toEqual([])
  })

  it.each<[string, RestrictOptions]>([
    ['a total', { total: '$1' }],
    ['nothing at all', {}],
    ['hosts', { hosts: ['trusted.example'] }],
  ])('the client is restricted by %s', async (_name, options) => {
    const { client, signatures } = createBuyer()
    const error = await refusalOf(client.restrict(options).createPaymentPayload(readRequired()))
    expect(error).toMatchObject(refused)
    expect(error.message).toContain('`client.begin(required, { url })`')
    expect(await refusalOf(client.restrict({}).restrict(options).createPaymentPayload(readRequired()))).toMatchObject(
      refused,
    )
    expect(signatures()).toBe(0)
  })

  it('limits of an own make pin who is paid', async () => {
    const limits = { ...createLimits(), pinPayTo: true }
    expect(await refusalOf(createBuyer({ limits }).client.createPaymentPayload(readRequired()))).toMatchObject(refused)
  })

  it('a restricted client of a client with limits of an own make', async () => {
    const limits = createLimits()
    const agent = createBuyer({ limits: { assess: limits.assess, format: limits.format } }).client.restrict({})
    expect(await refusalOf(agent.createPaymentPayload(readRequired()))).toMatchObject(refused)
  })

  it('under a key as well', async () => {
    const { client } = createBuyer({ limits: { hosts: ['trusted.example'] } })
    expect(await refusalOf(client.createPaymentPayload(readRequired(), { purchase: 'a' }))).toMatchObject(refused)
  })
})

describe('with `url`, the same limits are asked about that host, whatever the seller names:', () => {
  const url = 'https://asked.example/paid'

  it.each<[string, LimitsOptions]>([
    ['`hosts`', { hosts: ['asked.example'] }],
    ['`perHost`', { perHost: { perDay: '$5' } }],
    ['`pinPayTo`', { pinPayTo: true }],
    ['`perResource`', { perResource: { payments: 1 } }],
    ['`perResource` with its query', { perResource: { payments: 1, query: true } }],
  ])('%s allow it', async (_name, limits) => {
    const { client } = createBuyer({ limits })
    await client.createPaymentPayload(readRequired(), { url })
    expect(await client.payments()).toMatchObject([{ host: 'asked.example', resource: `GET ${url}` }])
  })

  it('`hosts` that name only what the seller names refuse it', async () => {
    const { client } = createBuyer({ limits: { hosts: ['trusted.example'] } })
    const error = await refusalOf(client.createPaymentPayload(readRequired(), { url }))
    expect(error).toMatchObject({ code: 'HOST_NOT_ALLOWED', money: 'untouched' })
  })
})

describe('an unknown host, where no limit asks for it:', () => {
  it('is paid as the official wrappers ask, under the other limits', async () => {
    const { client } = createBuyer({ limits: { perDay: '$0.01' } })
    expect(await client.createPaymentPayload(readRequired())).toMatchObject({ x402Version: 2 })
    expect(await refusalOf(client.createPaymentPayload(readRequired()))).toMatchObject({ code: 'LIMIT_WINDOW' })
  })

  it('is shown as unknown to whoever approves, in lists and in events, and never as what the seller says', async () => {
    const asked: ApprovalRequest[] = []
    const events: ClientEvent[] = []
    const warnings: Warning[] = []
    const approve = (request: ApprovalRequest) => {
      asked.push(request)
      return true
    }
    const { client } = createBuyer({ limits: { approve } })
    client.on('payment', (event) => events.push(event))
    client.on('payment', (event) => event.type === 'warning' && warnings.push(event.warning))
    await client.createPaymentPayload(readRequired())
    expect(asked).toMatchObject([{ host: undefined, resource: 'GET (unknown)' }])
    const payments = await client.payments()
    expect(payments).toMatchObject([{ host: undefined, resource: 'GET (unknown)' }])
    expect(JSON.stringify([asked, events, payments, await client.inDoubt(), warnings])).not.toContain('trusted.example')
    expect(events.find(({ type }) => type === 'challenge')).toMatchObject({ resource: 'GET (unknown)' })
  })

  it('counts for no host that the seller names', async () => {
    const { client } = createBuyer()
    await client.createPaymentPayload(readRequired())
    expect(await client.payments({ host: 'trusted.example' })).toEqual([])
  })

  it('is not trusted to be secure or insecure by what the seller names', async () => {
    const { client } = createBuyer()
    const plain = readRequired({ resource: { url: 'http://trusted.example/paid' } })
    expect(await client.createPaymentPayload(plain)).toMatchObject({ x402Version: 2 })
    const nameless = readRequired({ resource: undefined })
    expect(await client.createPaymentPayload(nameless)).toMatchObject({ x402Version: 2 })
  })

  it('makes two payments of two calls, and one of two under one key', async () => {
    const ledger = createMemoryLedger()
    const { client, signatures } = createBuyer({ ledger })
    await client.createPaymentPayload(readRequired())
    await client.createPaymentPayload(readRequired())
    expect(signatures()).toBe(2)
    const purchases = new Set<string>()
    for await (const { call } of ledger.list({})) purchases.add(call.purchase)
    expect(purchases.size).toBe(2)
    const first = await client.createPaymentPayload(readRequired(), { purchase: 'a' })
    expect(await client.createPaymentPayload(readRequired(), { purchase: 'a' })).toEqual(first)
    expect(signatures()).toBe(3)
  })

  it('is not the host of a call that has one: a key belongs to one seller', async () => {
    const { client, signatures } = createBuyer()
    await client.createPaymentPayload(readRequired(), { purchase: 'a' })
    await client.createPaymentPayload(readRequired(), { purchase: 'a', url: named })
    expect(signatures()).toBe(2)
  })

  it('error: URL_NOT_ABSOLUTE when `url` is no address', async () => {
    const { client } = createBuyer()
    for (const url of ['', '/paid', 'trusted.example']) {
      expect(await refusalOf(client.createPaymentPayload(readRequired(), { url }))).toMatchObject({
        code: 'URL_NOT_ABSOLUTE',
      })
    }
  })

  it('pays the amount that the offer asks for', async () => {
    const { client } = createBuyer()
    const required = readRequired({ accepts: [createOffer({ amount: '20000' })] })
    await client.createPaymentPayload(required)
    expect(await client.payments()).toMatchObject([{ amount: '20000', money: 'in-doubt' }])
  })
})
