import { fail } from '../../../src/errors/fail.js'
import { X402Error } from '../../../src/errors/x402-error.js'
import { isJsonObject, type JsonObject } from '../../../src/wire/json.js'
import type { Hex } from '../hex.js'
import { RPC_ANSWER_MALFORMED, RPC_ANSWER_MISSING, RPC_WRONG_CHAIN } from './errors.js'
import { type EvmRpc, isRefusal } from './rpc.js'
import type { BlockTag, EvmRequest } from './rpc-sources.js'

/** A block, as far as it is asked for. */
export type EvmBlock = {
  readonly number: number
  /** Seconds since 1970, by the chain's own clock. */
  readonly timestamp: number
}

/** A block that the source says is not undone any more, and whether it calls it finalized or only safe. */
export type FinalBlock = EvmBlock & { readonly isFinalized: boolean }

/** An event, as far as it is asked for. */
export type EvmLog = {
  readonly address: Hex
  readonly topics: readonly Hex[]
  readonly data: Hex
  readonly blockNumber: number
  readonly transaction: Hex
}

/** What became of a mined transaction. */
export type EvmReceipt = {
  readonly transaction: Hex
  readonly isSuccess: boolean
  readonly blockNumber: number
  readonly logs: readonly EvmLog[]
}

/** What a transaction asked for: of whom, and in which words. */
export type EvmCall = { readonly to: Hex | undefined; readonly input: Hex }

/** Which events are looked for, and in which blocks, both ends included. */
export type LogFilter = { address: Hex; topics: (Hex | Hex[])[]; from: number; to: number }

/** One source's view of one chain. Every member throws when the answer isn't what the chain's interface says it is. */
export type EvmChain = {
  /** The 32-byte word that a contract answers, as a number. */
  readWord(to: Hex, data: Hex, block: BlockTag): Promise<bigint>
  readBlock(block: BlockTag): Promise<EvmBlock>
  /** The newest block that the source calls final, else safe; `undefined` when it offers neither. */
  readFinalBlock(): Promise<FinalBlock | undefined>
  readLogs(filter: LogFilter): Promise<EvmLog[]>
  /** `undefined` when the source knows no such transaction. */
  readTransaction(transaction: Hex): Promise<EvmCall | undefined>
  /** `undefined` while the transaction isn't mined. */
  readReceipt(transaction: Hex): Promise<EvmReceipt | undefined>
}

/**
 * Creates the view that one source gives of a chain. A source that answers for another chain fails every question: the same token
 * stands at the same address on several chains, and is unused on all but one.
 */
export function createEvmChain(rpc: EvmRpc, chainId: number): EvmChain {
  let chainIsRight: Promise<void> | undefined
  const ask = async (request: EvmRequest): Promise<unknown> => {
    chainIsRight ??= assertChain(rpc, chainId).catch((error: unknown) => {
      chainIsRight = undefined
      throw error
    })
    const [answer] = await Promise.all([rpc(request), chainIsRight])
    return answer
  }
  const readBlock = async (block: BlockTag): Promise<EvmBlock> => {
    const { number, timestamp } = readObject(await ask({ method: 'eth_getBlockByNumber', params: [block, false] }))
    return { number: readQuantity(number), timestamp: readQuantity(timestamp) }
  }
  return {
    readBlock,
    async readWord(to, data, block) {
      return BigInt(readHash(await ask({ method: 'eth_call', params: [{ to, data }, block] })))
    },
    async readFinalBlock() {
      for (const tag of ['finalized', 'safe'] as const) {
        try {
          return { ...(await readBlock(tag)), isFinalized: tag === 'finalized' }
        } catch (error) {
          if (!isRefusal(error) && !isMissing(error)) throw error
        }
      }
      return undefined
    },
    async readLogs({ from, to, ...filter }) {
      const range = { fromBlock: toQuantity(from), toBlock: toQuantity(to) }
      return readLogs(await ask({ method: 'eth_getLogs', params: [{ ...filter, ...range }] }))
    },
    async readTransaction(transaction) {
      const answer = await ask({ method: 'eth_getTransactionByHash', params: [transaction] })
      if (answer === null) return undefined
      const { hash, to, input } = readObject(answer)
      if (hash !== transaction || !isHex(input)) throw malformedAnswer()
      return { to: isHex(to) ? to : undefined, input }
    },
    async readReceipt(transaction) {
      const answer = await ask({ method: 'eth_getTransactionReceipt', params: [transaction] })
      if (answer === null) return undefined
      const { status, blockNumber, logs, transactionHash } = readObject(answer)
      if (transactionHash !== transaction) throw malformedAnswer()
      return {
        transaction,
        isSuccess: readQuantity(status) === 1,
        blockNumber: readQuantity(blockNumber),
        logs: readLogs(logs),
      }
    },
  }
}

/** Writes a number as JSON-RPC does. */
export function toQuantity(value: number): Hex {
  return `0x${value.toString(16)}`
}

async function assertChain(rpc: EvmRpc, chainId: number): Promise<void> {
  assertChainId(await rpc({ method: 'eth_chainId' }), chainId)
}

/** Asserts that a source answers for the chain that it's asked about. */
export function assertChainId(answer: unknown, chainId: number): void {
  const answered = readQuantity(answer)
  if (answered === chainId) return
  const facts = { wanted: String(chainId), answered: String(answered) }
  throw fail(RPC_WRONG_CHAIN, { facts })
}

function readLogs(answer: unknown): EvmLog[] {
  if (!Array.isArray(answer)) throw malformedAnswer()
  return answer.flatMap((entry: unknown) => {
    const { address, topics, data, blockNumber, transactionHash, removed } = readObject(entry)
    // Undone by a reorganization of the chain.
    if (removed === true) return []
    if (!isHex(address) || !Array.isArray(topics) || !topics.every(isHex) || !isHex(data)) throw malformedAnswer()
    return { address, topics, data, blockNumber: readQuantity(blockNumber), transaction: readHash(transactionHash) }
  })
}

function readObject(answer: unknown): JsonObject {
  if (answer === null) throw fail(RPC_ANSWER_MISSING)
  if (isJsonObject(answer)) return answer
  throw malformedAnswer()
}

/** Reads a number up to 2^53 − 1. */
export function readQuantity(value: unknown): number {
  const number = isHex(value) && value.length > 2 ? Number(value) : Number.NaN
  if (Number.isSafeInteger(number)) return number
  throw malformedAnswer()
}

/** Reads a word or a hash: 32 bytes. A call to an address without a contract answers `0x`. */
export function readHash(value: unknown): Hex {
  if (isHex(value) && value.length === 66) return value
  throw malformedAnswer()
}

function isHex(value: unknown): value is Hex {
  return typeof value === 'string' && /^0x[0-9a-fA-F]*$/.test(value)
}

function isMissing(error: unknown): boolean {
  return error instanceof X402Error && error.code === 'RPC_ANSWER_MISSING'
}

/** The error of an answer that isn't what the chain's interface says it is. */
export function malformedAnswer(): X402Error {
  return fail(RPC_ANSWER_MALFORMED)
}
