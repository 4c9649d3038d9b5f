import type { ReceiptVerdict } from '../../../src/payment/scheme.js'
import type { Hex } from '../hex.js'
import { createEvmChain, type EvmChain, type EvmLog, type EvmReceipt } from './chain.js'
import { createEvmRpc, RPC_TIMEOUT_MS } from './rpc.js'
import type { RpcSource } from './rpc-sources.js'

/** What was signed, and how it is seen that a transaction used it. */
export type SignedTransfer = {
  readonly asset: Hex
  readonly payer: Hex
  readonly payTo: Hex
  /** Atomic units that were signed. */
  readonly amount: bigint
  /** Whether the seller may take less than was signed. */
  readonly mayTakeLess: boolean
  /**
   * Whether the transaction is the one that used the authorization. Throws when the source fails.
   *
   * @param receipt - Of the transaction, which succeeded.
   */
  findNonceProblem(receipt: EvmReceipt, chain: EvmChain): NonceFinding | Promise<NonceFinding>
}

/** Why a transaction didn't use an authorization, as a sentence; why nothing tells; `undefined` when it did. */
export type NonceFinding = string | { readonly unknown: string } | undefined

/**
 * Asks every source whether a transaction is the payment that was signed.
 *
 * All of them must agree on either verdict: one that lies could settle what wasn't paid, or say that less was taken.
 *
 * @param transaction - The seller's; nothing in it is trusted.
 * @param timeoutMs - How long one answer may take.
 * @returns `final` where every source calls the transaction's block final, or safe where it knows no other.
 */
export async function verifySettlement(
  sources: readonly RpcSource[],
  chainId: number,
  transaction: string,
  signed: SignedTransfer,
  timeoutMs = RPC_TIMEOUT_MS,
): Promise<ReceiptVerdict> {
  const hash = readHash(transaction)
  if (hash === undefined) return toMismatch(['the transaction is no id of this chain'], true)
  const chains = sources.map((source) => createEvmChain(createEvmRpc(source, timeoutMs), chainId))
  const [first, ...others] = await Promise.all(
    chains.map((chain) => judge(chain, hash, signed).catch(() => toUnknown('a source could not be asked'))),
  )
  if (first === undefined) return toUnknown('there is no source to ask')
  return others.reduce(agree, first)
}

/** What one source says. */
async function judge(chain: EvmChain, transaction: Hex, signed: SignedTransfer): Promise<ReceiptVerdict> {
  const [receipt, finalBlock] = await Promise.all([chain.readReceipt(transaction), chain.readFinalBlock()])
  if (receipt === undefined) return toUnknown('the chain has no such transaction yet')
  const final = finalBlock !== undefined && receipt.blockNumber <= finalBlock.number
  if (!receipt.isSuccess) return toMismatch(['the transaction failed'], final)
  const transfers = findTokenTransfers(receipt.logs, signed.asset)
  const amount = findTaken(transfers, signed)
  const moneyProblems = amount === undefined ? describeOther(transfers, signed) : []
  const finding = await signed.findNonceProblem(receipt, chain)
  // A transaction that moves none of the money is no payment, whatever signature it used.
  if (typeof finding === 'object' && moneyProblems.length === 0) return toUnknown(finding.unknown)
  const problems = [...moneyProblems, finding].filter((one) => typeof one === 'string')
  return amount === undefined || problems.length > 0
    ? toMismatch(problems, final)
    : { verdict: 'settled', amount, final }
}

/** What two sources say together. */
function agree(one: ReceiptVerdict, other: ReceiptVerdict): ReceiptVerdict {
  if (one.verdict === 'unknown') return one
  if (other.verdict === 'unknown') return other
  const isSameMoney = one.verdict === 'settled' && other.verdict === 'settled' && one.amount === other.amount
  const isSameMismatch =
    one.verdict === 'mismatch' && other.verdict === 'mismatch' && one.problems.join() === other.problems.join()
  return isSameMoney || isSameMismatch
    ? { ...one, final: one.final && other.final }
    : toUnknown('the sources disagree about the transaction')
}

/** The most that one fitting transfer took: several payments may share a transaction, and too little must never be counted. */
function findTaken(transfers: readonly TokenTransfer[], signed: SignedTransfer): bigint | undefined {
  let most: bigint | undefined
  for (const { from, to, amount } of transfers) {
    const isOwn = isSame(from, signed.payer) && isSame(to, signed.payTo)
    const fits = signed.mayTakeLess ? amount <= signed.amount : amount === signed.amount
    if (isOwn && fits && (most === undefined || amount > most)) most = amount
  }
  return most
}

/** Why none of the transfers is the payment. */
function describeOther(transfers: readonly TokenTransfer[], { asset, payer, payTo, amount }: SignedTransfer): string[] {
  if (transfers.length === 0) return [`the transaction moves none of the asset ${asset}`]
  const paid = transfers.filter(({ from }) => isSame(from, payer))
  const own = paid.filter(({ to }) => isSame(to, payTo))
  if (own.length > 0) {
    const compared = own.some((transfer) => transfer.amount > amount) ? 'more' : 'less'
    return [`the transaction takes ${compared} than the ${amount} that were signed`]
  }
  const isReceived = transfers.some(({ to }) => isSame(to, payTo))
  return [
    paid.length === 0 && `the transaction has another payer than ${payer}`,
    !isReceived && `the transaction has another payTo than ${payTo}`,
    paid.length > 0 && isReceived && `the transaction moves nothing from ${payer} to ${payTo}`,
  ].filter((problem) => problem !== false)
}

function readHash(text: string): Hex | undefined {
  return /^0x[0-9a-fA-F]{64}$/.test(text) ? `0x${text.slice(2).toLowerCase()}` : undefined
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

function toMismatch(problems: readonly string[], final: boolean): ReceiptVerdict {
  return { verdict: 'mismatch', problems, final }
}

function toUnknown(because: string): ReceiptVerdict {
  return { verdict: 'unknown', because }
}

/** One movement of a token. Addresses are in lower case. */
export type TokenTransfer = {
  readonly from: string
  readonly to: string
  /** Atomic units. */
  readonly amount: bigint
}

/** `Transfer(address indexed from,address indexed to,uint256 value)`, hashed. Source: EIP-20. */
const TRANSFER = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'

/** Characters of a word of 32 bytes in hex. */
const WORD = 66

/** The movements of one token among the events of a transaction. Events of other contracts, and of other shapes, are none. */
export function findTokenTransfers(logs: readonly EvmLog[], asset: Hex): TokenTransfer[] {
  return logs.flatMap(({ address, topics, data }) => {
    const [event, from, to, ...others] = topics
    const isTransfer = address.toLowerCase() === asset.toLowerCase() && event?.toLowerCase() === TRANSFER
    // A token of things that are one of a kind has the same event, with the thing itself as a fourth topic.
    if (!isTransfer || from?.length !== WORD || to?.length !== WORD || others.length > 0 || data.length !== WORD)
      return []
    return [{ from: toAddress(from), to: toAddress(to), amount: BigInt(data) }]
  })
}

/** An address stands at the end of its word. */
function toAddress(word: Hex): string {
  return `0x${word.slice(26).toLowerCase()}`
}
