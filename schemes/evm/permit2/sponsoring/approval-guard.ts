import { fail } from '../../../../src/errors/fail.js'
import { isSameAddress } from '../../../../src/wire/address.js'
import { freezeCopy } from '../../../../src/wire/json.js'
import type { PaymentRequirements } from '../../../../src/wire/requirements.js'
import { ASKED_OTHER_APPROVAL } from '../../chain/errors.js'
import { readChainId } from '../../chain-id.js'
import type { AllowanceMode } from '../../scheme-options.js'
import type { ApprovalTransaction, TransactionSigner } from '../../wallet/transaction-signer.js'
import { encodeApprove, isTooDear } from './approval-transaction.js'
import { UNLIMITED } from './sponsorable.js'

/** What an approval is signed for. */
export type ApprovedAllowance = {
  /** The terms as they were approved, not as a builder read them. */
  readonly requirements: PaymentRequirements
  /** What the user lets be allowed. */
  readonly mode: AllowanceMode
}

/** Signs the approval that one payment needs, and no other transaction. Its answer is not trusted yet. */
export type ApprovalSigner = (transaction: ApprovalTransaction) => unknown

/**
 * Puts a guard before whoever signs transactions, as `guardWallet` does before typed data: what reaches it is a frozen copy of a
 * transaction that was compared with what was approved. Nothing else may ask it; the architecture test holds that.
 *
 * @param approved - What the signature is for. Kept as a frozen copy.
 * @returns A signer that throws {@link X402Error} `ASKED_OTHER_TERMS` for anything else, before the wallet is asked.
 */
export function guardApproval(signer: TransactionSigner, approved: ApprovedAllowance): ApprovalSigner {
  const terms = freezeCopy(approved)
  return (transaction) => {
    const asked = freezeCopy(transaction)
    const differences = findApprovalDifferences(asked, terms)
    if (differences.length === 0) return signer.signTransactionUnchecked(asked)
    throw fail(ASKED_OTHER_APPROVAL, { words: { what: differences.join(', ') } })
  }
}

function findApprovalDifferences(asked: ApprovalTransaction, { requirements, mode }: ApprovedAllowance): string[] {
  const { network, asset, amount } = requirements
  const calls = [BigInt(amount), ...(mode === 'standing' ? [UNLIMITED] : [])].map(encodeApprove)
  return [
    asked.type !== 'eip1559' && 'the kind of transaction',
    (mode === 'never' || !calls.includes(asked.data)) && 'what is called',
    !isSameAddress(asked.to, asset) && 'the asset',
    asked.value !== 0n && 'the ether that is sent',
    asked.chainId !== readChainId(network) && 'the network',
    isTooDear(asked) && 'what the gas may cost',
  ].filter((difference) => difference !== false)
}
