import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Chain, createChain } from '../../support/chain/create-chain.js'
import { createOfficialFacilitator } from '../../support/chain/official-facilitator.js'
import { startV1Seller, type V1Seller } from '../../support/chain/v1-seller.js'
import { createChainBuyer } from './create-chain-buyer.js'

let chain: Chain
let seller: V1Seller
beforeAll(async () => {
  chain = await createChain()
  seller = await startV1Seller(createOfficialFacilitator(chain), chain.usdc)
})
afterAll(() => Promise.all([seller.stop(), chain.stop()]))

test('a seller of protocol 1 refuses a buyer without funds, once, and nothing moves', async () => {
  const buyer = await createChainBuyer(chain, 0n)
  await expect(buyer.fetch(seller.url)).rejects.toMatchObject({ code: 'PAYMENT_REJECTED', money: 'in-doubt' })
  expect(buyer.nonces).toHaveLength(1)
  for (const nonce of buyer.nonces) expect(await chain.authorizationState(buyer.address, nonce)).toBe(false)
})
