import { x402UptoPermit2ProxyABI } from '@x402/evm'
import { encodeFunctionData, type Hex, parseAbi } from 'viem'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import type { Permit2Payload } from '../../../schemes/evm/permit2/signature.js'
import { paymentOf, wrapFetchWithPayment } from '../../../src/fetch/index.js'
import { x402Client } from '../../../src/index.js'
import { createMemoryLedger } from '../../../src/ledger/index.js'
import { createManualClock, type ManualClock } from '../../../src/testing/manual-clock.js'
import { createSlowLedger } from '../../../src/testing/slow-ledger.js'
import type { PaymentPayload } from '../../../src/wire/payload.js'
import { type Chain, createChain } from '../../support/chain/create-chain.js'
import { createSmartAccount } from '../../support/chain/create-smart-account.js'
import { deployPermit2, permit2Addresses } from '../../support/chain/deploy-permit2.js'
import { createOfficialPermit2Facilitator } from '../../support/chain/official-permit2-facilitator.js'
import { startOfficialPermit2Seller } from '../../support/chain/official-permit2-seller.js'
import { askToPay } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'
import { createPermit2Buyer } from './create-permit2-buyer.js'

/** Blocks that anvil mines before it calls one final: two epochs of 32. */
const FINALITY = 70

const dollar = 1_000_000n

/** A chain of its own, since time on it only goes forward, with an official seller on it. */
async function openPlace() {
  const chain = await createChain()
  onTestFinished(chain.stop)
  await deployPermit2(chain)
  const seller = await startOfficialPermit2Seller(chain)
  onTestFinished(seller.stop)
  const clock = createManualClock(Math.floor(Date.now() / 1000))
  /** Turns the buyer's clock and the chain's past the end of all payments, with the minute of grace, and makes that final. */
  const outlive = async () => {
    clock.advance(700)
    await chain.setTime(clock.nowSeconds())
    await chain.mine(FINALITY)
  }
  return { chain, seller, clock, outlive }
}

const ledgers: [string, (clock: ManualClock) => ReturnType<typeof createMemoryLedger>][] = [
  ['', (clock) => createMemoryLedger({ clock })],
  [', on a slow ledger', (clock) => createSlowLedger(createMemoryLedger({ clock }))],
]

/** A seller of ours that asks as the official one does, and keeps what it is paid with. */
async function openKeeper(url: string, status: number) {
  const terms = await fetch(url)
  const required: object = JSON.parse(Buffer.from(terms.headers.get('payment-required') ?? '', 'base64').toString())
  const kept: PaymentPayload[] = []
  const keeper = await openSeller(({ payment }, response) => {
    if (payment === undefined) return askToPay(response, required)
    kept.push(payment)
    response.writeHead(status)
    response.end('kept')
  })
  const first = () => {
    const [payment] = kept
    if (payment === undefined) throw new Error('nothing was paid')
    return payment
  }
  return { url: keeper.url, kept, first }
}

/** Settles for less than any facilitator would, by the proxy's own call. */
async function settleFor(chain: Chain, { payload }: PaymentPayload, amount: bigint): Promise<Hex> {
  const { permit2Authorization: signed, signature } = payload as Permit2Payload
  const { permitted, nonce, deadline, witness } = signed
  const facilitator = witness.facilitator
  if (facilitator === undefined) throw new Error('it is no payment by upto')
  const data = encodeFunctionData({
    abi: x402UptoPermit2ProxyABI,
    functionName: 'settle',
    args: [
      {
        permitted: { token: permitted.token, amount: BigInt(permitted.amount) },
        nonce: BigInt(nonce),
        deadline: BigInt(deadline),
      },
      amount,
      signed.from,
      { to: witness.to, facilitator, validAfter: BigInt(witness.validAfter) },
      signature,
    ],
  })
  const hash = await chain.facilitator.sendTransaction({ to: permit2Addresses.uptoProxy, data })
  const { status } = await chain.publicClient.waitForTransactionReceipt({ hash })
  expect(status).toBe('success')
  return hash
}

