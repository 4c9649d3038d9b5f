import { x402ExactPermit2ProxyABI } from '@x402/evm'
import { createPublicClient, createWalletClient, encodeFunctionData, http, parseAbi } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, onTestFinished, test } from 'vitest'
import { approvePermit2, ExactEvmScheme, type TransactionSender, UptoEvmScheme } from '../../../schemes/evm/index.js'
import type { Permit2Payload } from '../../../schemes/evm/permit2/signature.js'
import type { Described } from '../../../src/payment/scheme.js'
import { type Chain, createChain } from '../../support/chain/create-chain.js'
import { deployPermit2, permit2Addresses, relay } from '../../support/chain/deploy-permit2.js'
import { minedHttp } from '../../support/chain/mined-http.js'
import { createOfficialPermit2Facilitator } from '../../support/chain/official-permit2-facilitator.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'
import { createPermit2Terms } from '../../unit/schemes/evm/permit2/permit2-terms.js'

/** Blocks that anvil mines before it calls one final: two epochs of 32. */
const FINALITY = 70

type Facilitator = ReturnType<typeof createOfficialPermit2Facilitator>

type Setting = {
  scheme?: 'exact' | 'upto'
  /** Who sends the cancellation. @default the buyer's wallet client */
  sender?: (chain: Chain, settle: () => Promise<unknown>, own: TransactionSender) => TransactionSender
  /** Sources beside the chain itself. */
  beside?: (chain: Chain) => Source
}

/** A chain of its own, since time on it only goes forward, with a buyer who allowed Permit2 enough and signed one payment. */
async function setUp({ scheme: name = 'exact', sender, beside }: Setting = {}) {
  const chain = await createChain()
  onTestFinished(chain.stop)
  await deployPermit2(chain)
  const { network, usdc: asset, publicClient } = chain
  const account = privateKeyToAccount(generatePrivateKey())
  await Promise.all([chain.mint(account.address, 1_000_000n), chain.fund(account.address)])
  const wallet = createWalletClient({ account, transport: minedHttp(chain.url) })
  const { transaction } = await approvePermit2(wallet, { network, asset, amount: 1_000_000n })
  await publicClient.waitForTransactionReceipt({ hash: transaction })
  const facilitator = createOfficialPermit2Facilitator(chain)
  const extra = name === 'upto' ? { facilitatorAddress: chain.facilitator.account.address } : {}
  const terms = { ...createPermit2Terms(`${name}-permit2`, { extra, maxTimeoutSeconds: 600 }), network }
  const Scheme = name === 'upto' ? UptoEvmScheme : ExactEvmScheme
  const scheme: ExactEvmScheme | UptoEvmScheme = new Scheme(account, {
    rpc: { [network]: [chain.url, ...[beside?.(chain) ?? []].flat()] },
    sender: sender?.(chain, () => settle(), wallet) ?? wallet,
  })
  const sign = async (): Promise<{ payload: Permit2Payload; described: Described }> => {
    const { payload } = await scheme.createPaymentPayload(2, terms)
    const described = scheme.describe(payload, terms)
    if (described === undefined || !('permit2Authorization' in payload)) throw new Error('It is no payment of Permit2.')
    return { payload, described }
  }
  const { payload, described } = await sign()
  const settle = (
    charge: string = terms.amount,
    presented: Permit2Payload = payload,
  ): ReturnType<Facilitator['settle']> =>
    facilitator.settle({ x402Version: 2, accepted: terms, payload: presented }, { ...terms, amount: charge })
  /** Sends a cancellation and looks for it once, as long as it isn't final. */
  const cancel = (cancellation?: string) => scheme.cancel({ ...described, cancellation }, terms, { timeoutMs: 0 })
  return {
    chain,
    account,
    terms,
    payload,
    described,
    sign,
    settle,
    reconcile: () => scheme.reconcile(described, terms),
    verify: (transaction: string) => scheme.verifyReceipt(described, terms, transaction),
    cancel,
    send: async () => {
      const error = await refusalOf(cancel())
      expect(error).toMatchObject({ code: 'CANCEL_NOT_FINAL', money: 'in-doubt' })
      return String(error.facts['transaction'])
    },
  }
}

