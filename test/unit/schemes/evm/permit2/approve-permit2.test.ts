import { describe, expect, test } from 'vitest'
import { approvePermit2, type EvmTransaction, permit2Allowance } from '../../../../../schemes/evm/index.js'
import { encodeApprove } from '../../../../../schemes/evm/permit2/sponsoring/approval-transaction.js'
import { pinned } from '../../../../support/vectors/read-vector.js'
import { createAllowanceNode } from '../sponsoring/create-allowance-node.js'
import { startRpc } from '../start-rpc.js'

const network = 'eip155:84532'
const asset = '0x036CbD53842c5426634e7929541eC2318f3dCF7e'
const owner = pinned.evmAddress
const hash = `0x${'AB'.repeat(32)}`

/** A wallet that keeps what it was asked to send. */
function createWallet(answer: string = hash) {
  const sent: EvmTransaction[] = []
  return {
    sent,
    async sendTransaction(transaction: EvmTransaction) {
      sent.push(transaction)
      return answer
    },
  }
}

describe('approvePermit2', () => {
  test.each([
    [10_000n, 10_000n],
    [0n, 0n],
    ['unlimited', 2n ** 256n - 1n],
  ] as const)('approves %s, for that token on that chain', async (amount, approved) => {
    const wallet = createWallet()
    expect(await approvePermit2(wallet, { network, asset: asset.toLowerCase(), amount })).toEqual({
      transaction: hash.toLowerCase(),
    })
    expect(wallet.sent).toMatchObject([{ to: asset, data: encodeApprove(approved), chainId: 84_532 }])
  })

  test.each<[what: string, changes: Record<string, unknown>]>([
    ['an amount that is a number', { amount: 10_000 }],
    ['an amount that is a text', { amount: '10000' }],
    ['no amount', { amount: undefined }],
    ['a negative amount', { amount: -1n }],
    ['an amount of 2^256', { amount: 2n ** 256n }],
    ['an asset that is a symbol', { asset: 'USDC' }],
    ['another network', { network: 'solana:x' }],
  ])('error: INVALID_OPTION for %s, and nothing is sent', async (_what, changes) => {
    const wallet = createWallet()
    const approving = approvePermit2(wallet, Object.assign({ network, asset, amount: 1n } as const, changes))
    await expect(approving).rejects.toMatchObject({ code: 'INVALID_OPTION', money: 'untouched' })
    expect(wallet.sent).toEqual([])
  })

  test('error: INVALID_OPTION for a wallet that can’t send', async () => {
    const approving = approvePermit2({} as ReturnType<typeof createWallet>, { network, asset, amount: 1n })
    await expect(approving).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })

  test('error: UNKNOWN_OPTION for a misspelled one', async () => {
    const approving = approvePermit2(
      createWallet(),
      Object.assign({ network, asset, amount: 1n } as const, { spender: owner }),
    )
    await expect(approving).rejects.toMatchObject({ code: 'UNKNOWN_OPTION' })
  })

  test('error: APPROVAL_FAILED when the wallet answers no hash', async () => {
    const approving = approvePermit2(createWallet('sent'), { network, asset, amount: 1n })
    await expect(approving).rejects.toMatchObject({ code: 'APPROVAL_FAILED', money: 'untouched' })
  })
})

describe('permit2Allowance', () => {
  test('reads what Permit2 may take', async () => {
    const { url } = await startRpc(createAllowanceNode({ allowance: 7n }))
    expect(await permit2Allowance({ rpc: url, network, asset, owner })).toBe(7n)
  })

  test('error: RPC_WRONG_CHAIN when the source is of another chain', async () => {
    const { url } = await startRpc(
      createAllowanceNode({ instead: ({ method }) => (method === 'eth_chainId' ? '0x1' : undefined) }),
    )
    await expect(permit2Allowance({ rpc: url, network, asset, owner })).rejects.toMatchObject({
      code: 'RPC_WRONG_CHAIN',
    })
  })

  test.each<[what: string, changes: Record<string, unknown>]>([
    ['no source', { rpc: undefined }],
    ['a source that is no URL', { rpc: 'localhost' }],
    ['an owner that is a name', { owner: 'buyer.eth' }],
    ['an asset that is a symbol', { asset: 'USDC' }],
    ['another network', { network: 'solana:x' }],
  ])('error: INVALID_OPTION for %s', async (_what, changes) => {
    const asking = permit2Allowance(
      Object.assign({ rpc: 'https://rpc.example', network, asset, owner } as const, changes),
    )
    await expect(asking).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })
})
