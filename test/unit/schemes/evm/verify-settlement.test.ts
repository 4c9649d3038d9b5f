import { numberToHex, pad, toEventSelector } from 'viem'
import { describe, expect, test } from 'vitest'
import { type SignedTransfer, verifySettlement } from '../../../../schemes/evm/chain/settlement.js'
import { createTokenNode, described, transaction } from './exact/create-token-node.js'
import { startRpc } from './start-rpc.js'

const payTo = '0x209693Bc6afc0C5328bA36FaF03C514EF312287C'
const asset = '0x036CbD53842c5426634e7929541eC2318f3dCF7e'

/** What a chain says of a transaction that moved these amounts from payer to recipient, where up to 10000 were signed. */
async function verify(amounts: readonly bigint[], changes: Partial<SignedTransfer> = {}) {
  const logs = amounts.map((amount) => ({
    address: asset,
    topics: [toEventSelector('Transfer(address,address,uint256)'), pad(described.payer), pad(payTo)],
    data: numberToHex(amount, { size: 32 }),
    blockNumber: '0x5',
    transactionHash: transaction,
  }))
  const receipt = { transactionHash: transaction, status: '0x1', blockNumber: '0x5', logs }
  const instead = ({ method }: { method: string }) => (method === 'eth_getTransactionReceipt' ? receipt : undefined)
  const { url } = await startRpc(createTokenNode({ latest: 1_000, used: { at: 5, by: 'AuthorizationUsed' }, instead }))
  const signed: SignedTransfer = {
    asset,
    payer: described.payer,
    payTo,
    amount: 10_000n,
    mayTakeLess: true,
    findNonceProblem: () => undefined,
    ...changes,
  }
  return verifySettlement([url], 84_532, transaction, signed)
}

describe('verifySettlement: where less may be taken', () => {
  test.each([0n, 1n, 9_999n, 10_000n])('says settled with %s, which was taken', async (amount) => {
    expect(await verify([amount])).toEqual({ verdict: 'settled', amount, final: true })
  })

  test('says settled with the most that fits, where several payments share the transaction', async () => {
    expect(await verify([20n, 4_000n, 10_001n, 30n])).toMatchObject({ verdict: 'settled', amount: 4_000n })
  })

  test('says mismatch when more was taken', async () => {
    const problems = ['the transaction takes more than the 10000 that were signed']
    expect(await verify([10_001n])).toEqual({ verdict: 'mismatch', problems, final: true })
  })
})

describe('verifySettlement: asks how the authorization was used', () => {
  test('of the same chain and the receipt, and believes what is wrong', async () => {
    const findNonceProblem: SignedTransfer['findNonceProblem'] = async (receipt, chain) => {
      const before = await chain.readWord(asset, '0x', numberToHex(receipt.blockNumber - 1))
      const after = await chain.readWord(asset, '0x', numberToHex(receipt.blockNumber))
      return `it was ${before} and became ${after}`
    }
    const problems = ['it was 0 and became 1']
    expect(await verify([10_000n], { findNonceProblem })).toEqual({ verdict: 'mismatch', problems, final: true })
  })

  test('and knows nothing where nothing tells, but for a transaction that moves no money', async () => {
    const findNonceProblem = () => ({ unknown: 'nothing tells' })
    expect(await verify([10_000n], { findNonceProblem })).toEqual({ verdict: 'unknown', because: 'nothing tells' })
    expect(await verify([], { findNonceProblem })).toMatchObject({
      verdict: 'mismatch',
      problems: [expect.stringContaining('moves none of the asset')],
    })
  })

  test('and knows nothing where that can’t be asked', async () => {
    const findNonceProblem: SignedTransfer['findNonceProblem'] = async (_receipt, chain) => {
      await chain.readWord(asset, '0x', numberToHex(5_000))
      return undefined
    }
    expect(await verify([10_000n], { findNonceProblem })).toMatchObject({ verdict: 'unknown' })
  })
})