describe.each(ledgers)('an upto is given back%s', (_ledger, createLedger) => {
  test('what was not charged no longer counts once the chain shows it, and is bought for', async () => {
    const { chain, seller, clock, outlive } = await openPlace()
    const limits = { perDay: { amount: '$0.025', payments: 10 } }
    const buyer = await createPermit2Buyer(chain, { client: { clock, ledger: createLedger(clock), limits } })
    await buyer.approve(dollar)
    for (const charge of [1_234, 2_000]) await buyer.fetch(`${seller.url}/upto?charge=${charge}`)
    expect(await buyer.client.spending()).toMatchObject([{ spent: '$0.02', held: '$0.00', left: '$0.005' }, {}])
    expect(await refusalOf(buyer.fetch(`${seller.url}/upto?charge=1`))).toMatchObject({ code: 'LIMIT_WINDOW' })
    // The seller's receipts said how much at once; the chain's word alone gives back.
    await chain.mine(FINALITY)
    expect(await buyer.client.reconcile()).toEqual([])

    await outlive()
    const given = await buyer.client.reconcile()
    expect(given.map(({ money, charged }) => [money, charged]).sort()).toEqual([
      ['settled', 1_234n],
      ['settled', 2_000n],
    ])
    expect(await buyer.client.spending()).toMatchObject([{ spent: '$0.003234', held: '$0.00', left: '$0.021766' }, {}])
    expect(await buyer.balance()).toBe(dollar - 3_234n)
    expect(paymentOf(await buyer.fetch(`${seller.url}/upto?charge=1`))).toMatchObject({ money: 'settled' })
    // What was asked once is known, so a third and a fourth maximum fit what is left.
    expect(paymentOf(await buyer.fetch(`${seller.url}/upto?charge=1`))).toMatchObject({ money: 'settled' })
    expect(await refusalOf(buyer.fetch(`${seller.url}/upto?charge=1`))).toMatchObject({ code: 'LIMIT_WINDOW' })
  })

  test('a charge of zero that is never settled: all of it, once the chain proves that it is dead', async () => {
    const { chain, seller, clock, outlive } = await openPlace()
    const buyer = await createPermit2Buyer(chain, { client: { clock, ledger: createLedger(clock) } })
    await buyer.approve(dollar)
    const response = await buyer.fetch(`${seller.url}/upto?charge=0`)
    expect(paymentOf(response)).toMatchObject({ money: 'in-doubt', delivery: 'delivered' })
    const { id } = paymentOf(response) ?? {}
    expect(await buyer.client.reconcile()).toMatchObject([{ id, money: 'in-doubt' }])
    expect(await buyer.client.spending()).toMatchObject([{ held: '$0.01' }])

    await outlive()
    expect(await buyer.client.reconcile()).toMatchObject([{ id, money: 'released' }])
    expect(await buyer.client.spending()).toMatchObject([{ held: '$0.00', spent: '$0.00' }])
    expect(await buyer.client.payments()).toMatchObject([{ id, money: 'released', delivery: 'delivered' }])
    expect(await buyer.balance()).toBe(dollar)
  })

  test('a charge of zero that is settled on the chain: all of it, since nothing was taken', async () => {
    const { chain, seller, clock, outlive } = await openPlace()
    const buyer = await createPermit2Buyer(chain, { client: { clock, ledger: createLedger(clock) } })
    await buyer.approve(dollar)
    const keeper = await openKeeper(`${seller.url}/upto`, 200)
    await buyer.fetch(keeper.url)
    const transaction = await settleFor(chain, keeper.first(), 0n)

    await outlive()
    expect(await buyer.client.reconcile()).toMatchObject([{ money: 'settled', transaction, charged: 0n }])
    expect(await buyer.client.spending()).toMatchObject([{ held: '$0.00', spent: '$0.00' }])
    expect(await buyer.client.payments()).toMatchObject([{ amount: '10000', charged: '0' }])
    expect(await buyer.balance()).toBe(dollar)
    // It was used up: nobody takes anything by it any more.
    await expect(settleFor(chain, keeper.first(), 1n)).rejects.toThrow()
  })

  test('a charge of zero that its receipt names: by verifyReceipt, in a final block', async () => {
    const { chain, seller, clock, outlive } = await openPlace()
    const buyer = await createPermit2Buyer(chain, { client: { clock, ledger: createLedger(clock) } })
    await buyer.approve(dollar)
    const keeper = await openKeeper(`${seller.url}/upto`, 200)
    const { id = '' } = paymentOf(await buyer.fetch(keeper.url)) ?? {}
    const transaction = await settleFor(chain, keeper.first(), 0n)
    // Settled by the chain's word, and given back no sooner than its end.
    expect(await buyer.client.verifyReceipt(id, { transaction })).toMatchObject({ verdict: 'settled', amount: 0n })
    expect(await buyer.client.spending()).toMatchObject([{ spent: '$0.01' }])

    await outlive()
    expect(await buyer.client.verifyReceipt(id)).toMatchObject({ verdict: 'settled', amount: 0n, final: true })
    expect(await buyer.client.spending()).toMatchObject([{ spent: '$0.00' }])
  })
})

