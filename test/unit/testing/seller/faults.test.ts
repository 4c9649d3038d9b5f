import { paymentOf } from 'pay402/fetch'
import { createSeller, type PayFault, type SellerScript } from 'pay402/testing'
import { describe, expect, it } from 'vitest'
import { createBriskClock } from '../../../support/money/create-brisk-clock.js'
import { createBuyer } from './buyers.js'

/** A call to a seller that misbehaves: what it ended with, and what seller and ledger hold. */
async function call(script: SellerScript, init?: RequestInit) {
  const clock = createBriskClock()
  const seller = createSeller({ clock, ...script })
  const { paidFetch, client } = createBuyer(seller, undefined, { clock })
  const outcome = await paidFetch(`${seller.url}/weather`, init).then(
    (response) => ({ status: response.status, money: paymentOf(response)?.money, response }),
    (error: unknown) => ({ error }),
  )
  return { seller, client, paidFetch, outcome, clock }
}

const POST = { method: 'POST', body: 'question' }

describe('a paid request', () => {
  it.each([
    ['asks-again', { error: { code: 'PAYMENT_REJECTED', money: 'in-doubt' } }, { state: 'held', taken: 0n }],
    [
      'takes-and-asks-again',
      { error: { code: 'PAYMENT_REJECTED', money: 'in-doubt' } },
      { state: 'settled', taken: 10_000n },
    ],
    ['loses-request', { error: { code: 'ANSWER_LOST', money: 'in-doubt' } }, { state: 'held', taken: 0n }],
    ['loses-response', { error: { code: 'ANSWER_LOST', money: 'in-doubt' } }, { state: 'settled', taken: 10_000n }],
    ['takes-and-fails', { status: 500, money: 'in-doubt' }, { state: 'settled', taken: 10_000n }],
    ['hostile-receipt', { status: 200, money: 'in-doubt' }, { state: 'settled', taken: 10_000n }],
    [{ status: 503 }, { status: 503, money: 'in-doubt' }, { state: 'held', taken: 0n }],
    [{ waits: 1 }, { status: 200, money: 'settled' }, { state: 'settled', taken: 10_000n }],
    [
      { refuses: 'insufficient_funds' },
      { error: { code: 'PAYMENT_REJECTED', facts: { 'seller says': '"insufficient_funds"' } } },
      { state: 'held' },
    ],
    [
      { redirectsTo: 'https://elsewhere.example/' },
      { error: { code: 'REDIRECTED_ELSEWHERE', money: 'in-doubt' } },
      { state: 'held' },
    ],
  ] satisfies [PayFault, object, object][])('meets %j', async (fault, outcome, payment) => {
    const met = await call({ whenPaid: [fault] }, POST)
    expect(met.outcome).toMatchObject(outcome)
    expect(met.seller.payments).toMatchObject([{ ...payment, presented: 1, amount: 10_000n }])
  })

  it('is presented again by a GET after a lost response, and ends by what the seller does with it', async () => {
    const strict = await call({ whenPaid: ['loses-response'] })
    expect(strict.outcome).toMatchObject({ error: { code: 'PAID_NOT_DELIVERED', money: 'in-doubt' } })
    const kind = await call({ whenPaid: ['loses-response'], redelivers: true })
    expect(kind.outcome).toMatchObject({ status: 200, money: 'settled' })
    expect(kind.seller.payments).toMatchObject([{ state: 'settled', taken: 10_000n, presented: 2 }])
  })

  it('is accepted with a 202, and served when it comes again', async () => {
    const { outcome, seller, clock } = await call({ whenPaid: ['accepts'] })
    expect(outcome).toMatchObject({ status: 200, money: 'settled' })
    expect(clock.pausesMs).toEqual([1000])
    expect(seller.requests.map(({ status }) => status)).toEqual([402, 202, 200])
    expect(seller.payments).toMatchObject([{ state: 'settled', presented: 2 }])
  })

  it('meets a raised price, which stays', async () => {
    const { outcome, seller, paidFetch, clock } = await call({ whenPaid: [{ raisesTo: '$0.02' }] })
    expect(outcome).toMatchObject({ error: { code: 'PAYMENT_REJECTED', money: 'in-doubt' } })
    await expect(paidFetch(`${seller.url}/weather`)).rejects.toMatchObject({ code: 'TERMS_CHANGED_WHILE_PAID' })
    const other = createBuyer(seller, undefined, { clock })
    expect((await other.paidFetch(`${seller.url}/weather`)).status).toBe(200)
    expect(seller.payments).toMatchObject([
      { state: 'held', amount: 10_000n },
      { state: 'settled', amount: 20_000n },
    ])
  })

  it('raises the offers of a script, whatever they said of their price', async () => {
    const accepts = [{ scheme: 'upto', price: '$0.10' }, { amount: '500' }]
    const { seller } = await call({ accepts, whenPaid: [{ raisesTo: '$0.02' }] })
    const asked = await seller.fetch(seller.url)
    const required = JSON.parse(atob(asked.headers.get('payment-required') ?? ''))
    expect(required.accepts).toMatchObject([
      { scheme: 'upto', amount: '20000' },
      { scheme: 'exact', amount: '20000' },
    ])
  })

  it('is shown no receipt by CORS that hides it', async () => {
    const { outcome, seller } = await call({ whenPaid: ['hides-headers'] })
    expect(outcome).toMatchObject({ status: 200, money: 'in-doubt', response: { type: 'cors' } })
    expect(seller.payments).toMatchObject([{ state: 'settled' }])
  })

  it('meets one fault each, in the order in which they were added', async () => {
    const { seller, paidFetch, outcome } = await call({ whenPaid: ['takes-and-fails'] }, POST)
    expect(outcome).toMatchObject({ status: 500 })
    seller.whenPaid({ status: 404 }, 'loses-response')
    expect((await paidFetch(`${seller.url}/other`, POST)).status).toBe(404)
    await expect(paidFetch(`${seller.url}/third`, POST)).rejects.toMatchObject({ code: 'ANSWER_LOST' })
    expect((await paidFetch(`${seller.url}/fourth`, POST)).status).toBe(200)
  })
})

