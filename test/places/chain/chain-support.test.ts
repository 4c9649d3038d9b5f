import { decodePaymentRequiredHeader } from '@x402/core/http'
import { decodePaymentResponseHeader } from '@x402/fetch'
import { domainSeparator } from 'viem'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Chain, createChain } from '../../support/chain/create-chain.js'
import { createOfficialBuyer, nonceOf, paymentsTo } from '../../support/chain/create-official-buyer.js'
import { startOfficialExpressSeller } from '../../support/chain/official-express-seller.js'
import { createOfficialFacilitator, type OfficialFacilitator } from '../../support/chain/official-facilitator.js'
import { startOfficialHonoSeller } from '../../support/chain/official-hono-seller.js'
import type { OfficialSeller } from '../../support/chain/official-seller.js'
import { testUsdAbi } from '../../support/chain/test-usd-abi.js'

const chainStartTimeoutMs = 60_000
const oneDollar = 1_000_000n
const weatherPrice = 10_000n

let chain: Chain
beforeAll(async () => {
  chain = await createChain()
}, chainStartTimeoutMs)
afterAll(() => chain.stop())

test('createChain: the dollar signs for the address that buyers know', async () => {
  const token = { address: chain.usdc, abi: testUsdAbi } as const
  const separator = await chain.publicClient.readContract({ ...token, functionName: 'DOMAIN_SEPARATOR' })
  const domain = { name: 'USDC', version: '2', chainId: chain.chainId, verifyingContract: chain.usdc }
  expect(separator).toBe(domainSeparator({ domain }))
})

test('createChain: mints for many at once', async () => {
  const accounts = Array.from({ length: 10 }, () => privateKeyToAddress(generatePrivateKey()))
  await Promise.all(accounts.map((account) => chain.mint(account, oneDollar)))
  expect(await Promise.all(accounts.map(chain.balanceOf))).toEqual(accounts.map(() => oneDollar))
})

describe.each([
  ['startOfficialExpressSeller', startOfficialExpressSeller],
  ['startOfficialHonoSeller', startOfficialHonoSeller],
])('%s', (_name, start) => {
  let facilitator: OfficialFacilitator
  let seller: OfficialSeller
  beforeEach(async () => {
    facilitator = createOfficialFacilitator(chain)
    seller = await start({ facilitator })
  })
  afterEach(() => seller.stop())

  test('sells to the official client for exactly the price', async () => {
    const buyer = await createOfficialBuyer(chain, oneDollar)
    const response = await buyer.fetch(`${seller.url}/weather`)

    expect(response.status).toBe(200)
    expect(receiptOf(response)).toMatchObject({ success: true, network: chain.network, payer: buyer.address })
    expect(await chain.balanceOf(buyer.address)).toBe(oneDollar - weatherPrice)
    expect(await chain.balanceOf(seller.payTo)).toBe(weatherPrice)
    const nonces = paymentsTo(seller).map(nonceOf)
    expect(await Promise.all(nonces.map((nonce) => chain.authorizationState(buyer.address, nonce)))).toEqual([true])
    expect(facilitator.calls).toEqual({ verify: 1, settle: 1 })
  })

  test('settles 20 payments at once', async () => {
    const buyer = await createOfficialBuyer(chain, oneDollar)
    const responses = await Promise.all(Array.from({ length: 20 }, () => buyer.fetch(`${seller.url}/weather`)))

    expect(responses.map((response) => response.status)).toEqual(responses.map(() => 200))
    expect(new Set(responses.map((response) => receiptOf(response).transaction)).size).toBe(20)
    expect(await chain.balanceOf(buyer.address)).toBe(oneDollar - 20n * weatherPrice)
    expect(await chain.balanceOf(seller.payTo)).toBe(20n * weatherPrice)
    expect(facilitator.calls).toEqual({ verify: 20, settle: 20 })
  })

  test('names the reason when a payment is presented twice', async () => {
    const buyer = await createOfficialBuyer(chain, oneDollar)
    await buyer.fetch(`${seller.url}/weather`)
    const replayed = await fetch(`${seller.url}/weather`, {
      headers: { 'payment-signature': paymentsTo(seller)[0] ?? '' },
    })

    expect(replayed.status).toBe(402)
    expect(offerOf(replayed).error).toBe('invalid_exact_evm_nonce_already_used')
    expect(await chain.balanceOf(seller.payTo)).toBe(weatherPrice)
  })

  test('names the reason when the buyer has too little', async () => {
    const buyer = await createOfficialBuyer(chain, weatherPrice - 1n)
    const response = await buyer.fetch(`${seller.url}/weather`)

    expect(response.status).toBe(402)
    expect(offerOf(response).error).toBe('invalid_exact_evm_insufficient_balance')
  })

  test('does not know whether a payment settled while no block is mined', async () => {
    const buyer = await createOfficialBuyer(chain, oneDollar)
    facilitator = createOfficialFacilitator(chain, { confirmationTimeoutMs: 100 })
    const slow = await start({ facilitator })
    await chain.setAutomine(false)
    try {
      const response = await buyer.fetch(`${slow.url}/weather`)
      expect(response.status).toBe(402)
      expect(receiptOf(response)).toMatchObject({ success: false, errorReason: 'settlement_pending' })
      expect(await chain.balanceOf(slow.payTo)).toBe(0n)
      await chain.mine()
      expect(await chain.balanceOf(slow.payTo)).toBe(weatherPrice)
    } finally {
      await chain.setAutomine(true)
      await slow.stop()
    }
  })
})

function receiptOf(response: Response) {
  return decodePaymentResponseHeader(response.headers.get('payment-response') ?? '')
}

function offerOf(response: Response) {
  return decodePaymentRequiredHeader(response.headers.get('payment-required') ?? '')
}
