import { X402Error } from '../../src/errors.js'
import { createEvmChain, type EvmChain, type EvmLog, type EvmReceipt } from './evm-chain.js'
import { createEvmRpc } from './evm-rpc.js'
import type { Hex } from './hex.js'
import type { RpcSource } from './read-rpc-sources.js'

/** A cancellation that was sent, and how its event is known. */
export type Cancellation = { readonly transaction: Hex; isCanceled(logs: readonly EvmLog[]): boolean }

/** How long a cancellation may take to be mined, in milliseconds: ten blocks of Ethereum, the slowest of the known chains. */
const MINING_TIMEOUT_MS = 120_000

/** How often a source is asked, in milliseconds: half a block of most chains. */
const POLL_MS = 1_000

/**
 * Waits until every source has the transaction in a block, with the event that the authorization was canceled.
 *
 * @throws {@link X402Error} `CANCEL_FAILED` when it was reverted, did something else, or isn't there in time.
 */
export async function awaitCancellation(
  sources: readonly RpcSource[],
  chainId: number,
  { transaction, isCanceled }: Cancellation,
  { timeoutMs = MINING_TIMEOUT_MS, pollMs = POLL_MS }: awaitCancellation.Options = {},
): Promise<void> {
  const deadline = AbortSignal.timeout(timeoutMs)
  const receipts = sources.map((source) => {
    const chain = createEvmChain(createEvmRpc(source), chainId)
    return awaitReceipt(chain, transaction, deadline, pollMs)
  })
  for (const { isSuccess, logs } of await Promise.all(receipts)) {
    if (!isSuccess) throw failed('The cancellation was reverted.', transaction)
    if (isCanceled(logs)) continue
    throw failed('The transaction canceled no such authorization.', transaction)
  }
}

export declare namespace awaitCancellation {
  type Options = {
    /** How long the transaction may take to be mined, in milliseconds. @default 120_000 */
    timeoutMs?: number | undefined
    /** How often each source is asked, in milliseconds. @default 1_000 */
    pollMs?: number | undefined
  }
}

async function awaitReceipt(
  chain: EvmChain,
  transaction: Hex,
  deadline: AbortSignal,
  pollMs: number,
): Promise<EvmReceipt> {
  while (true) {
    const answer = await chain.readReceipt(transaction).catch(toX402Error)
    if (answer !== undefined && !(answer instanceof X402Error)) return answer
    // One failed answer isn't the end: the transaction is on its way all the same.
    if (deadline.aborted) {
      throw failed('The cancellation was not mined in time.', transaction, answer)
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
}

function toX402Error(error: unknown): X402Error {
  if (error instanceof X402Error) return error
  throw error
}

function failed(message: string, transaction: Hex, cause?: X402Error): X402Error {
  return new X402Error(message, {
    code: 'CANCEL_FAILED',
    money: 'in-doubt',
    facts: { transaction },
    ...(cause && { cause }),
  })
}