describe('a request without a payment', () => {
  it('meets terms that mean harm, each time others, and nothing is signed', async () => {
    const { seller, client, paidFetch } = await call({ whenAsked: ['hostile-terms'] })
    for (let turn = 1; turn < 9; turn++) {
      seller.whenAsked('hostile-terms')
      await expect(paidFetch(`${seller.url}/${turn}`)).rejects.toMatchObject({ money: 'untouched' })
    }
    const headers = new Set(seller.requests.map(({ status, payment }) => `${status} ${payment}`))
    expect(headers).toEqual(new Set(['402 undefined']))
    expect(await client.payments()).toEqual([])
    expect((await paidFetch(seller.url)).status).toBe(200)
  })

  it('meets hostile terms in the body in protocol 1', async () => {
    const seller = createSeller({ x402Version: 1, whenAsked: ['hostile-terms'] })
    const response = await seller.fetch(seller.url)
    expect([response.status, response.headers.get('payment-required')]).toEqual([402, null])
    expect(await response.text()).toContain('1e400')
  })

  it('is shown no terms by CORS that hides them', async () => {
    const clock = createBriskClock()
    const seller = createSeller({ clock, whenAsked: ['hides-headers'] })
    const { paidFetch, client } = createBuyer(seller, undefined, { clock })
    const warnings: string[] = []
    client.on('payment', (event) => event.type === 'warning' && warnings.push(event.warning.code))
    const response = await paidFetch(`${seller.url}/weather`)
    expect([response.status, response.headers.get('payment-required')]).toEqual([402, null])
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(warnings).toEqual(['TERMS_HIDDEN_BY_CORS'])
    expect(seller.payments).toEqual([])
  })

  it.each([
    ['loses-request' as const, { error: expect.any(TypeError) }],
    [{ status: 503 }, { status: 503 }],
    [{ waits: 1 }, { status: 200, money: 'settled' }],
    [{ redirectsTo: '/moved' }, { status: 200, money: 'settled' }],
    [{ redirectsTo: 'https://elsewhere.example/' }, { error: expect.any(TypeError) }],
  ])('meets %j', async (fault, outcome) => {
    expect((await call({ whenAsked: [fault] })).outcome).toMatchObject(outcome)
  })

  it('meets no fault that is for payments, and a bad payment meets none', async () => {
    const seller = createSeller({ whenPaid: ['takes-and-fails'] })
    expect((await seller.fetch(seller.url)).status).toBe(402)
    expect((await seller.fetch(seller.url, { headers: { 'payment-signature': 'bad' } })).status).toBe(402)
    expect((await createBuyer(seller).paidFetch(seller.url)).status).toBe(500)
  })
})
