import axios from 'axios'
import { describe, expect, it } from 'vitest'
import { wrapAxiosWithPayment } from '../../../src/axios/wrap-axios-with-payment.js'
import { createBuyer } from '../../support/create-buyer.js'
import { stopTimers } from '../../support/money/stop-timers.js'
import { askToPay } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'

/** How long the first answer may take, and the second takes; none of it is waited for. */
const PATIENCE_MS = 20_000

/** A seller that answers once, and holds whoever asks again until their patience is over. */
function openTarpit(headers: Readonly<Record<string, string>> = {}) {
  const pass = stopTimers()
  let asked = 0
  return openSeller((_request, response) => {
    if (++asked > 1) return pass(PATIENCE_MS)
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    askToPay(response)
  })
}

describe('a seller that never answers the second unpaid request', () => {
  it('ends the call of fetch by `unpaidMs`, after terms from a cache', async () => {
    const seller = await openTarpit({ age: '30' })
    const buyer = createBuyer({}, { timeouts: { unpaidMs: PATIENCE_MS } })
    await expect(buyer.paidFetch(seller.url)).rejects.toMatchObject({
      name: 'TimeoutError',
      message: 'The request was not answered in time; nothing was paid.',
    })
    expect(seller.requests).toHaveLength(2)
    expect(await buyer.records()).toEqual([])
  })

  it('ends the call of fetch by `unpaidMs`, after a hook had headers to add', async () => {
    const seller = await openTarpit()
    const buyer = createBuyer({}, { timeouts: { unpaidMs: PATIENCE_MS } })
    buyer.client.onPaymentRequired(async () => ({ headers: { 'x-member': 'yes' } }))
    await expect(buyer.paidFetch(seller.url)).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(seller.requests).toHaveLength(2)
    expect(await buyer.records()).toEqual([])
  })

  for (const adapter of ['http', 'fetch'] as const) {
    it(`ends the call of axios (${adapter} adapter) by its own timeout, also where the paid part has another`, async () => {
      const seller = await openTarpit({ age: '30' })
      const buyer = createBuyer()
      const api = wrapAxiosWithPayment(axios.create({ adapter, timeout: PATIENCE_MS }), buyer.client, {
        timeouts: { paidMs: 3 * PATIENCE_MS },
      })
      await expect(api.get(seller.url)).rejects.toMatchObject({ message: expect.stringContaining('timeout') })
      expect(seller.requests).toHaveLength(2)
      expect(await buyer.records()).toEqual([])
    })
  }
})
