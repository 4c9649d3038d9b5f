import type { Hex } from '../hex.js'

/** A transaction that approves, as viem's accounts take it. Source: EIP-1559. */
export type ApprovalTransaction = {
  readonly type: 'eip1559'
  readonly chainId: number
  readonly nonce: number
  readonly to: Hex
  readonly data: Hex
  readonly value: bigint
  readonly gas: bigint
  readonly maxFeePerGas: bigint
  readonly maxPriorityFeePerGas: bigint
}

/** A signer of transactions that has been looked at. */
export type TransactionSigner = {
  /** Signs whatever it is handed, without sending it. For `guardApproval` only, which compares it with what was approved. */
  signTransactionUnchecked(transaction: ApprovalTransaction): unknown
}

/**
 * Reads who signs transactions: the account, if its key is at hand as in viem's local accounts. Wallets elsewhere send what they sign,
 * and are not asked.
 *
 * @param signer - An account, or a wallet client with one.
 */
export function readTransactionSigner(signer: unknown): TransactionSigner | undefined {
  const account = hasAddress(signer) ? signer : readMember(signer, 'account')
  const sign = readMember(account, 'signTransaction')
  if (typeof sign !== 'function') return undefined
  return { signTransactionUnchecked: (transaction) => Reflect.apply(sign, account, [transaction]) }
}

function hasAddress(value: unknown): boolean {
  return readMember(value, 'address') !== undefined
}

function readMember(owner: unknown, name: string): unknown {
  return typeof owner === 'object' && owner !== null ? Reflect.get(owner, name) : undefined
}
