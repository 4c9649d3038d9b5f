import { type Address, generateKeyPairSigner, type KeyPairSigner } from '@solana/kit'
import type { FacilitatorClient } from '@x402/core/server'
import type { SchemeNetworkServer } from '@x402/core/types'
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount, privateKeyToAddress } from 'viem/accounts'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import { ExactSvmScheme } from '../../../schemes/svm/index.js'
import { wrapFetchWithPayment } from '../../../src/fetch/index.js'
import { type ClientOptions, x402Client } from '../../../src/index.js'
import { type Chain, createChain } from '../../support/chain/create-chain.js'
import { createOfficialFacilitator } from '../../support/chain/official-facilitator.js'
import { createOfficialSvmFacilitator } from '../../support/chain/svm/create-official-svm-facilitator.js'
import { createSvmChain, type SvmChain } from '../../support/chain/svm/create-svm-chain.js'
import { startOfficialSvmSeller } from '../../support/chain/svm/start-official-svm-seller.js'
import { paymentFor } from './create-chain-buyer.js'

let evm: Chain
let svm: SvmChain
beforeAll(async () => {
  ;[evm, svm] = await Promise.all([createChain(), createSvmChain()])
})
afterAll(() => Promise.all([evm.stop(), svm.stop()]))

let account: PrivateKeyAccount
let signer: KeyPairSigner
beforeEach(async () => {
  account = privateKeyToAccount(generatePrivateKey())
  signer = await generateKeyPairSigner()
  await evm.mint(account.address, 1_000_000n)
  await svm.writeAccount(signer.address, { amount: 1_000_000n })
})

/** A chain that the buyer has no scheme for, and nobody ever pays on. */
const elsewhere = 'stellar:testnet'
const ledgerElsewhere: FacilitatorClient = {
  verify: async () => ({ isValid: false, invalidReason: 'nobody pays here' }),
  settle: async () => ({ success: false, errorReason: 'nobody pays here', transaction: '', network: elsewhere }),
  getSupported: async () => ({
    kinds: [{ x402Version: 2, scheme: 'exact', network: elsewhere }],
    extensions: [],
    signers: {},
  }),
}
const schemeElsewhere: SchemeNetworkServer = {
  scheme: 'exact',
  paymentFlows: { default: { supported: ['authorization'], default: 'authorization' } },
  defaultAssetTransferMethod: 'default',
  parsePrice: async () => ({ amount: '1', asset: 'native' }),
  enhancePaymentRequirements: async (requirements) => requirements,
}

/** The official seller with three offers for each thing: somewhere else for almost nothing, on an EVM chain, and on Solana. */
async function openSeller() {
  const recipients = { evm: privateKeyToAddress(generatePrivateKey()), svm: (await generateKeyPairSigner()).address }
  await svm.writeAccount(recipients.svm)
  const offers = (price: string) => ({
    accepts: [
      { scheme: 'exact', network: elsewhere, price, payTo: 'GNOBODY' } as const,
      { scheme: 'exact', network: evm.network, price, payTo: recipients.evm },
      { scheme: 'exact', network: svm.network, price, payTo: recipients.svm },
    ],
  })
  const facilitators = [createOfficialFacilitator(evm), createOfficialSvmFacilitator(svm), ledgerElsewhere]
  const routes = { 'GET /one': offers('$0.01'), 'GET /forty': offers('$0.40'), 'GET /sixty': offers('$0.60') }
  const seller = await startOfficialSvmSeller('hono', facilitators, routes, schemeElsewhere)
  onTestFinished(seller.stop)
  const balances = async () => [await evm.balanceOf(recipients.evm), await svm.balanceOf(recipients.svm as Address)]
  return { url: seller.url, balances }
}

function createBuyer(has: { evm: boolean; svm: boolean }, options: ClientOptions = {}): typeof fetch {
  const client = new x402Client(options)
  if (has.evm) client.register('eip155:*', new ExactEvmScheme(account))
  if (has.svm) client.register('solana:*', new ExactSvmScheme(signer, { rpc: { [svm.network]: svm.url } }))
  return wrapFetchWithPayment(fetch, client)
}

test.each([
  ['only a Solana key pays on Solana', { evm: false, svm: true }, [0n, 10_000n]],
  ['only an EVM key pays on the EVM chain', { evm: true, svm: false }, [10_000n, 0n]],
  ['both keys pays once, where the seller’s first payable offer is', { evm: true, svm: true }, [10_000n, 0n]],
] as const)('a seller on two chains: a buyer with %s', async (_what, has, paid) => {
  const seller = await openSeller()
  const response = await createBuyer(has)(`${seller.url}/one`)
  expect(paymentFor(response)).toMatchObject({ money: 'settled', receipt: { state: 'verified', problems: [] } })
  expect(await seller.balances()).toEqual(paid)
})

test('a seller on two chains: a buyer with both keys pays where it prefers to', async () => {
  const seller = await openSeller()
  const options: ClientOptions = { prefer: { networks: [svm.network] } }
  const response = await createBuyer({ evm: true, svm: true }, options)(`${seller.url}/one`)
  expect(paymentFor(response)).toMatchObject({ money: 'settled' })
  expect(await seller.balances()).toEqual([0n, 10_000n])
})

test('a seller on two chains: a buyer whose account on one is empty pays on the other', async () => {
  const seller = await openSeller()
  await svm.writeAccount(signer.address, { amount: 9_999n })
  const options: ClientOptions = { prefer: { networks: [svm.network], funded: true } }
  await createBuyer({ evm: true, svm: true }, options)(`${seller.url}/one`)
  expect(await seller.balances()).toEqual([10_000n, 0n])
})

test('a seller on two chains: one budget in dollars counts the payments on both', async () => {
  const seller = await openSeller()
  const limits = { perPayment: '$1', perDay: '$1' }
  const client = new x402Client({ limits })
    .register('eip155:*', new ExactEvmScheme(account))
    .register(svm.network, new ExactSvmScheme(signer, { rpc: { [svm.network]: svm.url } }))
  let where: string = evm.network
  client.registerPolicy((_version, offers) => offers.filter(({ network }) => network === where))
  const paidFetch = wrapFetchWithPayment(fetch, client)
  await paidFetch(`${seller.url}/forty`)
  where = svm.network
  await paidFetch(`${seller.url}/forty`)
  await expect(paidFetch(`${seller.url}/sixty`)).rejects.toMatchObject({ code: 'LIMIT_WINDOW', money: 'untouched' })
  expect(await seller.balances()).toEqual([400_000n, 400_000n])
  expect(await client.spending()).toContainEqual(
    expect.objectContaining({ limit: 'perDay', spent: '$0.80', left: '$0.20' }),
  )
})
