import { x402UptoPermit2ProxyABI } from '@x402/evm'
import { encodeFunctionData, numberToHex, pad, toEventSelector } from 'viem'
import { describe, expect, test } from 'vitest'
import { ExactEvmScheme, UptoEvmScheme } from '../../../../../schemes/evm/index.js'
import { UPTO_PROXY } from '../../../../../schemes/evm/permit2/contracts.js'
import { verifyPermit2Receipt } from '../../../../../schemes/evm/permit2/receipt.js'
import type { Described } from '../../../../../src/payment/scheme.js'
import { account } from '../../../../support/create-buyer.js'
import { type RpcHandler, startRpc } from '../start-rpc.js'
import { createPermit2Terms } from './permit2-terms.js'

const transaction = `0x${'cd'.repeat(32)}` as const
const payer = '0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A'
const payTo = '0x209693Bc6afc0C5328bA36FaF03C514EF312287C'
const asset = '0x036CbD53842c5426634e7929541eC2318f3dCF7e'
const described: Described = { payer, payTo, asset, amount: 10_000n, validUntilSeconds: 1_750_000_000, nonce: '5' }

type Changes = { to?: string; owner?: `0x${string}`; nonce?: bigint; taken?: bigint; moved?: bigint; call?: unknown }

/** A node of a chain with one transaction, by which the proxy of `upto` settles 4,000 units of the payment. */
function createNode(changes: Changes = {}): RpcHandler {
  const { to = UPTO_PROXY, owner = payer, nonce = 5n, taken = 4_000n, moved = taken, call } = changes
  const input = encodeFunctionData({
    abi: x402UptoPermit2ProxyABI,
    functionName: 'settle',
    args: [
      { permitted: { token: asset, amount: 10_000n }, nonce, deadline: 1_750_000_000n },
      taken,
      owner,
      { to: payTo, facilitator: payTo, validAfter: 0n },
      '0x00',
    ],
  })
  const transfer = {
    address: asset,
    topics: [toEventSelector('Transfer(address,address,uint256)'), pad(payer), pad(payTo)],
    data: numberToHex(moved, { size: 32 }),
    blockNumber: '0x5',
    transactionHash: transaction,
  }
  const answers: Record<string, unknown> = {
    eth_chainId: '0x14a34',
    eth_getBlockByNumber: { number: '0x9', timestamp: '0x9' },
    eth_getTransactionByHash: call === undefined ? { hash: transaction, to, input } : call,
    eth_getTransactionReceipt: { transactionHash: transaction, status: '0x1', blockNumber: '0x5', logs: [transfer] },
  }
  return ({ method }) => answers[method] ?? null
}

async function verify(changes?: Changes, changed: Partial<Described> = {}) {
  const { url } = await startRpc(createNode(changes))
  const signed = { described: { ...described, ...changed }, spender: UPTO_PROXY }
  return verifyPermit2Receipt([url], 84_532, signed, transaction, 300)
}

describe('verifyReceipt: through Permit2', () => {
  test('tells the payment, and what was taken of it', async () => {
    expect(await verify()).toEqual({ verdict: 'settled', amount: 4_000n, final: true })
  })

  test.each<[what: string, changes: Changes]>([
    ['another nonce', { nonce: 6n }],
    ['another owner', { owner: payTo }],
  ])('tells a transaction that settles for %s from it', async (_what, changes) => {
    const problems = ['the transaction did not use the authorization that was signed']
    expect(await verify(changes)).toEqual({ verdict: 'mismatch', problems, final: true })
  })

  test('tells a transaction that takes more than was signed from it', async () => {
    expect(await verify({ taken: 10_001n })).toMatchObject({ verdict: 'mismatch' })
  })

  test('counts no less than the transaction takes, where the token keeps a fee of it', async () => {
    const because = 'the token moves another amount than the transaction takes'
    expect(await verify({ moved: 1n })).toEqual({ verdict: 'unknown', because })
  })

  test.each<[what: string, changes: Changes]>([
    ['calls another contract, whatever that is told', { to: asset }],
    ['the source does not show', { call: null }],
    [
      'the source shows another in the place of',
      { call: { hash: `0x${'00'.repeat(32)}`, to: UPTO_PROXY, input: '0x' } },
    ],
  ])('knows nothing of a transaction that %s', async (_what, changes) => {
    expect(await verify(changes)).toMatchObject({ verdict: 'unknown' })
  })

  test.each([{ nonce: `0x${'00'.repeat(32)}` }, { asset: 'USDC' }, { payTo: 'ada' }])(
    'knows nothing of a record with %o',
    async (changed) => {
      expect(await verify({}, changed)).toEqual({ verdict: 'unknown', because: 'the payment is none through Permit2' })
    },
  )

  test.each([ExactEvmScheme, UptoEvmScheme])('knows nothing without a source: %o', async (Scheme) => {
    const verdict = await new Scheme(account).verifyReceipt(described, createPermit2Terms('upto-permit2'), transaction)
    expect(verdict).toEqual({ verdict: 'unknown', because: '`rpc` has no source for eip155:84532' })
  })
})
