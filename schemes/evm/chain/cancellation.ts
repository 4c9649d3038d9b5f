import { fail } from '../../../src/errors/fail.js'
import { X402Error } from '../../../src/errors/x402-error.js'
import type { CancelOptions, ChainVerdict } from '../../../src/payment/scheme.js'
import type { Hex } from '../hex.js'
import { createEvmChain, type EvmChain, type EvmLog, type EvmReceipt, type FinalBlock } from './chain.js'
import { CANCEL_BY_ANOTHER, CANCEL_NOT_FINAL, CANCEL_NOT_MINED, CANCEL_OF_ANOTHER, CANCEL_REVERTED } from './errors.js'
import { createEvmRpc } from './rpc.js'
import type { RpcSource } from './rpc-sources.js'
import { readTransactionHash } from './transaction.js'

/** A cancellation that was sent, and how its event is known. */
export type Cancellation = { readonly transaction: Hex; isCanceled(logs: readonly EvmLog[]): boolean }

/** How long a cancellation may take to be mined and final, in milliseconds: ten blocks of Ethereum, the slowest of the known chains. */
const TIMEOUT_MS = 120_000

/** How often a source is asked, in milliseconds: half a block of most chains. */
const POLL_MS = 1_000

/**
 * Waits until every source has the transaction, with the event that the authorization was canceled, in a block that it calls finalized.
 *
 * Mined isn't enough: a reorganization could drop the cancellation and leave the payment alive. Many chains take a quarter of an hour to
 * finalize a block, so the wait often ends before that; who asks again later finds it final.
 *
 * @throws {@link X402Error} `CANCEL_FAILED` when it was reverted, did something else, or isn't mined in time, and `CANCEL_NOT_FINAL`
 *   when it is mined everywhere and not final in time.
 */
export async function awaitCancellation(
  sources: readonly RpcSource[],
  chainId: number,
  cancellation: Cancellation,
  { timeoutMs = TIMEOUT_MS, pollMs = POLL_MS }: awaitCancellation.Options = {},
): Promise<void> {
  const deadline = createDeadline(timeoutMs)
  try {
    const looks = sources.map((source) => {
      const chain = createEvmChain(createEvmRpc(source), chainId)
      return lookUntil(deadline, () => look(chain, cancellation), pollMs)
    })
    const seen = await Promise.all(looks)
    const missing = seen.find(({ at }) => at === 'nowhere')
    const { transaction } = cancellation
    if (missing !== undefined) throw fail(CANCEL_NOT_MINED, { facts: { transaction }, cause: missing.cause })
    if (seen.some(({ at }) => at !== 'finalized')) throw fail(CANCEL_NOT_FINAL, { facts: { transaction } })
  } finally {
    deadline.end()
  }
}

/**
 * Finds the cancellation that was sent before, so that none is sent twice.
 *
 * @param before - What the sources say of the authorization.
 * @param sent - What the ledger has of it.
 * @returns What to wait for; `undefined` when none was sent, or no source knows it any more.
 * @throws {@link X402Error} `CANCEL_FAILED` when the sources name another: what wasn't sent from here proves nothing before the end.
 */
export async function findSent(
  sources: readonly RpcSource[],
  chainId: number,
  before: ChainVerdict,
  sent: string | undefined,
): Promise<Hex | undefined> {
  const own = readTransactionHash(sent)
  const named = readTransactionHash(before.transaction)
  if (named !== undefined) {
    if (named === own) return own
    throw fail(CANCEL_BY_ANOTHER, { facts: { transaction: named } })
  }
  if (own === undefined) return undefined
  const known = await Promise.all(
    // A source that can't be asked may know it.
    sources.map((source) => isKnown(createEvmChain(createEvmRpc(source), chainId), own).catch(() => true)),
  )
  return known.includes(true) ? own : undefined
}

async function isKnown(chain: EvmChain, transaction: Hex): Promise<boolean> {
  return (await chain.readTransaction(transaction)) !== undefined
}

export declare namespace awaitCancellation {
  type Options = CancelOptions & {
    /** How often each source is asked, in milliseconds. @default 1_000 */
    pollMs?: number | undefined
  }
}

/** Where a source has the cancellation, and what it failed with when it was last asked. */
type Seen = { readonly at: 'nowhere' | 'a block' | 'finalized'; readonly cause?: X402Error | undefined }

/** The end of the time that there is. */
type Deadline = { isOver(): boolean; readonly over: Promise<void>; end(): void }

function createDeadline(timeoutMs: number): Deadline {
  const end = new AbortController()
  const over = new Promise<void>((resolve) => end.signal.addEventListener('abort', () => resolve()))
  const timer = setTimeout(() => end.abort(), timeoutMs)
  return {
    isOver: () => end.signal.aborted,
    over,
    end() {
      clearTimeout(timer)
      end.abort()
    },
  }
}

/** The first look is always waited for; a source that is silent later on ends with the time. */
async function lookUntil({ isOver, over }: Deadline, ask: () => Promise<Seen>, pollMs: number): Promise<Seen> {
  let seen = await ask()
  while (seen.at !== 'finalized' && !isOver()) {
    await Promise.race([over, new Promise((resolve) => setTimeout(resolve, pollMs))])
    if (isOver()) return seen
    const asking = ask()
    asking.catch(() => undefined) // what comes after the time is over is nobody's
    const next = await Promise.race([asking, over])
    // A source that fails has not lost what it had.
    if (next !== undefined && (next.cause === undefined || seen.at === 'nowhere')) seen = next
  }
  return seen
}

async function look(chain: EvmChain, { transaction, isCanceled }: Cancellation): Promise<Seen> {
  const read = await readReceiptSince(chain, transaction).catch(toX402Error)
  // One failed answer isn't the end: the transaction is on its way all the same.
  if (read instanceof X402Error) return { at: 'nowhere', cause: read }
  const { final, receipt } = read
  if (receipt === undefined) return { at: 'nowhere' }
  if (!receipt.isSuccess) throw fail(CANCEL_REVERTED, { facts: { transaction } })
  if (!isCanceled(receipt.logs)) throw fail(CANCEL_OF_ANOTHER, { facts: { transaction } })
  const isFinal = final?.isFinalized === true && receipt.blockNumber <= final.number
  return { at: isFinal ? 'finalized' : 'a block' }
}

/** The block first: what is in one that is final by then isn't undone after it. */
async function readReceiptSince(
  chain: EvmChain,
  transaction: Hex,
): Promise<{ final: FinalBlock | undefined; receipt: EvmReceipt | undefined }> {
  const final = await chain.readFinalBlock()
  return { final, receipt: await chain.readReceipt(transaction) }
}

function toX402Error(error: unknown): X402Error {
  if (error instanceof X402Error) return error
  throw error
}
