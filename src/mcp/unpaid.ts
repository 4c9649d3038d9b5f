import { type Envelope, MAX_BODY_BYTES, type PaymentRequired, readEnvelope } from '../wire/challenge.js'
import {
  copyJson,
  type Decoded,
  isJsonObject,
  isTooDeep,
  type JsonObject,
  parseJsonObject,
  toPlainObject,
} from '../wire/json.js'
import { decodeReceipt, readReceiptObject, type SettleResponse } from '../wire/receipt.js'

/** Where a paid request carries its payment. Source: x402 specification, transports-v2/mcp.md. */
export const PAYMENT_META = 'x402/payment'

/** Where a result carries its receipt; same source. */
const RECEIPT_META = 'x402/payment-response'

/** Where the servers of `agents/x402` 0.32 put their terms. */
const TERMS_META = 'x402/error'

/** Codes of JSON-RPC that ask for money: the specification's, and `UrlElicitationRequired`, whose data the SDKs hand on. */
const PAYMENT_CODES: readonly unknown[] = [402, -32042]

/** An answer that asks to be paid. */
export type Unpaid = {
  readonly terms: Decoded<Envelope>
  /** How the server reads a payment: as an object, or as base64 over JSON as `agents/x402` does. */
  readonly dialect: 'object' | 'base64'
  /** What it says about an earlier settlement. */
  readonly receipt: Decoded<SettleResponse> | undefined
}

/**
 * Reads a result that asks to be paid, in any of the ways that servers have: the result type of `org.x402/payment`; `isError` with the terms
 * as structured content, under `_meta["x402/error"]`, or as the text of the first part.
 *
 * @param result - Of a request; it isn't trusted.
 * @returns `undefined` for any other result, also for one that is the error of a tool.
 */
export function readUnpaidResult(result: unknown): Unpaid | undefined {
  if (!isJsonObject(result)) return undefined
  const { resultType, paymentRequired, isError, structuredContent, content, _meta: meta } = result
  if (resultType === 'payment_required') return toUnpaid(paymentRequired, 'object', meta)
  if (isError !== true) return undefined
  if (isTerms(structuredContent)) return toUnpaid(structuredContent, 'object', meta)
  const error = isJsonObject(meta) ? meta[TERMS_META] : undefined
  if (isTerms(error)) return toUnpaid(error, 'base64', meta)
  const written = readText(content)
  return isTerms(written) ? toUnpaid(written, 'object', meta) : undefined
}

/**
 * Reads an error of JSON-RPC that asks to be paid.
 *
 * @param error - With its `code` and `data`; it isn't trusted.
 * @returns `undefined` for any other error, such as a challenge of another payment protocol under the same code.
 */
export function readUnpaidError(error: unknown): Unpaid | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const data: unknown = Reflect.get(error, 'data')
  if (!PAYMENT_CODES.includes(Reflect.get(error, 'code')) || !isJsonObject(data)) return undefined
  const terms = [data['x402'], data].find(isTerms)
  return terms && toUnpaid(terms, 'object', data['_meta'])
}

/** Reads the receipt in the `_meta` of a result: an object, or base64 over JSON; `undefined` when there is none. */
export function readReceiptMeta(meta: unknown): Decoded<SettleResponse> | undefined {
  const receipt = isJsonObject(meta) ? meta[RECEIPT_META] : undefined
  if (receipt === undefined || receipt === null) return undefined
  return typeof receipt === 'string' ? decodeReceipt(receipt) : readReceiptObject(receipt)
}

/** Copies the terms for a caller, as the seller wrote them; `undefined` when they can't be read. */
export function toPaymentRequired({ terms }: Unpaid): PaymentRequired | undefined {
  if ('problem' in terms) return undefined
  const present = Object.entries(terms.value).filter(([, value]) => value !== undefined && !isTooDeep(value))
  return copyJson(Object.fromEntries(present)) as PaymentRequired // entries are whatever the seller wrote, as the type says
}

/** Both fields, so that the error of a tool that names a version isn't taken for terms. */
function isTerms(value: unknown): value is JsonObject {
  return isJsonObject(value) && Object.hasOwn(value, 'x402Version') && Object.hasOwn(value, 'accepts')
}

/** Copied as JSON: the caller may be given the same objects. */
function toUnpaid(terms: unknown, dialect: Unpaid['dialect'], meta: unknown): Unpaid {
  const plain = toPlainObject(terms)
  return {
    terms: 'problem' in plain ? plain : readEnvelope(plain.value),
    dialect,
    receipt: readReceiptMeta(meta),
  }
}

function readText(content: unknown): unknown {
  const first: unknown = Array.isArray(content) ? content[0] : undefined
  const text = isJsonObject(first) && first['type'] === 'text' ? first['text'] : undefined
  if (typeof text !== 'string' || text.length > MAX_BODY_BYTES) return undefined
  const parsed = parseJsonObject(text)
  return 'value' in parsed ? parsed.value : undefined
}
