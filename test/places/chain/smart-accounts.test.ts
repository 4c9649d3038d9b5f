import { createWalletClient, http, zeroAddress } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EvmAccount, ExactEvmScheme } from '../../../schemes/evm/index.js'
import { paymentOf, wrapFetchWithPayment } from '../../../src/fetch/index.js'
import { isX402Error, x402Client } from '../../../src/index.js'
import { type Chain, createChain } from '../../support/chain/create-chain.js'
import {
  createSmartAccount,
  createUndeployedAccount,
  deploySmartAccount,
  deploySmartAccountFactory,
} from '../../support/chain/create-smart-account.js'
import { startOfficialExpressSeller } from '../../support/chain/official-express-seller.js'
import { createOfficialFacilitator } from '../../support/chain/official-facilitator.js'
import type { OfficialSeller } from '../../support/chain/official-seller.js'

let chain: Chain
const sellers: OfficialSeller[] = []
beforeAll(async () => {
  chain = await createChain()
})
afterAll(() => Promise.all([...sellers.map(({ stop }) => stop()), chain.stop()]))

const BALANCE = 1_000_000n
const PRICE = 10_000n

async function startSeller(options?: createOfficialFacilitator.Options): Promise<OfficialSeller> {
  const seller = await startOfficialExpressSeller({ facilitator: createOfficialFacilitator(chain, options) })
  sellers.push(seller)
  return seller
}

/** A dollar for the account, and a fetch that pays from it. */
async function fund(account: EvmAccount, options?: ExactEvmScheme.Options) {
  await chain.mint(account.address as `0x${string}`, BALANCE)
  const client = new x402Client().register('eip155:*', new ExactEvmScheme(account, options))
  return wrapFetchWithPayment(fetch, client)
}

async function expectPaid(seller: OfficialSeller, account: EvmAccount, response: Response): Promise<void> {
  expect(response.status).toBe(200)
  expect(paymentOf(response)).toMatchObject({ money: 'settled', receipt: { state: 'verified' } })
  expect(await chain.balanceOf(account.address as `0x${string}`)).toBe(BALANCE - PRICE)
  expect(await chain.balanceOf(seller.payTo)).toBe(PRICE)
}

const verify: ExactEvmScheme.Options['verify'] = (signed) => chain.publicClient.verifyHash(signed)

const codeOf = (account: EvmAccount) => chain.publicClient.getCode({ address: account.address as `0x${string}` })

test('a contract account pays the official seller, by its owner’s signature (ERC-1271)', async () => {
  const seller = await startSeller()
  const account = await createSmartAccount(chain)
  const paidFetch = await fund(account, { verify })
  expect(await codeOf(account)).toBeDefined()
  await expectPaid(seller, account, await paidFetch(`${seller.url}/weather`))
})

test('error: SIGNATURE_UNVERIFIED when the key isn’t the owner of the contract account, and nothing leaves', async () => {
  const seller = await startSeller()
  const [account, other] = [await createSmartAccount(chain), await createSmartAccount(chain)]
  const paidFetch = await fund({ address: account.address, signTypedData: other.signTypedData }, { verify })
  const error: unknown = await paidFetch(`${seller.url}/weather`).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'SIGNER_FAILED', money: 'released', cause: { code: 'SIGNATURE_UNVERIFIED' } })
  expect(seller.requests).toHaveLength(1)
  expect(await chain.balanceOf(account.address)).toBe(BALANCE)
})

test('a plain account with delegated code pays as it always did (EIP-7702)', async () => {
  const seller = await startSeller()
  const account = privateKeyToAccount(generatePrivateKey())
  await chain.fund(account.address)
  const wallet = createWalletClient({ account, chain: chain.publicClient.chain, transport: http(chain.url) })
  const contractAddress = await deploySmartAccount(chain, zeroAddress)
  const authorization = await wallet.signAuthorization({ contractAddress, executor: 'self' })
  const hash = await wallet.sendTransaction({
    authorizationList: [authorization],
    to: account.address,
    data: '0x',
    chain: null,
  })
  await chain.publicClient.waitForTransactionReceipt({ hash })
  expect(await codeOf(account)).toBe(`0xef0100${contractAddress.slice(2).toLowerCase()}`)
  const paidFetch = await fund(account)
  await expectPaid(seller, account, await paidFetch(`${seller.url}/weather`))
})

test('an account that is not deployed yet pays where whoever settles deploys it (ERC-6492)', async () => {
  const factory = await deploySmartAccountFactory(chain)
  const seller = await startSeller({ factories: [factory] })
  const account = await createUndeployedAccount(chain, factory)
  const paidFetch = await fund(account)
  expect(await codeOf(account)).toBeUndefined()
  await expectPaid(seller, account, await paidFetch(`${seller.url}/weather`))
  expect(await codeOf(account)).toBeDefined()
})

test('error: PAYMENT_REJECTED says what to do when nobody deploys the account, and nothing moves', async () => {
  const factory = await deploySmartAccountFactory(chain)
  const seller = await startSeller()
  const account = await createUndeployedAccount(chain, factory)
  const paidFetch = await fund(account)
  const error: unknown = await paidFetch(`${seller.url}/weather`).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'PAYMENT_REJECTED', money: 'in-doubt' })
  expect(isX402Error(error) && error.facts['seller says']).toBe('"eip6492_factory_not_allowed"')
  expect(isX402Error(error) && error.message).toMatch(/deploy it, which its first transaction does/)
  expect(await chain.balanceOf(account.address)).toBe(BALANCE)
  expect(await chain.balanceOf(seller.payTo)).toBe(0n)
})
