import axios from 'axios'
import { describe, expect, it } from 'vitest'
import { wrapAxiosWithPayment } from '../../../src/axios/wrap-axios-with-payment.js'
import { x402HTTPClient } from '../../../src/client/x402-http-client.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { paymentOf } from '../../../src/payment/summary.js'
import type { PaymentRequired } from '../../../src/wire/challenge.js'
import { createBuyer } from '../../support/create-buyer.js'
import { createRequired } from '../../support/offers.js'
import { startChangingSeller } from '../../support/start-changing-seller.js'

const CHANGED = { code: 'PRICE_CHANGED', money: 'in-doubt', response: { status: 402 } }

describe.each([
  ['itself', 'throw', 'same'],
  ['itself, which returns refusals', 'return', 'same'],
  ['the paying fetch of another client', 'throw', 'asking'],
  ['the paying fetch of another client that prepays, too', 'throw', 'prepaying'],
  ['the paying fetch of another client, which returns refusals', 'return', 'prepaying'],
] as const)('a prepaying client around %s', (_, refusals, other) => {
  it('pays once for each call, and is told when the price has changed', async () => {
    const seller = await startChangingSeller()
    const prepay = [{ route: seller.url, terms: createRequired() as PaymentRequired }]
    const buyer = createBuyer({ prepay })
    const inner = other === 'same' ? buyer : createBuyer(other === 'asking' ? {} : { prepay })
    const innerFetch = wrapFetchWithPayment(fetch, inner.client, { refusals })
    const twice = wrapFetchWithPayment(innerFetch as typeof fetch, buyer.client)
    for (let call = 0; call < 3; call++) expect(paymentOf(await twice(seller.url))).toMatchObject({ money: 'settled' })
    expect(seller.counts()).toEqual([3, 0])
    seller.change({ amount: '20000' })
    await expect(twice(seller.url)).rejects.toMatchObject(CHANGED)
    expect(seller.counts()).toEqual([4, 0])
    expect(seller.authorizations().size).toBe(4)
    expect(buyer.signatures()).toBe(4)
    expect(await inner.records()).toHaveLength(inner === buyer ? 4 : 0)
  })
})

it('a prepaying client around a paying axios: pays once, and is told when the price has changed', async () => {
  const seller = await startChangingSeller()
  const buyer = createBuyer({ prepay: [{ route: seller.url }] })
  const api = wrapAxiosWithPayment(wrapAxiosWithPayment(axios.create(), buyer.client), buyer.client)
  for (let call = 0; call < 3; call++) expect(paymentOf(await api.get(seller.url))).toMatchObject({ money: 'settled' })
  expect(buyer.signatures()).toBe(3)
  expect(seller.counts()).toEqual([4, 1])
  seller.change({ amount: '20000' })
  await expect(api.get(seller.url)).rejects.toMatchObject({ status: 402, cause: CHANGED })
  expect(seller.authorizations().size).toBe(4)
})

it('a prepaying client around itself: asks once, and pays once for each call from then on', async () => {
  const seller = await startChangingSeller()
  const buyer = createBuyer({ prepay: [{ route: seller.url }] })
  const twice = wrapFetchWithPayment(buyer.paidFetch as typeof fetch, buyer.client)
  for (let call = 0; call < 3; call++) expect(paymentOf(await twice(seller.url))).toMatchObject({ money: 'settled' })
  expect(seller.authorizations().size).toBe(3)
  expect(buyer.signatures()).toBe(3)
  expect(seller.counts()).toEqual([4, 1])
})

it('a client of the pieces prepays, as the client that it is made of', async () => {
  const seller = await startChangingSeller()
  const buyer = createBuyer({ prepay: [{ route: seller.url }] })
  const paidFetch = wrapFetchWithPayment(fetch, new x402HTTPClient(buyer.client))
  for (let call = 0; call < 3; call++) expect((await paidFetch(seller.url)).status).toBe(200)
  expect(seller.counts()).toEqual([4, 1])
})
