import { isJsonObject } from '../../../src/wire/json.js'
import type { PaymentRequirements } from '../../../src/wire/requirements.js'
import { findTokenAccount, readAddress } from '../address.js'
import { encodeBase58 } from '../wire/encoding.js'
import { decodeTransaction, isSignature } from '../wire/transaction.js'
import { readTransferMessage, type Transfer } from './transfer-message.js'

/** A payment that was read back from its payload. */
export type DescribedTransfer = {
  readonly transfer: Transfer
  /** Whom it pays: `payTo` where the token account is that of `payTo`, else the token account. */
  readonly payTo: string
  /** The buyer's signature, in base58; the transaction's own is the fee payer's, who hasn't signed yet. */
  readonly signature: string
}

/**
 * Reads what a payload pays, from the transaction in it.
 *
 * A payload with anything more in it isn't read, and neither is one whose memo or fee payer isn't what the terms say.
 *
 * @param payload - Untrusted: it may come from a hook or from a ledger.
 * @returns `undefined` when it isn't exactly a signed transfer.
 */
export function describeTransfer(payload: unknown, requirements: PaymentRequirements): DescribedTransfer | undefined {
  if (!isJsonObject(payload) || Object.keys(payload).length !== 1) return undefined
  const transaction = decodeTransaction(payload['transaction'])
  const transfer = transaction && readTransferMessage(transaction.message)
  // The fee payer's place, and the buyer's.
  const [, signature, ...more] = transaction?.signatures ?? []
  if (transfer === undefined || !isSignature(signature) || more.length > 0) return undefined
  if (!fits(transfer, requirements.extra)) return undefined
  return { transfer, payTo: findPayTo(transfer, requirements.payTo), signature: encodeBase58(signature) }
}

function fits({ feePayer, memo }: Transfer, extra: unknown): boolean {
  const { feePayer: saidFeePayer, memo: saidMemo } = isJsonObject(extra) ? extra : {}
  if (saidFeePayer !== undefined && saidFeePayer !== feePayer) return false
  return typeof saidMemo !== 'string' || saidMemo === '' || new TextDecoder().decode(memo) === saidMemo
}

function findPayTo({ program, mint, destination }: Transfer, payTo: string): string {
  const owner = readAddress(payTo)
  if ('problem' in owner) return destination
  return findTokenAccount(owner.value, program, mint) === destination ? payTo : destination
}
