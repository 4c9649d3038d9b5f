import axios from 'axios'
import { describe, expect, it } from 'vitest'
import { wrapAxiosWithPayment } from '../../../src/axios/wrap-axios-with-payment.js'
import { createBuyer } from '../../support/create-buyer.js'
import { drops, inTurn } from '../../support/money/paid-answers.js'
import { sell } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

const once = { x402: { redeliver: 'never' } } as const

describe('R5, the paid request is the call that was made, whatever its caller does with its objects meanwhile:', () => {
  it('a URL object that is changed doesn’t make the lost payment another page’s', async () => {
    const seller = await openSeller(inTurn(drops))
    const { paidFetch, signatures } = createBuyer()
    const url = new URL(`${seller.url}/?page=1`)
    const calling = paidFetch(url, once)
    url.searchParams.set('page', '2')
    await refusalOf(calling)
    await refusalOf(paidFetch(`${seller.url}/?page=1`, once))
    expect(signatures()).toBe(1)
    expect(seller.requests.every(({ path }) => path === '/?page=1')).toBe(true)
  })

  it('a POST goes where it went, though its URL object is changed', async () => {
    const seller = await openSeller(sell)
    const { paidFetch } = createBuyer()
    const url = new URL(`${seller.url}/?page=1`)
    const calling = paidFetch(url, { method: 'POST', body: 'x' })
    url.searchParams.set('page', '2')
    expect((await calling).status).toBe(200)
    expect(seller.requests.map(({ path }) => path)).toEqual(['/?page=1', '/?page=1'])
  })

  it('parameters of axios that are changed don’t make the lost payment another page’s', async () => {
    const seller = await openSeller(inTurn(drops))
    const { client, signatures } = createBuyer()
    const api = wrapAxiosWithPayment(axios.create(), client)
    const params = new URLSearchParams({ page: '1' })
    const calling = api.get(seller.url, { params, ...once })
    await new Promise((resolve) => setTimeout(resolve))
    params.set('page', '2')
    await expect(calling).rejects.toThrow()
    await expect(api.get(seller.url, { params: { page: '1' }, ...once })).rejects.toThrow()
    expect(signatures()).toBe(1)
  })

  it('one object of options for several calls names a purchase for each', async () => {
    const seller = await openSeller(sell)
    const { paidFetch, signatures } = createBuyer()
    const x402 = { purchase: '' }
    const calls = ['order 1', 'order 2', 'order 3'].map((purchase) => {
      x402.purchase = purchase
      return paidFetch(seller.url, { x402 })
    })
    await Promise.all(calls)
    expect(signatures()).toBe(3)
  })
})
