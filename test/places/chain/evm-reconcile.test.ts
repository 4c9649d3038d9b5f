import { createPublicClient, createWalletClient, type Hex, http, isHex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { expect, onTestFinished, test } from 'vitest'
import { ExactEvmScheme, type RpcSource, type TransactionSender } from '../../../schemes/evm/index.js'
import type { Described } from '../../../src/payment/scheme.js'
import { type Chain, createChain } from '../../support/chain/create-chain.js'
import { minedHttp } from '../../support/chain/mined-http.js'
import { createOfficialFacilitator } from '../../support/chain/official-facilitator.js'
import { startAnvil } from '../../support/chain/start-anvil.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'
import { createTerms } from '../../unit/schemes/evm/exact/terms.js'

/** Blocks that anvil mines before it calls one final: two epochs of 32. */
const FINALITY = 70

/** A chain of its own, since time on it only goes forward, with a buyer who has signed one payment of $0.01. */
async function setUp({ funds: balance = 1_000_000n, sender, signing }: Setting = {}) {
  const chain = await createChain()
  onTestFinished(chain.stop)
  const account = privateKeyToAccount(generatePrivateKey())
  if (balance > 0n) await chain.mint(account.address, balance)
  await chain.fund(account.address)
  const wallet = createWalletClient({ account, transport: minedHttp(chain.url) })
  const scheme: ExactEvmScheme = new ExactEvmScheme(sender === undefined ? wallet : account, {
    rpc: { [chain.network]: [chain.url, chain.publicClient] satisfies RpcSource[] },
    sender: sender?.(chain, () => settle()),
    signing,
  })
  const terms = createTerms()
  const { payload } = await scheme.createPaymentPayload(2, terms)
  const described = read(scheme.describe(payload, terms))
  const accepted = { ...terms, network: chain.network, extra: terms.extra ?? {} }
  const settle = () => createOfficialFacilitator(chain).settle({ x402Version: 2, accepted, payload }, accepted)
  const reconcile = () => scheme.reconcile(described, terms)
  /** Sends a cancellation and looks for it once, as long as it isn't final. */
  const cancel = (cancellation?: string) => scheme.cancel({ ...described, cancellation }, terms, { timeoutMs: 0 })
  const send = async () => {
    const error = await refusalOf(cancel())
    expect(error).toMatchObject({ code: 'CANCEL_NOT_FINAL', money: 'in-doubt' })
    return readHash(error.facts['transaction'])
  }
  return { send, chain, account, wallet, scheme, terms, described, settle, reconcile, cancel }
}

type Setting = {
  /** Atomic units. @default 1_000_000n */
  funds?: bigint
  /** Who sends the cancellation. @default the buyer's wallet client */
  sender?: (chain: Chain, settle: () => Promise<unknown>) => TransactionSender
  signing?: 'typed-data' | 'hash'
}

function readHash(text = ''): Hex {
  if (isHex(text)) return text
  throw new Error('It names no transaction.')
}

function read(described: Described | undefined): Described {
  if (described === undefined) throw new Error('The payload authorizes nothing.')
  return described
}

test('reconcile: tells a payment that the official facilitator settled, with its transaction', async () => {
  const { chain, reconcile, settle, described } = await setUp()
  expect(await reconcile()).toEqual({ verdict: 'unspent' })
  const { transaction } = await settle()
  expect(await reconcile()).toEqual({ verdict: 'spent', transaction })
  await chain.setTime(described.validUntilSeconds + 10)
  await chain.mine(FINALITY)
  expect(await reconcile()).toEqual({ verdict: 'spent', transaction })
})

test('reconcile: calls an authorization dead only once a final block is later than its end', async () => {
  const { chain, reconcile, described } = await setUp()
  await chain.setTime(described.validUntilSeconds - 1)
  expect(await reconcile()).toEqual({ verdict: 'unspent' })
  await chain.setTime(described.validUntilSeconds + 60)
  expect(await reconcile()).toEqual({ verdict: 'unspent' })
  await chain.mine(FINALITY)
  expect(await reconcile()).toEqual({ verdict: 'unspent-and-dead' })
})

test('reconcile: calls a canceled authorization dead once that is final, long before its end', async () => {
  const { chain, reconcile, send } = await setUp()
  const transaction = await send()
  expect(await reconcile()).toEqual({ verdict: 'unspent', transaction })
  await chain.mine(FINALITY)
  expect(await reconcile()).toEqual({ verdict: 'unspent-and-dead', transaction, canceled: true })
})

test('reconcile: knows nothing once the chain is gone', async () => {
  const { chain, reconcile, scheme, terms } = await setUp()
  await chain.stop()
  expect(await reconcile()).toEqual({ verdict: 'unknown' })
  expect(await scheme.readFunding(terms)).toBe('unknown')
})

test.each(['typed-data', 'hash'] as const)(
  'cancel: with signing %s, through the wallet client that signs, so that nobody can settle',
  async (signing) => {
    const { chain, account, described, settle, send, cancel } = await setUp({ signing })
    const transaction = await send()
    const receipt = await chain.publicClient.getTransactionReceipt({ hash: transaction })
    expect(receipt).toMatchObject({ status: 'success', from: account.address.toLowerCase() })
    expect(await settle()).toMatchObject({ success: false, errorReason: expect.stringMatching(/nonce/) })
    expect(await chain.balanceOf(account.address)).toBe(1_000_000n)
    // A second time it is waited for, and costs no gas.
    expect(await refusalOf(cancel(transaction))).toMatchObject({ code: 'CANCEL_NOT_FINAL', facts: { transaction } })
    await chain.mine(FINALITY)
    expect(await cancel(transaction)).toEqual({ transaction })
    // Who doesn't know that it was sent from here believes no source that says so.
    expect(await refusalOf(cancel())).toMatchObject({ code: 'CANCEL_FAILED', money: 'in-doubt' })
    expect(await chain.publicClient.getTransactionCount({ address: account.address })).toBe(1)
    expect(described.payer).toBe(account.address)
  },
)

test('cancel: through a sender that pays the gas for the buyer', async () => {
  const { chain, account, send, reconcile } = await setUp({
    sender: ({ facilitator, publicClient }) => ({
      async sendTransaction(transaction) {
        const hash = await facilitator.sendTransaction(transaction)
        await publicClient.waitForTransactionReceipt({ hash }) // anvil answers before it mines
        return hash
      },
    }),
  })
  const transaction = await send()
  expect(await reconcile()).toEqual({ verdict: 'unspent', transaction })
  expect(await chain.publicClient.getTransactionCount({ address: account.address })).toBe(0)
})

/** One of the accounts that anvil keeps the keys of. */
const keptByNode = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'

test('cancel: through a wallet behind JSON-RPC', async () => {
  const sender = ({ url }: Chain) => createWalletClient({ account: keptByNode, transport: minedHttp(url) })
  const { send, reconcile } = await setUp({ sender })
  const transaction = await send()
  expect(await reconcile()).toEqual({ verdict: 'unspent', transaction })
})

test('cancel: resolves while it waits, once the block is final', async () => {
  const sender = (chain: Chain): TransactionSender => ({
    async sendTransaction(transaction) {
      const hash = await chain.facilitator.sendTransaction(transaction)
      await chain.mine(FINALITY)
      return hash
    },
  })
  const { scheme, described, terms } = await setUp({ sender })
  const sent: string[] = []
  const onSent = async (transaction: string) => void sent.push(transaction)
  const { transaction } = await scheme.cancel(described, terms, { onSent })
  expect(sent).toEqual([transaction])
})

test('error: CANCEL_FAILED when the wallet is on another chain, and nothing is sent there', async () => {
  const elsewhere = await startAnvil({ chainId: 31_337 })
  onTestFinished(elsewhere.stop)
  const wallet = createWalletClient({ account: keptByNode, transport: http(elsewhere.url) })
  const { cancel, reconcile } = await setUp({ sender: () => wallet })
  await expect(cancel()).rejects.toMatchObject({ code: 'CANCEL_FAILED', money: 'in-doubt' })
  expect(await createPublicClient({ transport: http(elsewhere.url) }).getBlockNumber()).toBe(0n)
  expect(await reconcile()).toEqual({ verdict: 'unspent' })
})

test('error: ALREADY_SPENT when the seller settles while the buyer cancels', async () => {
  const sender = ({ facilitator }: Chain, settle: () => Promise<unknown>): TransactionSender => ({
    sendTransaction: async (transaction) => {
      await settle()
      return facilitator.sendTransaction(transaction)
    },
  })
  const { chain, account, cancel } = await setUp({ sender })
  await expect(cancel()).rejects.toMatchObject({ code: 'ALREADY_SPENT', money: 'settled' })
  expect(await chain.balanceOf(account.address)).toBe(990_000n)
})

test('readFunding: reads the balance from the chain', async () => {
  const { chain, account, scheme, terms } = await setUp({ funds: 9_999n })
  expect(await scheme.readFunding(terms)).toBe('short')
  await chain.mint(account.address, 1n)
  expect(await scheme.readFunding(terms)).toBe('enough')
})
