import fc from 'fast-check'
import { encodeFunctionData, getAddress } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
import { encodeApprove, isSignedApproval } from '../../../../../schemes/evm/permit2/sponsoring/approval-transaction.js'
import type { ApprovalTransaction } from '../../../../../schemes/evm/wallet/transaction-signer.js'
import { testUsdAbi } from '../../../../support/chain/test-usd-abi.js'
import { pinned } from '../../../../support/vectors/read-vector.js'

const account = privateKeyToAccount(pinned.evmPrivateKey)
const PERMIT2 = '0x000000000022D473030F116dDEE9F6B43aC78BA3'

const amount = fc.bigInt(0n, 2n ** 256n - 1n)
const transaction: fc.Arbitrary<ApprovalTransaction> = fc.record({
  type: fc.constant('eip1559' as const),
  chainId: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  nonce: fc.nat(),
  to: fc
    .uint8Array({ minLength: 20, maxLength: 20 })
    .map((bytes) => getAddress(`0x${Buffer.from(bytes).toString('hex')}`)),
  data: amount.map(encodeApprove),
  value: fc.constant(0n),
  gas: fc.constant(70_000n),
  maxFeePerGas: fc.bigInt(2n ** 32n, 2n ** 64n),
  maxPriorityFeePerGas: fc.bigInt(0n, 2n ** 32n),
})

test('encodeApprove: writes what viem writes, for any amount', () => {
  fc.assert(
    fc.property(amount, (value) => {
      const expected = encodeFunctionData({ abi: testUsdAbi, functionName: 'approve', args: [PERMIT2, value] })
      expect(encodeApprove(value)).toBe(expected.toLowerCase())
    }),
  )
})

test('isSignedApproval: knows what viem signs, for any transaction', async () => {
  await fc.assert(
    fc.asyncProperty(transaction, async (asked) => {
      expect(isSignedApproval(await account.signTransaction(asked), asked)).toBe(true)
    }),
    { numRuns: 50 },
  )
})

test('isSignedApproval: tells every other transaction, for any change of one field', async () => {
  const changes = fc.constantFrom<Partial<ApprovalTransaction>>(
    { chainId: 1 },
    { nonce: 4_000_000_000 },
    { value: 1n },
    { gas: 70_001n },
    { maxFeePerGas: 2n ** 65n },
    { maxPriorityFeePerGas: 2n ** 31n + 1n },
    { to: PERMIT2 },
    { data: '0x095ea7b3' },
    { data: encodeApprove(2n ** 256n - 1n) },
  )
  await fc.assert(
    fc.asyncProperty(transaction, changes, async (asked, change) => {
      const [[field, value]] = Object.entries(change) as [[keyof ApprovalTransaction, unknown]]
      fc.pre(asked[field] !== value)
      expect(isSignedApproval(await account.signTransaction({ ...asked, ...change }), asked)).toBe(false)
    }),
    { numRuns: 50 },
  )
})

test.each([undefined, 7, '', '0x', '0x02', '0x02f8', '0x02f8b2', 'approved'])(
  'isSignedApproval: is no text such as %j',
  (signed) => {
    const [asked] = fc.sample(transaction, 1)
    expect(asked && isSignedApproval(signed, asked)).toBe(false)
  },
)

test('isSignedApproval: finds what stands behind a signature', async () => {
  const [asked] = fc.sample(transaction, 1)
  if (asked === undefined) throw new Error('There is no transaction.')
  const signed = await account.signTransaction(asked)
  expect(isSignedApproval(`${signed}00`, asked)).toBe(false)
  expect(isSignedApproval(signed.toUpperCase().replace('0X', '0x'), asked)).toBe(true)
})
