import { describe, expect, it } from 'vitest'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { createBriskBuyer } from '../../support/money/create-brisk-buyer.js'
import {
  drops,
  inTurn,
  type PaidAnswer,
  paymentHeaders,
  pays,
  refuses,
  says,
} from '../../support/money/paid-answers.js'
import { retryingLibraries } from '../../support/money/retrying-libraries.js'
import { openSeller } from '../../unit/fetch/open-seller.js'

/** Answers that make libraries ask again. */
const answers: Readonly<Record<string, PaidAnswer>> = {
  'a 409': says(409),
  'a 409 that asks for a retry': says(409, { 'x-should-retry': 'true', 'retry-after-ms': '1' }),
  'a 413 that says when': says(413, { 'retry-after': '0', 'retry-after-ms': '1', 'x-should-retry': 'true' }),
}

/** A seller, and a buyer in front of any library. */
async function openShop(...given: readonly PaidAnswer[]) {
  const seller = await openSeller(inTurn(...given))
  const buyer = createBriskBuyer()
  const paidFetch = wrapFetchWithPayment(fetch, buyer.client, { refusals: 'return' })
  return { seller, buyer, paidFetch }
}

describe.each(Object.entries(retryingLibraries))('R1, one call through %s makes one payment', (_library, ask) => {
  it.each(Object.entries(answers))('that delivers after %s', async (_name, answer) => {
    const { seller, buyer, paidFetch } = await openShop(answer, pays)
    expect(await ask(seller.url, paidFetch, buyer.client)).toEqual({ ok: true })
    expect(paymentHeaders(seller)).toHaveLength(2)
    expect(seller.authorizations().size).toBe(1)
    expect(buyer.signatures()).toBe(1)
  })

  it.each([
    ['ever 409s', [says(409, { 'retry-after-ms': '1' })]],
    ['ever 503s', [says(503, { 'retry-after-ms': '1' })]],
    ['ever 402s', [refuses('Payment required')]],
    ['a broken connection, then 409s', [drops, says(409, { 'retry-after-ms': '1' })]],
    ['a 409, then broken connections', [says(409, { 'retry-after-ms': '1' }), drops]],
  ])('that never delivers: %s', async (_name, given) => {
    const { seller, buyer, paidFetch } = await openShop(...given)
    await expect(ask(seller.url, paidFetch, buyer.client)).rejects.toThrow()
    expect(paymentHeaders(seller).length).toBeGreaterThanOrEqual(1)
    expect(seller.authorizations().size).toBe(1)
    expect(buyer.signatures()).toBe(1)
  })
})
