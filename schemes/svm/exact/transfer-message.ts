import type { Address } from '../address.js'
import { LIGHTHOUSE_PROGRAM, MEMO_PROGRAM } from '../programs.js'
import {
  readComputeUnitLimit,
  readComputeUnitPrice,
  setComputeUnitLimit,
  setComputeUnitPrice,
} from '../wire/compute-budget.js'
import { memo, readMemo } from '../wire/instruction.js'
import { compileMessage } from '../wire/message.js'
import { type ReadMessage, readMessage } from '../wire/read-message.js'
import { readTransferChecked, type TransferChecked, transferChecked } from '../wire/transfer-checked.js'

/** A payment as its transaction says it. */
export type Transfer = TransferChecked & {
  readonly feePayer: Address
  readonly blockhash: string
  readonly memo: Uint8Array
}

/** In millionths of a lamport. Source: `@x402/svm` 2.27.0, `DEFAULT_COMPUTE_UNIT_PRICE_MICROLAMPORTS`. */
const UNIT_PRICE = 1
/** What facilitators take at most. Source: `@x402/svm` 2.27.0, `MAX_COMPUTE_UNIT_PRICE_MICROLAMPORTS`. */
const MAX_UNIT_PRICE = 5_000_000n
/** Limit, price, transfer, memo, and the guards of a wallet. Source: `@x402/svm` 2.27.0, static path of the facilitator. */
const MAX_INSTRUCTIONS = 7

/** Writes the message of a payment. Source: x402 specification, "exact" on SVM; the order is that of `@x402/svm` 2.27.0. */
export function writeTransferMessage(transfer: Transfer, unitLimit: number): Uint8Array<ArrayBuffer> {
  const { feePayer, blockhash } = transfer
  const instructions = [
    setComputeUnitLimit(unitLimit),
    setComputeUnitPrice(UNIT_PRICE),
    transferChecked(transfer),
    memo(transfer.memo),
  ]
  return compileMessage({ feePayer, blockhash, instructions })
}

/**
 * Reads the message of a payment: one transfer, one memo, and beside them only what wallets add to protect their owner.
 *
 * @param bytes - Untrusted: a wallet may have changed them.
 * @returns `undefined` when anything else is in it, or when anybody but the fee payer and the owner signs, or anything but what the fee
 *   payer and the two token accounts hold may be changed.
 */
export function readTransferMessage(bytes: Uint8Array): Transfer | undefined {
  const message = readMessage(bytes)
  if (message === undefined || message.instructions.length > MAX_INSTRUCTIONS) return undefined
  const [limit, price, transferring, ...others] = message.instructions
  if (limit === undefined || price === undefined || transferring === undefined) return undefined
  if (readComputeUnitLimit(limit) === undefined) return undefined
  if ((readComputeUnitPrice(price) ?? MAX_UNIT_PRICE + 1n) > MAX_UNIT_PRICE) return undefined
  const transfer = readTransferChecked(transferring)
  const memos = others.filter(({ program }) => program === MEMO_PROGRAM).map(readMemo)
  const guards = others.filter(({ program }) => program === LIGHTHOUSE_PROGRAM)
  const [text, ...moreMemos] = memos
  if (transfer === undefined || text === undefined || moreMemos.length > 0) return undefined
  if (memos.length + guards.length !== others.length || !asksNoMore(message, transfer)) return undefined
  return { ...transfer, feePayer: message.feePayer, blockhash: message.blockhash, memo: text }
}

/** A guard that could write or spend would be no guard. */
function asksNoMore({ feePayer, signers, writable, instructions }: ReadMessage, transfer: TransferChecked): boolean {
  const { owner, source, destination } = transfer
  const isUsed = instructions.some(({ accounts }) => accounts.some(({ address }) => address === feePayer))
  return !isUsed && isSameSet(signers, [feePayer, owner]) && isSameSet(writable, [feePayer, source, destination])
}

function isSameSet(some: readonly Address[], others: readonly Address[]): boolean {
  return some.length === others.length && others.every((one) => some.includes(one))
}
