import { fail } from '../../../../src/errors/fail.js'
import { APPROVAL_MALFORMED } from '../../chain/errors.js'
import type { Hex } from '../../hex.js'
import type { ApprovalTransaction } from '../../wallet/transaction-signer.js'
import { PERMIT2 } from '../contracts.js'
import type { Permit2Terms } from '../terms.js'
import type { AllowanceState } from './allowance-state.js'
import { APPROVE_GAS, encodeApprove, isSignedApproval, isTooDear } from './approval-transaction.js'
import type { Sponsor } from './sponsor.js'
import { SPONSORING_VERSION } from './sponsorable.js'

/** What is sent of an approval. Source: `Erc20ApprovalGasSponsoringInfo` of `@x402/extensions` 2.27. */
export type ApprovalInfo = Readonly<
  Record<'from' | 'asset' | 'spender' | 'amount' | 'signedTransaction' | 'version', string>
>

/**
 * Signs a transaction by which the payer lets Permit2 take up to `amount`. The seller sends it.
 *
 * @returns What is sent, or why it can't be signed.
 * @throws {@link X402Error} `ASKED_OTHER_TERMS` from the guard; `SIGNATURE_MALFORMED` when what the signer answers is another transaction; what the signer throws.
 */
export async function signApproval(
  { payer, approve }: Pick<Sponsor, 'payer' | 'approve'>,
  { chainId, asset }: Permit2Terms,
  { approval }: AllowanceState,
  amount: bigint,
): Promise<{ readonly info: ApprovalInfo } | { readonly problem: string }> {
  if (approve === undefined) return { problem: 'the signer has no signTransaction' }
  if (approval === undefined) return { problem: 'the chain does not say what gas costs' }
  const { nonce, baseFee, priorityFee: maxPriorityFeePerGas } = approval
  // Twice the fee of now: it rises by an eighth a block, so that is six blocks of time.
  const maxFeePerGas = 2n * baseFee + maxPriorityFeePerGas
  const transaction: ApprovalTransaction = {
    type: 'eip1559',
    chainId,
    nonce,
    to: asset,
    data: encodeApprove(amount),
    value: 0n,
    gas: APPROVE_GAS,
    maxFeePerGas,
    maxPriorityFeePerGas,
  }
  if (isTooDear(transaction)) return { problem: 'the gas of an approval costs more than is signed for' }
  const signedTransaction: unknown = await approve(transaction)
  if (!isSignedApproval(signedTransaction, transaction)) throw fail(APPROVAL_MALFORMED)
  return { info: toInfo(payer.address, asset, amount, signedTransaction) }
}

function toInfo(from: Hex, asset: Hex, amount: bigint, signedTransaction: Hex): ApprovalInfo {
  return { from, asset, spender: PERMIT2, amount: String(amount), signedTransaction, version: SPONSORING_VERSION }
}
