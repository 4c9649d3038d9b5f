import type { Described, ReceiptVerdict } from '../../../src/payment/scheme.js'
import { readAddress } from '../address.js'
import type { EvmChain, EvmReceipt } from '../chain/chain.js'
import type { RpcSource } from '../chain/rpc-sources.js'
import { findTokenTransfers, type NonceFinding, type SignedTransfer, verifySettlement } from '../chain/settlement.js'
import type { Hex } from '../hex.js'
import { UPTO_PROXY } from './contracts.js'
import { type Permit2Nonce, readPermit2Nonce } from './nonce.js'
import { readSettlement } from './settlement.js'

/** A payment through Permit2, and the proxy that alone may settle it. */
export type Permit2Receipt = { readonly described: Described; readonly spender: Hex }

/**
 * Asks every source whether a transaction is a payment through Permit2: a call of the proxy that names this signature's nonce, in which
 * the token moved what was signed from payer to recipient.
 *
 * Permit2 has no event for a payment, so only a call of the proxy itself proves which signature it used.
 *
 * @param transaction - The seller's; nothing in it is trusted.
 * @param timeoutMs - How long one answer may take.
 */
export async function verifyPermit2Receipt(
  sources: readonly RpcSource[],
  chainId: number,
  { described, spender }: Permit2Receipt,
  transaction: string,
  timeoutMs?: number,
): Promise<ReceiptVerdict> {
  const nonce = readPermit2Nonce(described)
  const [asset, payTo] = [readAddress(described.asset), readAddress(described.payTo)]
  if (nonce === undefined || 'problem' in asset || 'problem' in payTo) {
    return { verdict: 'unknown', because: 'the payment is none through Permit2' }
  }
  const signed: SignedTransfer = {
    asset: asset.value,
    payer: nonce.owner,
    payTo: payTo.value,
    amount: described.amount,
    mayTakeLess: spender === UPTO_PROXY,
    findNonceProblem: (receipt, chain) =>
      findNonceProblem(chain, receipt, nonce, { asset: asset.value, payTo: payTo.value }),
  }
  return verifySettlement(sources, chainId, transaction, signed, timeoutMs)
}

async function findNonceProblem(
  chain: EvmChain,
  { transaction, logs }: EvmReceipt,
  { owner, nonce }: Permit2Nonce,
  { asset, payTo }: Pick<SignedTransfer, 'asset' | 'payTo'>,
): Promise<NonceFinding> {
  const call = await chain.readTransaction(transaction)
  if (call === undefined) return { unknown: 'a source does not show what the transaction calls' }
  const settlement = readSettlement(call)
  if (settlement === undefined)
    return { unknown: 'the transaction settles through another contract, which names no signature' }
  const isOwn = settlement.owner === owner.toLowerCase() && settlement.nonce === nonce
  if (!isOwn) return 'the transaction did not use the authorization that was signed'
  // A token that keeps a fee tells of less than the payer lost.
  const isWhole = findTokenTransfers(logs, asset).some(
    ({ from, to, amount }) =>
      from === owner.toLowerCase() && to === payTo.toLowerCase() && amount === settlement.amount,
  )
  return isWhole ? undefined : { unknown: 'the token moves another amount than the transaction takes' }
}
