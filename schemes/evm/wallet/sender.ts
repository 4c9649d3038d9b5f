import { invalidOption } from '../../../src/errors/options.js'
import { isJsonObject } from '../../../src/wire/json.js'
import type { Hex } from '../hex.js'

/** A transaction to be sent, its gas paid by its sender. */
export type EvmTransaction = {
  /** The contract that is called. */
  to: Hex
  data: Hex
  chainId: number
  /** The same chain as viem wants it, which then refuses to send elsewhere. */
  chain: { id: number; name: string }
}

/** What can send a transaction and answers its hash, as a viem `WalletClient` does. */
export type TransactionSender = { sendTransaction(transaction: EvmTransaction): Promise<string> }

/**
 * Who sends transactions: the option `sender`, else the signer, if it is a wallet client that can.
 *
 * @throws {@link ConfigurationError} `INVALID_OPTION` when the option can't send.
 */
export function readSender(sender: unknown, signer: unknown): TransactionSender | undefined {
  if (sender === undefined) return canSend(signer) ? signer : undefined
  if (canSend(sender)) return sender
  throw invalidOption('sender', 'an object with `sendTransaction`')
}

function canSend(value: unknown): value is TransactionSender {
  return isJsonObject(value) && typeof value['sendTransaction'] === 'function'
}
