import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { wrapFetchWithPayment } from '../../../src/fetch/index.js'
import { startOfficialExpressSeller } from '../../support/chain/official-express-seller.js'
import { createOfficialFacilitator } from '../../support/chain/official-facilitator.js'
import type { OfficialSeller } from '../../support/chain/official-seller.js'
import { startV1Seller, type V1Seller } from '../../support/chain/v1-seller.js'
import { createChainBuyer, paymentFor } from './create-chain-buyer.js'
import { createPermit2Buyer } from './create-permit2-buyer.js'
import { openPermit2Place, type Permit2Place } from './open-permit2-place.js'

let place: Permit2Place
openPermit2Place((opened) => (place = opened))

describe('a client that prepays', () => {
  let v1: V1Seller
  let v2: OfficialSeller
  beforeAll(async () => {
    const facilitator = createOfficialFacilitator(place.chain)
    v1 = await startV1Seller(facilitator, place.chain.usdc)
    v2 = await startOfficialExpressSeller({ facilitator })
  })
  afterAll(() => Promise.all([v1.stop(), v2.stop()]))

  test('pays a seller of protocol 1 with the first request', async () => {
    const buyer = await createChainBuyer(place.chain, 1_000_000n, { prepay: [{ route: v1.url }] })
    for (let call = 0; call < 3; call++) {
      const response = await buyer.fetch(`${v1.url}/v1`)
      expect(paymentFor(response)).toMatchObject({ money: 'settled', receipt: { state: 'verified' } })
      expect(await response.json()).toEqual({ ok: true })
    }
    expect(v1.payments).toHaveLength(3)
    expect(await place.chain.balanceOf(v1.payTo)).toBe(30_000n)
  })

  test('pays the official seller with the first request, also for what is sent to it', async () => {
    const buyer = await createChainBuyer(place.chain, 1_000_000n, { prepay: [{ route: v2.url }] })
    for (const city of ['Lisbon', 'Rome', 'Oslo']) {
      const response = await buyer.fetch(`${v2.url}/report`, {
        method: 'POST',
        body: JSON.stringify({ city }),
        headers: { 'content-type': 'application/json' },
      })
      expect(paymentFor(response)).toMatchObject({ money: 'settled', receipt: { state: 'verified' } })
      expect(await response.json()).toEqual({ city })
    }
    expect(v2.requests.length).toBe(4)
    expect(await place.chain.balanceOf(v2.payTo)).toBe(60_000n)
  })

  test('authorizes the most that upto may take, and remembers that and not what was taken', async () => {
    const { chain, seller } = place
    let sent = 0
    const buyer = await createPermit2Buyer(chain, { client: { prepay: [{ route: seller.url }] } })
    const paidFetch = wrapFetchWithPayment((input, init) => {
      sent++
      return fetch(input, init)
    }, buyer.client)
    await buyer.approve(1_000_000n)
    const before = await chain.balanceOf(seller.payTo)
    for (const charge of [10_000, 1, 4_000]) {
      const response = await paidFetch(`${seller.url}/upto?charge=${charge}`)
      expect(paymentFor(response)).toMatchObject({ money: 'settled', terms: { amount: '10000' } })
    }
    expect(sent).toBe(4)
    expect(await chain.balanceOf(seller.payTo)).toBe(before + 14_001n)
  })
})
