import { describe, expect, test } from 'vitest'
import { type ApprovedAllowance, guardApproval } from '../../../../../schemes/evm/permit2/sponsoring/approval-guard.js'
import { encodeApprove } from '../../../../../schemes/evm/permit2/sponsoring/approval-transaction.js'
import { UNLIMITED } from '../../../../../schemes/evm/permit2/sponsoring/sponsorable.js'
import type { ApprovalTransaction } from '../../../../../schemes/evm/wallet/transaction-signer.js'
import { createPermit2Terms } from '../permit2/permit2-terms.js'

const STRANGER = '0x6666666666666666666666666666666666666666'
const requirements = createPermit2Terms('exact-permit2')
const transaction: ApprovalTransaction = {
  type: 'eip1559',
  chainId: 84_532,
  nonce: 7,
  to: requirements.asset as `0x${string}`,
  data: encodeApprove(10_000n),
  value: 0n,
  gas: 70_000n,
  maxFeePerGas: 500_000_000_000n,
  maxPriorityFeePerGas: 50_000_000_000n,
}

/** A guarded key that signs anything, and what it was asked. */
function createSigner(changes: Partial<ApprovedAllowance> = {}) {
  const asked: ApprovalTransaction[] = []
  const signTransactionUnchecked = (one: ApprovalTransaction) => asked.push(one)
  const sign = guardApproval({ signTransactionUnchecked }, { requirements, mode: 'exact', ...changes })
  return { asked, sign }
}

describe('guardApproval', () => {
  test('has signed what was approved, from a frozen copy', () => {
    const { asked, sign } = createSigner()
    expect(sign(transaction)).toBe(1)
    expect(asked).toEqual([transaction])
    expect(asked[0]).not.toBe(transaction)
    expect(Object.isFrozen(asked[0])).toBe(true)
  })

  test.each<[what: string, changes: object]>([
    ['the kind of transaction', { type: 'legacy' }],
    ['the network', { chainId: 1 }],
    ['the asset', { to: STRANGER }],
    ['what is called', { data: encodeApprove(10_001n) }],
    ['what is called', { data: encodeApprove(UNLIMITED) }],
    ['what is called', { data: encodeApprove(10_000n).replace('22d473030f116dde', '6666666666666666') }],
    ['what is called', { data: encodeApprove(10_000n).replace('0x095ea7b3', '0xa9059cbb') }],
    ['what is called', { data: `${encodeApprove(10_000n)}00` }],
    ['the ether that is sent', { value: 1n }],
    ['what the gas may cost', { gas: 70_001n }],
    ['what the gas may cost', { maxFeePerGas: 500_000_000_001n }],
    ['what the gas may cost', { maxPriorityFeePerGas: 50_000_000_001n }],
  ])('error: ASKED_OTHER_TERMS when %s was changed to %o, and nobody is asked', (what, changes) => {
    const { asked, sign } = createSigner()
    const changed = { ...transaction, ...changes }
    expect(changed).not.toEqual(transaction)
    expect(() => sign(changed)).toThrow(
      expect.objectContaining({
        code: 'ASKED_OTHER_TERMS',
        money: 'untouched',
        shortMessage: `Refused to ask the wallet: ${what} is not what was approved.`,
      }),
    )
    expect(asked).toEqual([])
  })

  test('has an allowance without end signed where the user wants it standing', () => {
    const { asked, sign } = createSigner({ mode: 'standing' })
    sign({ ...transaction, data: encodeApprove(UNLIMITED) })
    expect(asked).toHaveLength(1)
    expect(() => sign({ ...transaction, data: encodeApprove(UNLIMITED - 1n) })).toThrow('what is called')
  })

  test('error: ASKED_OTHER_TERMS when the user lets nothing be allowed', () => {
    expect(() => createSigner({ mode: 'never' }).sign(transaction)).toThrow('what is called')
  })

  test('holds the terms as they were when it was made', () => {
    const terms = { ...requirements }
    const { sign } = createSigner({ requirements: terms })
    terms.asset = STRANGER
    expect(sign(transaction)).toBe(1)
  })
})
