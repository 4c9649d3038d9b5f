import { ExactEvmScheme as OfficialExactEvmScheme } from '@x402/evm/exact/client'
import { ExactEvmSchemeV1 as OfficialExactEvmSchemeV1 } from '@x402/evm/exact/v1/client'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import { wrapFetchWithPayment } from '../../../src/fetch/index.js'
import { x402Client } from '../../../src/index.js'
import { type Chain, createChain } from '../../support/chain/create-chain.js'
import { startOfficialExpressSeller } from '../../support/chain/official-express-seller.js'
import { createOfficialFacilitator } from '../../support/chain/official-facilitator.js'
import type { OfficialSeller } from '../../support/chain/official-seller.js'
import { startV1Seller, type V1Seller } from '../../support/chain/v1-seller.js'
import { createChainBuyer, paymentFor } from './create-chain-buyer.js'

let chain: Chain
let v1: V1Seller
let v2: OfficialSeller
beforeAll(async () => {
  chain = await createChain()
})
afterAll(() => chain.stop())
beforeEach(async () => {
  const facilitator = createOfficialFacilitator(chain)
  v1 = await startV1Seller(facilitator, chain.usdc)
  v2 = await startOfficialExpressSeller({ facilitator })
})
afterEach(() => Promise.all([v1.stop(), v2.stop()]))

test('pays a seller of protocol 1 through the official facilitator', async () => {
  const buyer = await createChainBuyer(chain)
  const response = await buyer.fetch(`${v1.url}/v1`)
  expect(response.status).toBe(200)
  expect(paymentFor(response)).toMatchObject({ money: 'settled', receipt: { state: 'verified', problems: [] } })
  expect(await chain.balanceOf(v1.payTo)).toBe(10_000n)
  expect(await chain.balanceOf(buyer.address)).toBe(990_000n)
  for (const nonce of buyer.nonces) expect(await chain.authorizationState(buyer.address, nonce)).toBe(true)
  expect(v1.payments).toHaveLength(1)
})

test('pays a seller of protocol 1 when our own scheme is registered by registerV1', async () => {
  const account = privateKeyToAccount(generatePrivateKey())
  await chain.mint(account.address, 1_000_000n)
  const client = new x402Client().registerV1('base-sepolia', new ExactEvmScheme(account))
  const response = await wrapFetchWithPayment(fetch, client)(`${v1.url}/v1`)
  expect(paymentFor(response)).toMatchObject({ money: 'settled', receipt: { state: 'verified' } })
  expect(await chain.balanceOf(v1.payTo)).toBe(10_000n)
})

describe('a scheme object of @x402/evm', () => {
  async function createOfficialAccount() {
    const account = privateKeyToAccount(generatePrivateKey())
    await chain.mint(account.address, 1_000_000n)
    return account
  }

  test('pays a seller of protocol 2 when it is registered by register', async () => {
    const account = await createOfficialAccount()
    const client = new x402Client().register('eip155:*', new OfficialExactEvmScheme(account))
    const response = await wrapFetchWithPayment(fetch, client)(`${v2.url}/weather`)
    expect(paymentFor(response)).toMatchObject({ money: 'settled', receipt: { state: 'verified' } })
    expect(await chain.balanceOf(v2.payTo)).toBe(10_000n)
  })

  test('pays a seller of protocol 1 when it is registered by registerV1', async () => {
    const account = await createOfficialAccount()
    const client = new x402Client().registerV1('base-sepolia', new OfficialExactEvmSchemeV1(account))
    const response = await wrapFetchWithPayment(fetch, client)(`${v1.url}/v1`)
    expect(paymentFor(response)).toMatchObject({ money: 'settled', receipt: { state: 'verified' } })
    expect(await chain.balanceOf(v1.payTo)).toBe(10_000n)
  })

  test('is held to the limits', async () => {
    const account = await createOfficialAccount()
    const client = new x402Client({ limits: { perPayment: '$0.001' } })
      .register('eip155:*', new OfficialExactEvmScheme(account))
      .registerV1('base-sepolia', new OfficialExactEvmSchemeV1(account))
    const paidFetch = wrapFetchWithPayment(fetch, client)
    for (const url of [`${v1.url}/v1`, `${v2.url}/weather`]) {
      await expect(paidFetch(url)).rejects.toMatchObject({ code: 'LIMIT_PER_PAYMENT', money: 'untouched' })
    }
    expect(await chain.balanceOf(account.address)).toBe(1_000_000n)
  })
})
