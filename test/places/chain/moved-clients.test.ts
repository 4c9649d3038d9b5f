import { generateKeyPairSigner } from '@solana/kit'
import axios from 'axios'
import { createWalletClient, http } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { approvePermit2 } from '../../../schemes/evm/index.js'
import { type Chain, createChain } from '../../support/chain/create-chain.js'
import { deployPermit2 } from '../../support/chain/deploy-permit2.js'
import type { Listening } from '../../support/chain/listen.js'
import { startOfficialExpressSeller } from '../../support/chain/official-express-seller.js'
import { createOfficialFacilitator } from '../../support/chain/official-facilitator.js'
import { startOfficialHonoSeller } from '../../support/chain/official-hono-seller.js'
import { startOfficialPermit2Seller } from '../../support/chain/official-permit2-seller.js'
import type { OfficialSeller } from '../../support/chain/official-seller.js'
import { createOfficialSvmFacilitator } from '../../support/chain/svm/create-official-svm-facilitator.js'
import { createSvmChain, type SvmChain, USDC_MINT } from '../../support/chain/svm/create-svm-chain.js'
import { startOfficialSvmSeller } from '../../support/chain/svm/start-official-svm-seller.js'
import { runProgram } from '../quickstarts/moved-program.js'

/**
 * The official e2e clients, written again with the same imports and calls, of which only the imports were moved; against the official sellers, and
 * what moved on the chains.
 */

let chain: Chain
let cluster: SvmChain
const sellers: Pick<Listening, 'stop'>[] = []
beforeAll(async () => {
  chain = await createChain()
  await deployPermit2(chain)
  cluster = await createSvmChain()
})
afterAll(async () => {
  for (const seller of sellers) await seller.stop()
  await cluster.stop()
  await chain.stop()
})

const PRICE = 10_000n
const clients = ['e2e-fetch', 'e2e-axios']

/** A buyer with a dollar on either chain, in which a client of theirs runs. */
async function openWorld(url: string) {
  const account = privateKeyToAccount(generatePrivateKey())
  const solana = await generateKeyPairSigner()
  await chain.mint(account.address, 1_000_000n)
  await cluster.writeAccount(solana.address, { mint: USDC_MINT, amount: 1_000_000n })
  const world = { fetch, axios: axios.create(), url, account, solana, rpcUrl: chain.url, svmRpcUrl: cluster.url }
  /** Sends the approval, on ether of its own. */
  const allow = async () => {
    await chain.fund(account.address)
    const wallet = createWalletClient({ account, transport: http(chain.url) })
    const { network, usdc: asset, publicClient } = chain
    const { transaction } = await approvePermit2(wallet, { network, asset, amount: PRICE })
    await publicClient.waitForTransactionReceipt({ hash: transaction })
  }
  return { account, solana, world, allow }
}

describe.each(clients)('the official client %s, moved', (client) => {
  test.each([
    ['express', startOfficialExpressSeller],
    ['hono', startOfficialHonoSeller],
  ])('pays the official %s seller by EIP-3009', async (_framework, start) => {
    const seller: OfficialSeller = await start({ facilitator: createOfficialFacilitator(chain) })
    sellers.push(seller)
    const { account, world } = await openWorld(`${seller.url}/weather`)
    expect(await runProgram(client, true, world)).toMatchObject({ success: true, status: 200, payer: account.address })
    expect(await chain.balanceOf(seller.payTo)).toBe(PRICE)
  })

  test.each([
    ['exact, allowed before', '/exact', true],
    ['exact, with a permit by EIP-2612', '/exact/permit', false],
    ['exact, with an approval that the seller sends', '/exact/approval', false],
    ['upto, allowed before', '/upto?charge=4000', true],
    ['upto, with a permit by EIP-2612', '/upto/permit?charge=4000', false],
  ])('pays through Permit2: %s', async (_what, path, isAllowed) => {
    const seller = await startOfficialPermit2Seller(chain)
    sellers.push(seller)
    const { account, world, allow } = await openWorld(`${seller.url}${path}`)
    if (isAllowed) await allow()
    expect(await runProgram(client, true, world)).toMatchObject({ success: true, status: 200, payer: account.address })
    expect(await chain.balanceOf(seller.payTo)).toBe(path.includes('charge') ? 4000n : PRICE)
  })

  test.each(['express', 'hono'] as const)('pays the official %s seller on Solana', async (framework) => {
    const payTo = (await generateKeyPairSigner()).address
    await cluster.writeAccount(payTo)
    const accepts = { scheme: 'exact', network: cluster.network, price: '$0.01', payTo }
    const seller = await startOfficialSvmSeller(framework, [createOfficialSvmFacilitator(cluster)], {
      'GET /weather': { accepts },
    })
    sellers.push(seller)
    const { solana, world } = await openWorld(`${seller.url}/weather`)
    expect(await runProgram(client, true, world)).toMatchObject({ success: true, status: 200, payer: solana.address })
    expect(await cluster.balanceOf(payTo)).toBe(PRICE)
  })
})
