import {
  decodeSignedTransaction,
  decodeTransaction,
  encodeSignedTransaction,
  encodeTransactionRaw,
  type SignedTransaction,
} from '@algorandfoundation/algokit-utils/transact'
import type { Described } from 'pay402'

/** The most that the buyer pays the network on top, in millionths of an Algo. */
const MAX_FEE = 10_000n

/** Reads what a payload of `@x402/avm` lets others take: what its one signed transaction moves, and nothing else. */
export function describeAlgorandPayload(payload: unknown): Described | undefined {
  const { paymentGroup, paymentIndex, ...others } = new Object(payload) as { [name: string]: unknown }
  if (!Array.isArray(paymentGroup) || typeof paymentIndex !== 'number') return undefined
  if (Object.keys(others).length > 0) return undefined
  const group = paymentGroup.map((text) => Uint8Array.from(atob(String(text)), (one) => one.charCodeAt(0)))
  // What isn't the payment is left to the facilitator to sign.
  if (!group.every((bytes, index) => index === paymentIndex || isUnsigned(bytes))) return undefined
  const signed = readSigned(group[paymentIndex])
  const { assetTransfer, sender, fee = 0n, rekeyTo } = signed?.txn ?? {}
  if (signed?.sig === undefined || sender === undefined || assetTransfer === undefined || fee > MAX_FEE)
    return undefined
  // What is left in the account, the account itself, someone else's tokens: none of it is for sale.
  if (assetTransfer.closeRemainderTo || assetTransfer.assetSender || rekeyTo) return undefined
  return {
    payer: sender.toString(),
    payTo: assetTransfer.receiver.toString(),
    asset: String(assetTransfer.assetId),
    amount: assetTransfer.amount,
    // It ends with a round, and no clock can tell when that comes.
    validUntilSeconds: Number.POSITIVE_INFINITY,
    nonce: signed.txn.txId(),
  }
}

function isUnsigned(bytes: Uint8Array): boolean {
  return isSame(encodeTransactionRaw(decodeTransaction(bytes)), bytes)
}

function readSigned(bytes = new Uint8Array()): SignedTransaction | undefined {
  const signed = decodeSignedTransaction(bytes)
  return isSame(encodeSignedTransaction(signed), bytes) ? signed : undefined
}

/** The library passes over what it doesn't know; written again, that is missing. */
function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}
