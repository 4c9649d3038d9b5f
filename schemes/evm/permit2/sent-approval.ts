import { fail } from '../../../src/errors/fail.js'
import { assertOptions, invalidOption } from '../../../src/errors/options.js'
import { readAddress } from '../address.js'
import { APPROVAL_FAILED } from '../chain/errors.js'
import { readTransactionHash, sendTransaction } from '../chain/transaction.js'
import { readChainId } from '../chain-id.js'
import type { Hex } from '../hex.js'
import { readSender, type TransactionSender } from '../wallet/sender.js'
import type { approvePermit2 } from './approval.js'
import { encodeApprove } from './sponsoring/approval-transaction.js'
import { UNLIMITED } from './sponsoring/sponsorable.js'

/** Sends what `approvePermit2` is asked. */
export async function sendApproval(
  wallet: TransactionSender,
  approval: approvePermit2.Options,
): Promise<{ transaction: Hex }> {
  assertOptions(approval, 'approvePermit2', ['network', 'asset', 'amount'])
  const sender = readSender(wallet, undefined)
  if (sender === undefined) throw invalidOption('wallet', 'an object with `sendTransaction`')
  const chainId = readChainId(approval.network)
  if (chainId === undefined) throw invalidOption('approvePermit2.network', '`eip155:` and a chain id')
  const asset = readAddress(approval.asset)
  if ('problem' in asset) throw invalidOption('approvePermit2.asset', 'an address')
  const data = encodeApprove(readAmount(approval.amount))
  const transaction = readTransactionHash(await sendTransaction(sender, chainId, asset.value, data))
  if (transaction !== undefined) return { transaction }
  throw fail(APPROVAL_FAILED)
}

/** Never without end by a slip: only the word says so. */
function readAmount(amount: unknown): bigint {
  if (amount === 'unlimited') return UNLIMITED
  if (typeof amount === 'bigint' && amount >= 0n && amount <= UNLIMITED) return amount
  throw invalidOption('approvePermit2.amount', "a bigint of atomic units, or 'unlimited'")
}
