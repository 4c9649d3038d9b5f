import { decodeJsonHeader, encodeJsonHeader } from './header-codec.js'
import { type Decoded, freezeParsed, isJsonObject, isTooDeep, toPlainObject } from './json.js'
import type { Network } from './network.js'
import { type Field, type Fields, optional, readFields, textField } from './read-fields.js'

/** Headers that carry a receipt: protocol 2, then protocol 1; `@x402/*` 2.27. */
export const RECEIPT_HEADERS = ['PAYMENT-RESPONSE', 'X-PAYMENT-RESPONSE'] as const

/** Longest text field of a receipt that is read, in characters; a transaction id has at most 88. */
const MAX_RECEIPT_TEXT = 512

/**
 * What the seller says about the settlement. It is the seller's word until compared with the terms or with the chain.
 *
 * Source: x402 specification v2, "SettlementResponse".
 */
export type SettleResponse = {
  success: boolean
  /** The transaction's id; empty when the seller names none. */
  transaction: string
  /** CAIP-2 in protocol 2; in protocol 1 a legacy name, whatever the type says. */
  network: Network
  payer?: string
  /** Atomic units that were charged, where the scheme may charge less than was signed. What counts against limits stays what was signed. */
  amount?: string
  errorReason?: string
  errorMessage?: string
  extensions?: Record<string, unknown>
  /** What the scheme adds, such as what was charged to a channel. Source: `SettleResponse` of `@x402/core` 2.27. */
  extra?: Record<string, unknown>
}

const text = /* @__PURE__ */ textField(0, MAX_RECEIPT_TEXT)
const optionalText = /* @__PURE__ */ optional(text)

const FIELDS: Fields<SettleResponse> = {
  success: { is: (value) => typeof value === 'boolean', must: 'true or false' },
  transaction: text,
  network: text as Field<Network>, // a legacy name too, as the type's page says
  payer: optionalText,
  amount: optionalText,
  errorReason: optionalText,
  errorMessage: optionalText,
  extensions: /* @__PURE__ */ optional({ is: isExtensions, must: 'an object' }),
  extra: /* @__PURE__ */ optional({ is: isExtensions, must: 'an object' }),
}

function isExtensions(value: unknown): value is Record<string, unknown> {
  return isJsonObject(value) && !isTooDeep(value)
}

/** Reads a receipt header; what isn't a receipt becomes a problem, never an exception. What is read is frozen. */
export function decodeReceipt(header: string): Decoded<SettleResponse> {
  const decoded = decodeJsonHeader(header)
  if ('problem' in decoded) return decoded
  const { success, transaction, network, payer, amount, errorReason, errorMessage, extensions, extra } = decoded.value
  // `null` reads as absent. Failed settlements often name no transaction: absent reads as empty, which proves nothing either way.
  const read = readFields(
    {
      success: success ?? undefined,
      transaction: transaction ?? '',
      network: network ?? '',
      payer: payer ?? undefined,
      amount: amount ?? undefined,
      errorReason: errorReason ?? undefined,
      errorMessage: errorMessage ?? undefined,
      extensions: extensions ?? undefined,
      // Only a scheme reads it: what isn't an object takes nothing from the receipt.
      extra: isExtensions(extra) ? extra : undefined,
    },
    FIELDS,
  )
  if ('value' in read) freezeParsed(read.value)
  return read
}

/** Reads a receipt that isn't in a header, as an object: one reader for all, with its bounds. */
export function readReceiptObject(receipt: unknown): Decoded<SettleResponse> {
  const plain = toPlainObject(receipt)
  return 'problem' in plain ? plain : decodeReceipt(encodeJsonHeader(plain.value))
}

/**
 * The transaction that a receipt names.
 *
 * @returns `undefined` for an empty one and for what is no id on any chain, such as a sentence or the payment itself: a signature is
 * longer than any id.
 */
export function readTransaction({ transaction }: Pick<SettleResponse, 'transaction'>): string | undefined {
  return /^[0-9A-Za-z_-]{1,100}$/.test(transaction) ? transaction : undefined
}

/**
 * Writes a receipt header; for sellers in tests.
 *
 * @param receipt - What to write.
 * @returns The header's value.
 */
export function encodePaymentResponseHeader(receipt: Omit<SettleResponse, 'network'> & { network: string }): string {
  return encodeJsonHeader(receipt)
}
