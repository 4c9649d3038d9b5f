import { invalidOption } from '../../../src/errors/options.js'
import { isJsonObject } from '../../../src/wire/json.js'
import type { Hex } from '../hex.js'

/** A transaction to be sent, its gas paid by whoever sends it. */
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

/**
 * Sends a call of a contract.
 *
 * @returns What the sender answers; see {@link readTransactionHash}.
 */
export function sendTransaction(sender: TransactionSender, chainId: number, to: Hex, data: Hex): Promise<unknown> {
  const own: unknown = Reflect.get(sender, 'chain')
  // A wallet client's own chain knows more, such as how fees are paid there.
  const chain = isChain(own, chainId) ? own : { id: chainId, name: `eip155:${chainId}` }
  return sender.sendTransaction({ to, data, chainId, chain })
}

/** The hash of a transaction in a sender's answer, in lower case; `undefined` when it holds none. */
export function readTransactionHash(answer: unknown): Hex | undefined {
  if (typeof answer !== 'string' || !/^0x[0-9a-fA-F]{64}$/.test(answer)) return undefined
  return `0x${answer.slice(2).toLowerCase()}`
}

function isChain(value: unknown, chainId: number): value is { id: number; name: string } {
  return typeof value === 'object' && value !== null && Reflect.get(value, 'id') === chainId
}
