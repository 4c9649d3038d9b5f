import type { Hex } from '../hex.js'
import type { TransactionSender } from '../wallet/sender.js'

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