describe('reconcile: through Permit2', () => {
  test('tells a payment that the official facilitator settled, with its transaction, and what it took once that is final', async () => {
    const { chain, reconcile, settle, described } = await setUp()
    expect(await reconcile()).toEqual({ verdict: 'unspent' })
    const { transaction } = await settle()
    expect(await reconcile()).toEqual({ verdict: 'spent', transaction })
    await chain.setTime(described.validUntilSeconds + 10)
    await chain.mine(FINALITY)
    expect(await reconcile()).toEqual({ verdict: 'spent', transaction, amount: 10_000n })
  })

  test('tells what was really taken of a maximum, also among other payments to the same seller', async () => {
    const { chain, reconcile, settle, sign } = await setUp({ scheme: 'upto' })
    await settle('7', (await sign()).payload)
    const { transaction } = await settle('1234')
    await settle('9', (await sign()).payload)
    await chain.mine(FINALITY)
    expect(await reconcile()).toEqual({ verdict: 'spent', transaction, amount: 1_234n })
  })

  test('tells no amount on which its sources disagree', async () => {
    const { chain, reconcile, settle } = await setUp({ scheme: 'upto', beside: lieAboutInput })
    const { transaction } = await settle('1234')
    await chain.mine(FINALITY)
    expect(await reconcile()).toEqual({ verdict: 'spent', transaction })
  })

  test('calls a payment that a transaction hides spent, and names neither transaction nor amount', async () => {
    const { chain, payload, reconcile } = await setUp()
    await settleHidden(chain, payload)
    expect(await reconcile()).toEqual({ verdict: 'spent' })
  })

  test('calls a payment dead only once a final block is later than its end', async () => {
    const { chain, reconcile, described } = await setUp({ scheme: 'upto' })
    await chain.setTime(described.validUntilSeconds)
    expect(await reconcile()).toEqual({ verdict: 'unspent' })
    await chain.setTime(described.validUntilSeconds + 60)
    expect(await reconcile()).toEqual({ verdict: 'unspent' })
    await chain.mine(FINALITY)
    expect(await reconcile()).toEqual({ verdict: 'unspent-and-dead' })
  })

  test('knows nothing once the chain is gone', async () => {
    const { chain, reconcile } = await setUp()
    await chain.stop()
    expect(await reconcile()).toEqual({ verdict: 'unknown' })
  })
})

describe('verifyReceipt: through Permit2', () => {
  test.each(['exact', 'upto'] as const)('tells a payment by %s, first mined and then final', async (scheme) => {
    const { chain, settle, verify } = await setUp({ scheme })
    const { transaction } = await settle()
    expect(await verify(transaction)).toEqual({ verdict: 'settled', amount: 10_000n, final: false })
    await chain.mine(FINALITY)
    expect(await verify(transaction)).toEqual({ verdict: 'settled', amount: 10_000n, final: true })
  })

  test('tells what was really taken of a maximum', async () => {
    const { settle, verify } = await setUp({ scheme: 'upto' })
    const { transaction } = await settle('1234')
    expect(await verify(transaction)).toEqual({ verdict: 'settled', amount: 1_234n, final: false })
  })

  test.each(['exact', 'upto'] as const)('tells another payment to the same seller from it, by %s', async (scheme) => {
    const { settle, sign, verify } = await setUp({ scheme })
    await settle()
    const { transaction } = await settle('10000', (await sign()).payload)
    const problems = ['the transaction did not use the authorization that was signed']
    expect(await verify(transaction)).toEqual({ verdict: 'mismatch', problems, final: false })
  })

  test('knows nothing of one that another contract settled', async () => {
    const { chain, payload, verify } = await setUp()
    expect(await verify(await settleHidden(chain, payload))).toEqual({
      verdict: 'unknown',
      because: 'the transaction settles through another contract, which names no signature',
    })
  })

  test('knows nothing on which its sources disagree', async () => {
    const { settle, verify } = await setUp({ scheme: 'upto', beside: lieAboutNonce })
    const { transaction } = await settle()
    expect(await verify(transaction)).toEqual({
      verdict: 'unknown',
      because: 'the sources disagree about the transaction',
    })
  })
})

describe.each(['exact', 'upto'] as const)('cancel: %s through Permit2', (scheme) => {
  test('so that nobody can settle, and dead once that is final', async () => {
    const { chain, account, send, cancel, reconcile, settle } = await setUp({ scheme })
    const sent = await chain.publicClient.getTransactionCount({ address: account.address })
    const transaction = await send()
    expect(await settle()).toMatchObject({ success: false })
    expect(await chain.balanceOf(account.address)).toBe(1_000_000n)
    expect(await reconcile()).toEqual({ verdict: 'unspent', transaction })
    // A second time it is waited for, and costs no gas.
    expect(await refusalOf(cancel(transaction))).toMatchObject({ code: 'CANCEL_NOT_FINAL', facts: { transaction } })
    await chain.mine(FINALITY)
    expect(await reconcile()).toEqual({ verdict: 'unspent-and-dead', transaction, canceled: true })
    expect(await cancel(transaction)).toEqual({ transaction })
    // Who doesn't know that it was sent from here believes no source that says so.
    expect(await refusalOf(cancel())).toMatchObject({ code: 'CANCEL_FAILED', money: 'in-doubt' })
    expect(await chain.publicClient.getTransactionCount({ address: account.address })).toBe(sent + 1)
  })

  test('error: ALREADY_SPENT when the seller settled before', async () => {
    const { cancel, settle } = await setUp({ scheme })
    const { transaction } = await settle()
    await expect(cancel()).rejects.toMatchObject({ code: 'ALREADY_SPENT', money: 'settled', facts: { transaction } })
  })

  test('error: ALREADY_SPENT when the seller settles while the cancellation is on its way', async () => {
    const { cancel } = await setUp({
      scheme,
      sender: (_chain, settle, own) => ({
        async sendTransaction(transaction) {
          await settle()
          return own.sendTransaction(transaction)
        },
      }),
    })
    await expect(cancel()).rejects.toMatchObject({ code: 'ALREADY_SPENT', money: 'settled' })
  })
})

