import type { Described, ReceiptVerdict } from '../../../src/payment/scheme.js'
import { readAddress } from '../address.js'
import type { EvmReceipt } from '../chain/chain.js'
import type { RpcSource } from '../chain/rpc-sources.js'
import { type SignedTransfer, verifySettlement } from '../chain/settlement.js'
import { type Eip3009Key, findEnd, readEip3009Key } from './token.js'

/**
 * Asks every source whether a transaction is a payment by EIP-3009: the token moved exactly the amount from payer to recipient, and tells in
 * the same transaction that it used this authorization.
 *
 * @param transaction - The seller's; nothing in it is trusted.
 * @param timeoutMs - How long one answer may take.
 */
export async function verifyEip3009Receipt(
  sources: readonly RpcSource[],
  chainId: number,
  described: Described,
  transaction: string,
  timeoutMs?: number,
): Promise<ReceiptVerdict> {
  const key = readEip3009Key(described)
  const payTo = readAddress(described.payTo)
  if (key === undefined || 'problem' in payTo) {
    return { verdict: 'unknown', because: 'the payment is none by EIP-3009' }
  }
  const signed: SignedTransfer = {
    asset: key.asset,
    payer: key.payer,
    payTo: payTo.value,
    amount: described.amount,
    mayTakeLess: false,
    findNonceProblem: (receipt) => findNonceProblem(receipt, key),
  }
  return verifySettlement(sources, chainId, transaction, signed, timeoutMs)
}

function findNonceProblem({ logs }: EvmReceipt, key: Eip3009Key): string | undefined {
  const end = findEnd(logs, key)
  if (end === undefined) return 'the transaction did not use the authorization that was signed'
  return end.by === 'payment' ? undefined : 'the transaction canceled the authorization that was signed'
}
