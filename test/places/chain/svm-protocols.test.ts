import { type Address, generateKeyPairSigner } from '@solana/kit'
import { ExactSvmScheme as OfficialScheme } from '@x402/svm/exact/client'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { registerExactSvmScheme } from '../../../schemes/svm/index.js'
import { wrapFetchWithPayment } from '../../../src/fetch/index.js'
import { x402Client } from '../../../src/index.js'
import { createOfficialSvmFacilitator } from '../../support/chain/svm/create-official-svm-facilitator.js'
import { createSvmChain, type SvmChain, USDC_MINT } from '../../support/chain/svm/create-svm-chain.js'
import { startOfficialSvmSeller } from '../../support/chain/svm/start-official-svm-seller.js'
import { startV1Seller } from '../../support/chain/v1-seller.js'
import { paymentFor } from './create-chain-buyer.js'

let chain: SvmChain
let payTo: Address
beforeEach(async () => {
  chain = await createSvmChain()
  payTo = (await generateKeyPairSigner()).address
  await chain.writeAccount(payTo)
})
afterEach(() => chain.stop())

async function createFundedSigner() {
  const signer = await generateKeyPairSigner()
  await chain.writeAccount(signer.address, { amount: 1_000_000n })
  return signer
}

test('pays a seller of protocol 1 on Solana through the official facilitator', async () => {
  const seller = await startV1Seller(createOfficialSvmFacilitator(chain), USDC_MINT, {
    network: 'solana-devnet',
    payTo,
    extra: { feePayer: chain.facilitator.address },
  })
  onTestFinished(seller.stop)
  const signer = await createFundedSigner()
  const client = registerExactSvmScheme(new x402Client(), {
    signer,
    networks: ['solana:*'],
    schemeOptions: { rpc: { [chain.network]: chain.url } },
  })
  const response = await wrapFetchWithPayment(fetch, client)(`${seller.url}/v1`)
  expect(paymentFor(response)).toMatchObject({ money: 'settled', receipt: { state: 'verified', problems: [] } })
  expect(await chain.balanceOf(payTo)).toBe(10_000n)
  expect(await chain.balanceOf(signer.address)).toBe(990_000n)
})

test('a Solana scheme object of @x402/svm registers unchanged, and its payment is held to the limits', async () => {
  const accepts = { scheme: 'exact', network: chain.network, price: '$0.01', payTo }
  const seller = await startOfficialSvmSeller('hono', [createOfficialSvmFacilitator(chain)], {
    'GET /one': { accepts },
  })
  onTestFinished(seller.stop)
  const signer = await createFundedSigner()
  const scheme = new OfficialScheme(signer, { rpcUrl: chain.url })
  const response = await wrapFetchWithPayment(fetch, new x402Client().register('solana:*', scheme))(`${seller.url}/one`)
  expect(paymentFor(response)).toMatchObject({ money: 'settled', receipt: { state: 'verified' } })
  const strict = new x402Client({ limits: { perPayment: '$0.001' } }).register('solana:*', scheme)
  await expect(wrapFetchWithPayment(fetch, strict)(`${seller.url}/one`)).rejects.toMatchObject({
    code: 'LIMIT_PER_PAYMENT',
  })
  expect(await chain.balanceOf(payTo)).toBe(10_000n)
})

test('pays sellers whose facilitator bounds compute units and signatures', async () => {
  const facilitator = createOfficialSvmFacilitator(chain, {
    maxComputeUnits: 40_000,
    maxPriorityFeeMicroLamports: 1,
    maxRequiredSignatures: 2,
  })
  const offer = (extra?: Record<string, unknown>) => ({
    accepts: { scheme: 'exact', network: chain.network, price: '$0.01', payTo, ...(extra && { extra }) },
  })
  const routes = { 'GET /random': offer(), 'GET /memo': offer({ memo: 'order 42' }) }
  const seller = await startOfficialSvmSeller('hono', [facilitator], routes)
  onTestFinished(seller.stop)
  const client = registerExactSvmScheme(new x402Client(), {
    signer: await createFundedSigner(),
    schemeOptions: { rpc: { [chain.network]: chain.url } },
  })
  const paidFetch = wrapFetchWithPayment(fetch, client)
  for (const path of ['random', 'memo', 'memo', 'memo']) {
    expect(paymentFor(await paidFetch(`${seller.url}/${path}`))).toMatchObject({ money: 'settled' })
  }
})
