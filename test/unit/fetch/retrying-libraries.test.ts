import axios from 'axios'
import axiosRetry from 'axios-retry'
import ky from 'ky'
import OpenAI from 'openai'
import { afterEach, describe, expect, it } from 'vitest'
import { paymentOf } from '../../../src/payment/summary.js'
import { createBuyer } from '../../support/create-buyer.js'
import { askToPay, createOffer, createRequired } from '../../support/offers.js'
import { type Seller, startSeller } from '../../support/start-seller.js'

/** A purchase that the limits refuse. */
const tooDear = createRequired([createOffer({ amount: '9000000' })])

let seller: Seller
afterEach(() => seller.stop())

async function openTooDear() {
  seller = await startSeller((_request, response) => askToPay(response, tooDear))
  return createBuyer({}, { refusals: 'return' })
}

describe("refusals: 'return' asks the seller once", () => {
  it('through the openai client, which retries connection errors', async () => {
    const buyer = await openTooDear()
    const openai = new OpenAI({ apiKey: 'none', baseURL: seller.url, fetch: buyer.paidFetch, maxRetries: 5 })
    await expect(openai.models.list()).rejects.toMatchObject({ status: 402 })
    expect(seller.requests).toHaveLength(1)
    expect(buyer.signatures()).toBe(0)
  })

  it('through ky, which retries network failures', async () => {
    const buyer = await openTooDear()
    const error: unknown = await ky(seller.url, { fetch: buyer.paidFetch, retry: 5 }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ name: 'HTTPError', response: { status: 402 } })
    expect(seller.requests).toHaveLength(1)
  })

  it('through axios with axios-retry', async () => {
    const buyer = await openTooDear()
    const instance = axios.create({ adapter: 'fetch', env: { fetch: buyer.paidFetch } })
    axiosRetry(instance, { retries: 5, retryDelay: () => 0 })
    await expect(instance.get(seller.url)).rejects.toMatchObject({ response: { status: 402 } })
    expect(seller.requests).toHaveLength(1)
  })
})

it("refusals: 'return' gives the seller's own 402, readable, with our error beside it", async () => {
  const buyer = await openTooDear()
  const response = await buyer.paidFetch(seller.url)
  expect(response.status).toBe(402)
  expect(await response.text()).toBe('{}')
  expect(paymentOf(response)).toMatchObject({ money: 'untouched', error: { code: 'LIMIT_PER_PAYMENT' } })
})
