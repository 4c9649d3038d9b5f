import { INVALID_OPTION, UNKNOWN_OPTION } from '../../errors/catalogue/configuration.js'
import { fail } from '../../errors/fail.js'
import { isGood, judgeReceipt } from '../../flow/judge.js'
import type { PaidResponse } from '../../payment/exchange.js'
import { moneyOf, readStatus } from '../../payment/payment.js'
import type { Signed } from '../../payment/steps.js'
import { decodeBody, decodeEnvelope, type Envelope, readEnvelope } from '../../wire/challenge.js'
import { type Decoded, isJsonObject, parseJsonObject, toPlainObject } from '../../wire/json.js'
import { decodeReceipt, readReceiptObject, type SettleResponse } from '../../wire/receipt.js'
import { toSellerText } from '../../wire/seller-text.js'

/**
 * What came back for a payment that you sent yourself, as far as your transport tells. Everything is optional: without anything, what was
 * bought is here. `null` means nothing, too.
 *
 * @example
 * ```ts
 * const url = 'https://api.example.com/weather'
 * const required = decodePaymentRequiredHeader((await fetch(url)).headers.get('PAYMENT-REQUIRED') ?? '')
 * const open = await client.begin(required, { url })
 * const { error } = await open.answered({ delivered: false, reason: 'insufficient_funds' })
 * error?.code //=> 'PAYMENT_REJECTED'
 * ```
 */
export type ResponseFacts = {
  /**
   * The seller's receipt: a SettleResponse, its JSON, or the text of its header. Of a list, as A2A has it, the last one that fits the payment.
   *
   * @default none, so that the money stays in doubt
   */
  receipt?: unknown
  /** The terms, where the seller asks for a payment again: a PaymentRequired, its JSON, or the text of its header. @default none */
  required?: unknown
  /** Why the seller doesn't take the payment, in its own words, such as `x402.payment.error` of A2A. @default what the receipt says */
  reason?: unknown
  /**
   * Whether what was bought is here. `false` alone is an honest refusal, such as "no such report". What was delivered is never asked for again.
   *
   * @default what `status` says; without one, whether neither `required`, nor `reason`, nor a receipt says that the payment wasn't taken
   */
  delivered?: boolean | undefined
  /** A status of HTTP, where there is one. Those of gRPC are other numbers: say `delivered`. @default none */
  status?: number | undefined
}

/** A response as the steps know it, and the terms that it asks for. */
export type ReadFacts = {
  readonly response: PaidResponse<object>
  /** With the seller's reason. */
  readonly asked: Envelope | undefined
  /** The terms alone, as hooks are shown them. */
  readonly required: Envelope | undefined
}

/**
 * Reads what the sender of a payment tells of its response. What the seller wrote may be anything: what can't be read says nothing.
 *
 * @throws {@link ConfigurationError} `UNKNOWN_OPTION` or `INVALID_OPTION` where a fact isn't one; nothing was noted, and the money is where it was.
 */
export function readFacts(facts: ResponseFacts, signed: Signed): ReadFacts {
  assertFacts(facts, signed)
  const { status, delivered } = facts
  const receipt = readReceipts(facts.receipt, signed)
  const required = readTerms(facts.required)
  const said = toSellerText(facts.reason)
  const meaning = status === undefined ? undefined : readStatus(status, signed.call.delivers)
  const isFailed = receipt !== undefined && 'value' in receipt && !receipt.value.success
  const isAsked = status === 402 || !isNothing(facts.required) || said !== undefined
  const isChallenge = delivered !== true && (isAsked || (isFailed && status === undefined))
  const response: PaidResponse<object> = {
    native: facts,
    status,
    meaning: delivered === undefined ? (meaning ?? 'delivered') : delivered ? 'delivered' : toRefusal(meaning),
    isChallenge,
    mayLackAllowance: delivered !== true && status === 412,
    isNotNow: false,
    isEmpty: false,
    receipt,
    readTerms: () => required,
    readPauseMs: () => undefined,
    describeSkew: () => undefined,
  }
  return { response, asked: said === undefined ? required : { ...(required ?? NO_TERMS), error: said }, required }
}

/**
 * Reads a receipt as any transport carries it.
 *
 * @param given - A SettleResponse, its JSON, or the text of its header.
 * @returns `undefined` where there is none.
 */
export function readReceipt(given: unknown): Decoded<SettleResponse> | undefined {
  if (isNothing(given)) return undefined
  if (typeof given !== 'string') return readReceiptObject(given)
  if (!isJson(given)) return decodeReceipt(given)
  const read = parseJsonObject(given)
  return 'problem' in read ? read : readReceiptObject(read.value)
}

const NO_TERMS: Envelope = /* @__PURE__ */ Object.freeze({
  x402Version: 2,
  error: undefined,
  resource: undefined,
  accepts: /* @__PURE__ */ Object.freeze([]),
  extensions: undefined,
})

/** A seller that failed may deliver later; one that refused has answered. */
function toRefusal(meaning: PaidResponse['meaning'] | undefined): PaidResponse['meaning'] {
  return meaning === 'lost' ? 'lost' : 'answered'
}

function readReceipts(given: unknown, { payment, payer }: Signed): Decoded<SettleResponse> | undefined {
  if (!Array.isArray(given)) return readReceipt(given)
  const all = given.map(readReceipt).filter((one) => one !== undefined)
  return all.findLast((one) => isGood(judgeReceipt(one, { payment, payer }))) ?? all.at(-1)
}

function readTerms(given: unknown): Envelope | undefined {
  if (isNothing(given)) return undefined
  const read = readEither(given)
  return read !== undefined && 'value' in read ? read.value : undefined
}

function readEither(given: unknown): Decoded<Envelope> | undefined {
  if (typeof given === 'string') return isJson(given) ? decodeBody(given) : decodeEnvelope(given)
  const read = toPlainObject(given)
  return 'problem' in read ? read : readEnvelope(read.value)
}

/** Base64 has no braces. */
function isJson(text: string): boolean {
  return text.trimStart().startsWith('{')
}

function isNothing(given: unknown): boolean {
  return given === undefined || given === null || given === ''
}

const KNOWN = ['receipt', 'required', 'reason', 'delivered', 'status']

/** By now the payment has left, which is what these errors say. */
function assertFacts(facts: unknown, { payment }: Signed): void {
  const money = moneyOf(payment)
  const invalid = (option: string, must: string) => fail(INVALID_OPTION, { money, words: { option, must } })
  if (!isJsonObject(facts)) throw invalid('answered', 'an object')
  const unknown = Object.keys(facts).find((key) => !KNOWN.includes(key))
  if (unknown !== undefined) {
    throw fail(UNKNOWN_OPTION, { money, words: { option: `answered.${unknown}`, known: KNOWN.join(', ') } })
  }
  const { delivered, status } = facts
  if (delivered !== undefined && typeof delivered !== 'boolean') throw invalid('answered.delivered', 'true or false')
  const isStatus = Number.isInteger(status) && Number(status) >= 100 && Number(status) <= 599
  if (status !== undefined && !isStatus) throw invalid('answered.status', 'a status of HTTP, from 100 to 599')
}
