import { type Address, generateKeyPairSigner } from '@solana/kit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { isX402Error } from '../../../src/index.js'
import type { Listening } from '../../support/chain/listen.js'
import { createOfficialSvmFacilitator } from '../../support/chain/svm/create-official-svm-facilitator.js'
import { createSvmChain, PYUSD_MINT, type SvmChain, USDC_MINT } from '../../support/chain/svm/create-svm-chain.js'
import { startOfficialSvmSeller } from '../../support/chain/svm/start-official-svm-seller.js'
import { paymentFor } from './create-chain-buyer.js'
import { createSvmBuyer } from './create-svm-buyer.js'

let chain: SvmChain
beforeAll(async () => {
  chain = await createSvmChain()
})
afterAll(() => chain.stop())

describe.each(['express', 'hono'] as const)('the official %s seller on Solana', (framework) => {
  let seller: Listening & { readonly payments: readonly string[] }
  let payTo: Address
  let stranger: Address
  beforeEach(async () => {
    ;[payTo, stranger] = (await Promise.all([generateKeyPairSigner(), generateKeyPairSigner()])).map(
      ({ address }) => address,
    ) as [Address, Address]
    await chain.writeAccount(payTo)
    await chain.writeAccount(payTo, { mint: PYUSD_MINT })
    const offer = (price: unknown, extra?: Record<string, unknown>, to: string = payTo) => ({
      accepts: { scheme: 'exact', network: chain.network, price: price as string, payTo: to, ...(extra && { extra }) },
    })
    seller = await startOfficialSvmSeller(framework, [createOfficialSvmFacilitator(chain)], {
      'GET /weather': offer('$0.01'),
      'GET /memo': offer('$0.01', { memo: 'order 42 · naïve ☂' }),
      'GET /long-memo': offer('$0.01', { memo: 'm'.repeat(256) }),
      'GET /pyusd': offer({ amount: '20000', asset: PYUSD_MINT }),
      'GET /stranger': offer('$0.01', undefined, stranger),
      'GET /expensive': offer('$25'),
      'GET /broken': { ...offer('$0.01'), status: 500 },
    })
  })
  afterEach(() => seller.stop())

  test('sells for USDC, with a random memo', async () => {
    const buyer = await createSvmBuyer(chain)
    const response = await buyer.fetch(`${seller.url}/weather`)
    expect(response.status).toBe(200)
    const payment = paymentFor(response)
    expect(payment).toMatchObject({ money: 'settled', receipt: { state: 'verified', problems: [] } })
    expect(await chain.balanceOf(payTo)).toBe(10_000n)
    expect(await chain.balanceOf(buyer.address)).toBe(990_000n)
    expect(chain.landed.at(-1)).toMatchObject({ signature: payment.transaction, err: null })
  })

  test('sells for a token of Token-2022', async () => {
    const buyer = await createSvmBuyer(chain, { mint: PYUSD_MINT })
    const response = await buyer.fetch(`${seller.url}/pyusd`)
    expect(paymentFor(response)).toMatchObject({ money: 'settled', receipt: { state: 'verified' } })
    expect(await chain.balanceOf(payTo, PYUSD_MINT)).toBe(20_000n)
    expect(await chain.balanceOf(buyer.address, PYUSD_MINT)).toBe(980_000n)
  })

  test.each(['memo', 'long-memo'])('sells with its own %s', async (path) => {
    const buyer = await createSvmBuyer(chain)
    const response = await buyer.fetch(`${seller.url}/${path}`)
    expect(paymentFor(response)).toMatchObject({ money: 'settled', receipt: { state: 'verified' } })
    expect(await chain.balanceOf(payTo)).toBe(10_000n)
    expect(await chain.balanceOf(buyer.address)).toBe(990_000n)
  })

  test('settles 20 payments at once, with one blockhash and its own memo', async () => {
    const buyer = await createSvmBuyer(chain)
    const before = chain.calls.length
    const answers = await Promise.all(Array.from({ length: 20 }, () => buyer.fetch(`${seller.url}/memo`)))
    expect(answers.map(({ status }) => status)).toEqual(new Array(20).fill(200))
    expect(new Set(answers.map((answer) => paymentFor(answer).transaction)).size).toBe(20)
    expect(await chain.balanceOf(payTo)).toBe(200_000n)
    expect(await chain.balanceOf(buyer.address)).toBe(800_000n)
    // The seller's facilitator asks for neither.
    const asked = chain.calls.slice(before)
    expect(asked.filter((method) => method === 'getLatestBlockhash')).toHaveLength(1)
    expect(asked.filter((method) => method === 'getMultipleAccounts')).toHaveLength(1)
  })

  test('refuses a buyer without funds, once, and nothing moves', async () => {
    const buyer = await createSvmBuyer(chain, { amount: 0n })
    const error: unknown = await buyer.fetch(`${seller.url}/weather`).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'PAYMENT_REJECTED', money: 'in-doubt' })
    expect(isX402Error(error) && error.facts['seller says']).toMatch(/simulation_failed/)
    expect(await chain.balanceOf(payTo)).toBe(0n)
    expect(seller.payments).toHaveLength(1)
  })

  test('is not paid without an account for the token, which is named', async () => {
    const buyer = await createSvmBuyer(chain)
    const error: unknown = await buyer.fetch(`${seller.url}/stranger`).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'SIGNER_FAILED', money: 'untouched' })
    expect(error).toMatchObject({
      cause: {
        code: 'RECIPIENT_ACCOUNT_MISSING',
        facts: { payTo: stranger, account: await chain.findAccount(stranger, USDC_MINT) },
      },
    })
    expect(seller.payments).toEqual([])
    expect(await chain.balanceOf(buyer.address)).toBe(1_000_000n)
  })

  test('is not paid above the limit', async () => {
    const buyer = await createSvmBuyer(chain, { amount: 50_000_000n })
    await expect(buyer.fetch(`${seller.url}/expensive`)).rejects.toMatchObject({
      code: 'LIMIT_PER_PAYMENT',
      money: 'untouched',
    })
    expect(seller.payments).toEqual([])
  })

  test('charges nothing when its handler fails after verification', async () => {
    const buyer = await createSvmBuyer(chain)
    const response = await buyer.fetch(`${seller.url}/broken`)
    expect(paymentFor(response)).toMatchObject({ money: 'in-doubt', delivery: 'lost' })
    expect(await chain.balanceOf(payTo)).toBe(0n)
    expect(await chain.balanceOf(buyer.address)).toBe(1_000_000n)
  })
})
