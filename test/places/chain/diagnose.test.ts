import { type Address, generateKeyPairSigner } from '@solana/kit'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import { payFrom, x402Client } from '../../../src/index.js'
import { permit2Addresses } from '../../support/chain/deploy-permit2.js'
import { permit2Price } from '../../support/chain/official-permit2-seller.js'
import { createSvmChain, USDC_MINT } from '../../support/chain/svm/create-svm-chain.js'
import { askToPay, createOffer, createRequired } from '../../support/offers.js'
import { startSeller } from '../../support/start-seller.js'
import { createPermit2Buyer } from './create-permit2-buyer.js'
import { createSvmBuyer } from './create-svm-buyer.js'
import { openPermit2Place, type Permit2Place } from './open-permit2-place.js'

let chain: Permit2Place['chain']
let seller: Permit2Place['seller']
openPermit2Place((place) => {
  chain = place.chain
  seller = place.seller
})

async function openEip3009(): Promise<string> {
  const offer = createOffer({
    asset: chain.usdc,
    network: chain.network,
    extra: { name: chain.usdcName, version: '2' },
  })
  const shop = await startSeller((_request, response) => askToPay(response, createRequired([offer])))
  onTestFinished(shop.stop)
  return shop.url
}

/** A scheme of an account that nobody sent anything, unless a test does. */
function createScheme(rpc: string | undefined = chain.url) {
  const account = privateKeyToAccount(generatePrivateKey())
  return { account, scheme: new ExactEvmScheme(account, { rpc: { [chain.network]: rpc } }) }
}

/** What a client finds about its wallet. */
async function diagnose(client: x402Client, url: string) {
  const { cost, findings } = await client.diagnose(url)
  return { cost, findings: findings.filter(({ code }) => code !== 'ONLY_TESTNET') }
}

describe('the funds of a wallet', () => {
  test('too little is said with what is there and what is needed', async () => {
    const { account, scheme } = createScheme()
    await chain.mint(account.address, 4_000n)
    const client = new x402Client().register('eip155:*', scheme)
    const { cost, findings } = await diagnose(client, await openEip3009())
    expect(cost).toBe('refused')
    expect(findings).toMatchObject([{ code: 'NO_FUNDS', blocks: true, offer: 0 }])
    expect(findings[0]?.message).toBe(
      `The wallet ${account.address} holds 0.004 USDC, and 0.01 USDC are needed on ${chain.network}.`,
    )
  })

  test('enough is no finding', async () => {
    const { account, scheme } = createScheme()
    await chain.mint(account.address, 10_000n)
    const client = new x402Client().register('eip155:*', scheme)
    expect(await diagnose(client, await openEip3009())).toEqual({ cost: 'payable', findings: [] })
  })

  test('of several accounts the one that holds most counts', async () => {
    const [poor, rich] = [createScheme(), createScheme()]
    await chain.mint(rich.account.address, 10_000n)
    const client = new x402Client().register('eip155:*', payFrom([poor.scheme, rich.scheme]))
    expect(await diagnose(client, await openEip3009())).toEqual({ cost: 'payable', findings: [] })
  })

  test('a chain that does not answer leaves them unknown, and blocks nothing', async () => {
    const client = new x402Client().register('eip155:*', createScheme('http://127.0.0.1:1').scheme)
    const { cost, findings } = await diagnose(client, await openEip3009())
    expect([cost, findings.map(({ code, blocks }) => [code, blocks])]).toEqual(['payable', [['FUNDS_UNKNOWN', false]]])
  })
})

describe('the allowance of Permit2', () => {
  test('a missing one is said with the contract, and is gone once it is there', async () => {
    const buyer = await createPermit2Buyer(chain)
    const missing = await diagnose(buyer.client, `${seller.url}/exact`)
    expect(missing.cost).toBe('refused')
    expect(missing.findings).toMatchObject([{ code: 'ALLOWANCE_MISSING', blocks: true }])
    expect(missing.findings[0]?.message).toBe(
      `The contract ${permit2Addresses.permit2} may take 0.00 USDC of the wallet ${buyer.owner}, and 0.01 USDC are needed on ${chain.network}.`,
    )
    await buyer.approve(permit2Price)
    expect(await diagnose(buyer.client, `${seller.url}/exact`)).toEqual({ cost: 'payable', findings: [] })
    expect([await buyer.allowance(), await buyer.client.payments()]).toEqual([permit2Price, []])
  })

  test('one that is signed along with the payment blocks nothing', async () => {
    const buyer = await createPermit2Buyer(chain)
    const { cost, findings } = await diagnose(buyer.client, `${seller.url}/exact/permit`)
    expect([cost, findings.map(({ code, blocks }) => [code, blocks])]).toEqual([
      'payable',
      [['ALLOWANCE_TO_SIGN', false]],
    ])
    expect(await buyer.allowance()).toBe(0n)
  })

  test('it is asked of upto, too', async () => {
    const buyer = await createPermit2Buyer(chain)
    const { findings } = await diagnose(buyer.client, `${seller.url}/upto?charge=1`)
    expect(findings).toMatchObject([{ code: 'ALLOWANCE_MISSING', blocks: true }])
  })
})

test('the funds of a wallet on Solana are read the same way', async () => {
  const cluster = await createSvmChain()
  onTestFinished(() => cluster.stop())
  const payTo: Address = (await generateKeyPairSigner()).address
  await cluster.writeAccount(payTo)
  const extra = { feePayer: cluster.facilitator.address }
  const offer = createOffer({ network: cluster.network, asset: USDC_MINT, payTo, extra })
  const shop = await startSeller((_request, response) => askToPay(response, createRequired([offer])))
  onTestFinished(shop.stop)
  const found = async (amount: bigint) => {
    const buyer = await createSvmBuyer(cluster, { amount })
    return (await buyer.client.diagnose(shop.url)).findings.filter(({ code }) => code === 'NO_FUNDS')
  }
  expect([await found(0n), await found(9_999n), await found(10_000n)]).toMatchObject([
    [{ blocks: true }],
    [{ blocks: true }],
    [],
  ])
})