describe.each(ledgers)('a payment of a contract account (ERC-1271) through Permit2%s', (_ledger, createLedger) => {
  /** A contract account with a dollar, all of which Permit2 may take or nothing. */
  async function openAccount(isAllowed: boolean) {
    const place = await openPlace()
    const { chain, clock } = place
    const account = await createSmartAccount(chain)
    await Promise.all([chain.mint(account.address, dollar), chain.fund(account.address)])
    if (isAllowed) await allowAll(chain, account.address)
    const ledger = createLedger(clock)
    const scheme = new ExactEvmScheme(account, { rpc: { [chain.network]: chain.url } })
    const client = new x402Client({ clock, ledger }).register('eip155:*', scheme)
    return { ...place, account, client, paidFetch: wrapFetchWithPayment(fetch, client) }
  }

  test('settles with the official seller', async () => {
    const { chain, seller, account, paidFetch } = await openAccount(true)
    expect(paymentOf(await paidFetch(`${seller.url}/exact`))).toMatchObject({ money: 'settled' })
    expect(await chain.balanceOf(account.address)).toBe(dollar - 10_000n)
  })

  test('is released once the chain proves that its signature was never used and is dead', async () => {
    const { chain, seller, account, client, paidFetch, outlive } = await openAccount(true)
    const keeper = await openKeeper(`${seller.url}/exact`, 500)
    await paidFetch(keeper.url).catch(() => undefined)
    expect(await client.reconcile()).toMatchObject([{ money: 'in-doubt' }])
    expect(await client.spending()).toMatchObject([{ held: '$0.01' }])

    await outlive()
    expect(await client.reconcile()).toMatchObject([{ money: 'released' }])
    expect(await client.spending()).toMatchObject([{ held: '$0.00', spent: '$0.00' }])
    const accepted = keeper.first().accepted as never
    const late = await createOfficialPermit2Facilitator(chain).settle(keeper.first() as never, accepted)
    expect(late.success).toBe(false)
    expect(await chain.balanceOf(account.address)).toBe(dollar)
  })

  test('is released at once where its permit is dropped, since EIP-2612 takes no signature of a contract', async () => {
    const { seller, client, paidFetch } = await openAccount(false)
    const error = await refusalOf(paidFetch(`${seller.url}/exact/permit`))
    expect(error).toMatchObject({ code: 'ALLOWANCE_REQUIRED', money: 'released' })
    expect(await client.payments()).toMatchObject([{ money: 'released', allowances: [] }])
    expect(await client.spending()).toMatchObject([{ held: '$0.00', spent: '$0.00' }])
  })
})

/** Sends the contract account's approval, as its own code would. */
async function allowAll(chain: Chain, from: Hex): Promise<void> {
  const request = chain.publicClient.request as (asked: { method: string; params: unknown[] }) => Promise<unknown>
  const data = encodeFunctionData({
    abi: parseAbi(['function approve(address spender, uint256 amount) returns (bool)']),
    args: [permit2Addresses.permit2, dollar],
  })
  await request({ method: 'anvil_impersonateAccount', params: [from] })
  const hash = await request({ method: 'eth_sendTransaction', params: [{ from, to: chain.usdc, data }] })
  await chain.publicClient.waitForTransactionReceipt({ hash: hash as Hex })
}