describe('cancel: through Permit2, among what hides', () => {
  test('works beside other payments to the same seller, also hidden ones', async () => {
    const { chain, sign, settle, send, reconcile } = await setUp()
    await settle('10000', (await sign()).payload)
    await settleHidden(chain, (await sign()).payload)
    const transaction = await send()
    expect(await reconcile()).toEqual({ verdict: 'unspent', transaction })
  })

  test('error: CANCEL_FAILED when a hidden transaction settles while the cancellation is on its way', async () => {
    const hidden: { settle?: () => Promise<unknown> } = {}
    const { chain, payload, cancel, reconcile } = await setUp({
      sender: (_chain, _settle, own) => ({
        async sendTransaction(transaction) {
          await hidden.settle?.()
          return own.sendTransaction(transaction)
        },
      }),
    })
    hidden.settle = () => settleHidden(chain, payload)
    await expect(cancel()).rejects.toMatchObject({ code: 'CANCEL_FAILED', money: 'in-doubt' })
    expect(await reconcile()).toEqual({ verdict: 'spent' })
  })

  test('error: INVALID_OPTION when the sender is another account, and nothing is sent', async () => {
    const { chain, cancel } = await setUp({ sender: ({ facilitator }) => facilitator })
    const sent = await chain.publicClient.getTransactionCount({ address: chain.facilitator.account.address })
    await expect(cancel()).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    expect(await chain.publicClient.getTransactionCount({ address: chain.facilitator.account.address })).toBe(sent)
  })

  test('error: CANCEL_FAILED when the wallet sends nothing, and the money stays in doubt', async () => {
    const { cancel, reconcile } = await setUp({
      sender: () => ({ sendTransaction: () => Promise.reject(new Error('no')) }),
    })
    await expect(cancel()).rejects.toMatchObject({ code: 'CANCEL_FAILED', money: 'in-doubt' })
    expect(await reconcile()).toEqual({ verdict: 'unspent' })
  })
})

/** Settles through another contract, so that the transaction calls no proxy. */
async function settleHidden(
  { facilitator, publicClient }: Chain,
  { permit2Authorization, signature }: Permit2Payload,
): Promise<string> {
  const { from, permitted, nonce, deadline, witness } = permit2Authorization
  const data = encodeFunctionData({
    abi: x402ExactPermit2ProxyABI,
    functionName: 'settle',
    args: [
      {
        permitted: { token: permitted.token, amount: BigInt(permitted.amount) },
        nonce: BigInt(nonce),
        deadline: BigInt(deadline),
      },
      from,
      { to: witness.to, validAfter: BigInt(witness.validAfter) },
      signature,
    ],
  })
  const hash = await facilitator.writeContract({
    address: relay,
    abi: parseAbi(['function forward(address target, bytes data)']),
    functionName: 'forward',
    args: [permit2Addresses.exactProxy, data],
  })
  await publicClient.waitForTransactionReceipt({ hash })
  return hash
}

type Source = NonNullable<ExactEvmScheme.Options['rpc']>['eip155:84532']

/** A source that shows transactions as if they had charged one unit less. */
function lieAboutInput(chain: Chain): Source {
  return lie(chain, (input) => input.replace('4d2', '4d1'))
}

/** A source that shows transactions as if they had used another nonce, which is the third word of a call of `upto`. */
function lieAboutNonce(chain: Chain): Source {
  return lie(chain, (input) => `${input.slice(0, 138)}${'1'.repeat(64)}${input.slice(202)}`)
}

function lie({ url }: Chain, change: (input: string) => string): Source {
  const client = createPublicClient({ transport: http(url) })
  return {
    async request(request) {
      const answer: unknown = await client.request(request as never)
      if (request.method !== 'eth_getTransactionByHash') return answer
      const { input, ...rest } = answer as { input: string }
      return { ...rest, input: change(input) }
    },
  }
}
