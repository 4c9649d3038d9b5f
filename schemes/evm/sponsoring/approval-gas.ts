import type { ApprovalTransaction } from '../read-transaction-signer.js'

/** Gas for an `approve`, which facilitators count on. Source: `ERC20_APPROVE_GAS_LIMIT` of `@x402/evm` 2.27. */
export const APPROVE_GAS = 70_000n

/**
 * Most that may be paid per gas, in wei: 500 gwei, and 50 gwei of it to whoever makes the block. A seller is to send the payer that
 * gas, but the signature takes it from whatever ether the payer has, and a source that lies about fees would take all of it.
 */
const MAX_FEE_PER_GAS = 500_000_000_000n
const MAX_PRIORITY_FEE_PER_GAS = 50_000_000_000n

/** Whether an approval could cost the payer more ether than is signed for. */
export function isTooDear({ gas, maxFeePerGas, maxPriorityFeePerGas }: ApprovalTransaction): boolean {
  return gas > APPROVE_GAS || maxFeePerGas > MAX_FEE_PER_GAS || maxPriorityFeePerGas > MAX_PRIORITY_FEE_PER_GAS
}
