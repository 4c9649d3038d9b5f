import { fail } from '../../../src/errors/fail.js'
import { type ConfigurationError, X402Error } from '../../../src/errors/x402-error.js'
import type { Described } from '../../../src/payment/scheme.js'
import type { Network } from '../../../src/wire/network.js'
import { readAddress } from '../address.js'
import { awaitCancellation, findSent } from '../chain/cancellation.js'
import { ALREADY_SPENT, CANCEL_FAILED, CANCELING_NEEDS, NOT_THE_PAYER, SENDER_NOT_THE_PAYER } from '../chain/errors.js'
import { readTransactionHash, sendTransaction } from '../chain/transaction.js'
import { readChainId } from '../chain-id.js'
import type { Hex } from '../hex.js'
import type { EvmSetup } from '../setup.js'
import type { TransactionSender } from '../wallet/sender.js'
import { PERMIT2 } from './contracts.js'
import { encodeInvalidate, findInvalidation, type Permit2Nonce, readPermit2Nonce } from './nonce.js'
import { reconcilePermit2 } from './reconciliation.js'

/**
 * Cancels a payment through Permit2, and waits until that is final at every source. What was sent before is waited for, and not sent
 * again.
 *
 * Only the payer's own account can: Permit2 takes no signed cancellation.
 *
 * @param wait - How long the transaction may take; see `awaitCancellation`.
 * @returns The hash of the transaction.
 * @throws {@link X402Error} `ALREADY_SPENT` when the payment was quicker; `CANCEL_FAILED` or `CANCEL_NOT_FINAL` when it stays in doubt.
 */
export async function cancelPermit2(
  { wallet: { address: payer }, sender, rpc }: EvmSetup,
  network: Network,
  described: Described,
  wait?: awaitCancellation.Options,
): Promise<{ transaction: Hex }> {
  const chainId = readChainId(network)
  const sources = rpc.get(network)
  if (chainId === undefined || sources === undefined) throw missingOption('rpc', `a source for ${network}`)
  if (sender === undefined)
    throw missingOption('sender', 'the payer’s own wallet client, or an object with `sendTransaction`')
  const nonce = readOwnNonce(described, payer)
  assertOwnSender(sender, payer)
  const before = await reconcilePermit2(sources, chainId, described)
  if (before.verdict === 'spent') throw alreadySpent(before.transaction)
  const sent = await findSent(sources, chainId, before, described.cancellation)
  const transaction = sent ?? readTransactionHash(await send(sender, chainId, nonce))
  if (transaction === undefined) throw failed('the sender’s answer is not the hash of a transaction')
  if (sent === undefined) await wait?.onSent?.(transaction)
  const isCanceled: Parameters<typeof awaitCancellation>[2]['isCanceled'] = (logs) =>
    findInvalidation(logs, nonce) !== undefined
  const problem = await awaitCancellation(sources, chainId, { transaction, isCanceled }, wait).catch(toX402Error)
  // Permit2 cancels what was spent, too, without a word: only a look at what came before tells.
  const after = await reconcilePermit2(sources, chainId, described)
  if (after.verdict === 'spent' && after.transaction !== undefined) throw alreadySpent(after.transaction, problem)
  // A payment that a transaction hides, before or after.
  if (after.verdict === 'spent') throw failed('nothing proves that the payment was not settled before', problem)
  if (problem?.code === 'CANCEL_NOT_FINAL') throw problem
  if (problem !== undefined) throw failed(problem.shortMessage, problem)
  if (after.canceled === true && after.transaction === transaction) return { transaction }
  throw failed('nothing proves that the payment was not settled before')
}

async function send(sender: TransactionSender, chainId: number, nonce: Permit2Nonce): Promise<unknown> {
  try {
    return await sendTransaction(sender, chainId, PERMIT2, encodeInvalidate(nonce))
  } catch (cause) {
    throw failed('the transaction was not sent', cause)
  }
}

function readOwnNonce(described: Described, payer: Hex): Permit2Nonce {
  const nonce = readPermit2Nonce(described)
  if (nonce?.owner === payer) return nonce
  throw fail(NOT_THE_PAYER, { words: { payer } })
}

/** A sender that says whose it is, is held to it: from any other account the transaction would cancel nothing, and cost gas. */
function assertOwnSender(sender: TransactionSender, payer: Hex): void {
  const account: unknown = Reflect.get(sender, 'account')
  const said = typeof account === 'object' && account !== null ? Reflect.get(account, 'address') : account
  const address = readAddress(said)
  if ('problem' in address || address.value === payer) return
  throw fail(SENDER_NOT_THE_PAYER, { words: { payer } })
}

function missingOption(option: string, what: string): ConfigurationError {
  return fail(CANCELING_NEEDS, { words: { option, what } })
}

function toX402Error(error: unknown): X402Error {
  if (error instanceof X402Error) return error
  throw error
}

function alreadySpent(transaction: string | undefined, cause?: unknown): X402Error {
  return fail(ALREADY_SPENT, { facts: { transaction }, cause })
}

function failed(reason: string, cause?: unknown): X402Error {
  return fail(CANCEL_FAILED, { facts: { reason }, cause })
}
