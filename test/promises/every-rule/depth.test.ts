import { describe, expect, it } from 'vitest'
import { wrapFetchWithPayment } from '../../../src/fetch/index.js'
import { isX402Error, type PaymentRequired, type x402Client } from '../../../src/index.js'
import { createBuyer } from '../../support/create-buyer.js'
import { createOffer, createRequired, NETWORK, TRANSACTION } from '../../support/offers.js'

/** Deep enough for any recursion to run out of stack, short enough for every cap on bytes; `JSON.parse` reads it. */
const LEVELS = 100_000
const deep = '['.repeat(LEVELS) + ']'.repeat(LEVELS)
const url = 'https://api.example.com/paid'

/** A challenge as text, with the deep value where `place` puts a mark. */
function write(place: (mark: string) => object): string {
  return JSON.stringify(place('@deep@')).replaceAll('"@deep@"', deep)
}

const places: Record<string, string> = {
  'the error': write((mark) => createRequired(undefined, { error: mark })),
  'a field that nobody knows': write((mark) => createRequired(undefined, { more: mark })),
  'the resource': write((mark) => createRequired(undefined, { resource: { url, more: mark } })),
  'the extensions': write((mark) => createRequired(undefined, { extensions: { a: mark } })),
  'an offer beside a good one': write((mark) => createRequired([createOffer(), createOffer({ more: mark })])),
  'the place of an offer': write((mark) => createRequired([createOffer(), mark])),
  'the extra of the only offer': write((mark) => createRequired([createOffer({ extra: mark })])),
  'the place of the offers': write((mark) => createRequired(undefined, { accepts: mark })),
  'the version': write((mark) => createRequired(undefined, { x402Version: mark })),
  'the place of everything': deep,
}

const encode = (text: string) => Buffer.from(text).toString('base64')

/** Resolves, or rejects with an error of ours. */
async function expectOurs(call: Promise<unknown>): Promise<void> {
  try {
    await call
  } catch (error) {
    if (!isX402Error(error)) throw error
  }
}

describe.each(Object.entries(places))('a 402 that nests 100,000 levels in %s', (_place, text) => {
  const ask = () => new Response('{}', { status: 402, headers: { 'PAYMENT-REQUIRED': encode(text) } })
  const askInBody = () => new Response(text, { status: 402 })
  const sell = (first: () => Response, second: () => Response): typeof fetch => {
    let calls = 0
    return async () => (calls++ === 0 ? first() : second())
  }
  const deliver = () => {
    const receipt = JSON.stringify({ success: true, transaction: TRANSACTION, network: NETWORK })
    return new Response('bought', { headers: { 'PAYMENT-RESPONSE': encode(receipt) } })
  }
  const askWell = () =>
    new Response('{}', { status: 402, headers: { 'PAYMENT-REQUIRED': encode(JSON.stringify(createRequired())) } })

  it.each([
    ['header', ask],
    ['body', askInBody],
  ])('is paid or refused by an error of ours, in the %s', async (_name, first) => {
    await expectOurs(wrapFetchWithPayment(sell(first, deliver), createBuyer().client)(url))
  })

  it('is paid or refused by an error of ours while a hook looks at the offer that was taken', async () => {
    const { client } = createBuyer()
    client.onBeforePaymentCreation(({ paymentRequired }) => void paymentRequired.accepts.length)
    await expectOurs(wrapFetchWithPayment(sell(ask, deliver), client)(url))
  })

  it('is paid or refused by an error of ours while a hook looks at all of it', async () => {
    const { client } = createBuyer()
    client.onPaymentRequired(({ paymentRequired }) => void paymentRequired.accepts.length)
    await expectOurs(wrapFetchWithPayment(sell(ask, deliver), client)(url))
  })

  it('is quoted, or an error of ours says why not', async () => {
    await expectOurs(wrapFetchWithPayment(sell(ask, deliver), createBuyer().client).quote(url))
  })

  it('is paid or refused by an error of ours in createPaymentPayload', async () => {
    const required: PaymentRequired = JSON.parse(text)
    await expectOurs(createBuyer().client.createPaymentPayload(required, { url }))
  })

  it('answers a paid request: the rejection is ours, and the payment is in doubt', async () => {
    const { client } = createBuyer()
    const answer = wrapFetchWithPayment(sell(askWell, ask), client)(url)
    await expect(answer).rejects.toMatchObject({ code: 'PAYMENT_REJECTED', money: 'in-doubt' })
    expect(await listStates(client)).toEqual(['in-doubt lost'])
  })
})

it('a receipt that nests 100,000 levels takes no paid answer away', async () => {
  const ask = () =>
    new Response('{}', { status: 402, headers: { 'PAYMENT-REQUIRED': encode(JSON.stringify(createRequired())) } })
  for (const receipt of [
    deep,
    `{"success":true,"transaction":"0x","network":"${NETWORK}","extensions":{"a":${deep}}}`,
  ]) {
    let calls = 0
    const deliver = () => new Response('bought', { headers: { 'PAYMENT-RESPONSE': encode(receipt) } })
    const paidFetch = wrapFetchWithPayment(async () => (calls++ === 0 ? ask() : deliver()), createBuyer().client)
    expect(await (await paidFetch(url)).text()).toBe('bought')
  }
})

async function listStates(client: x402Client): Promise<string[]> {
  return (await client.payments()).map(({ money, delivery }) => `${money} ${delivery}`)
}
