import type { ShownCall } from '../payment/call.js'
import { type MaybePromise, whenKnown } from '../payment/digest.js'
import type { PaidResponse } from '../payment/exchange.js'
import { readStatus } from '../payment/payment.js'
import type { Envelope } from '../wire/challenge.js'
import type { Decoded } from '../wire/json.js'
import { decodeReceipt, RECEIPT_HEADERS, type SettleResponse } from '../wire/receipt.js'
import { readHttpDate } from './http-date.js'
import { type HttpRequest, type HttpResponse, isAged } from './message.js'
import { decodeTerms } from './terms.js'

/** Responses that say "not now": the same payment is presented again. */
const NOT_NOW = new Set([202, 408, 425, 429, 503, 504])

/** Headers that say that the same request may succeed later, whatever the status. SDKs of AI providers obey the second one. */
const RETRY_HEADERS = ['retry-after', 'retry-after-ms']

/**
 * Describes a response to a paid request, without HTTP.
 *
 * @param header - Reads a header of the request.
 */
export function toPaidResponse<Native>(
  response: HttpResponse<Native>,
  call: ShownCall,
  header: HttpRequest['header'],
): PaidResponse<Native> {
  const { status, native } = response
  return {
    native,
    status,
    meaning: toMeaning(response, call),
    isChallenge: status === 402,
    isAged: status === 402 && isAged(response),
    // The 412 of official sellers, told from an application's own by its reason.
    mayLackAllowance: status === 412,
    // Where to ask for a job is said; to present its payment again could begin another.
    isNotNow: NOT_NOW.has(status) && !(status === 202 && response.header('location') !== null),
    isEmpty: isEmpty(response, call, header),
    watchBody: response.watchBody,
    receipt: readReceipt(response),
    // Never the body of a 412, which applications send, too.
    readTerms: (isExplained) => readNewTerms(response, isExplained || status === 412),
    readPauseMs: (nowSeconds) => readRetryAfter(response, nowSeconds),
    describeSkew: (nowSeconds) => describeSkew(response, nowSeconds),
  }
}

function toMeaning(response: HttpResponse, { delivers }: ShownCall): PaidResponse['meaning'] {
  const meaning = readStatus(response.status, delivers)
  if (meaning !== 'answered') return meaning
  return RETRY_HEADERS.some((name) => (response.header(name) ?? '') !== '') ? 'lost' : meaning
}

/**
 * Whether what delivers brought nothing, as far as its head says; `undefined` where its body tells, by being empty or by breaking off. A 204 is
 * what many sellers answer to a POST that was carried out, and an address tells all of what was made or accepted. "Not modified" says something
 * only to a request that asked for that.
 */
function isEmpty(response: HttpResponse, { method }: ShownCall, header: HttpRequest['header']): boolean | undefined {
  const { status } = response
  if (method === 'HEAD' || status === 205) return false
  if (status === 204) return method === 'GET'
  if (status === 304) return !CONDITIONS.some((name) => (header(name) ?? '') !== '')
  if ((status === 201 || status === 202) && response.header('location') !== null) return false
  const length = response.header('content-length')?.trim() ?? ''
  // A length only announces a body, which may break off before its first byte; and even nothing has a length once it is compressed.
  return /^0+$/.test(length) ? true : undefined
}

/** Headers that a 304 is an honest response to. Source: RFC 9110, section 15.4.5. */
const CONDITIONS = ['if-none-match', 'if-modified-since']

/** Reads the receipt of a response; `undefined` when it has none. */
export function readReceipt(response: HttpResponse): Decoded<SettleResponse> | undefined {
  for (const name of RECEIPT_HEADERS) {
    const header = response.header(name)
    if (header !== null && header !== '') return decodeReceipt(header)
  }
  return undefined
}

/** Waits for a body only if no receipt gives the reason, since a body may be slow. */
function readNewTerms(response: HttpResponse, isExplained: boolean): MaybePromise<Envelope | undefined> {
  const decoding = decodeTerms(response, (maxBytes) => (isExplained ? undefined : response.readBody?.(maxBytes)))
  return whenKnown(decoding, (decoded) => (decoded !== undefined && 'value' in decoded ? decoded.value : undefined))
}

/** Longest pause that a seller may ask for, in milliseconds. */
const MAX_RETRY_AFTER_MS = 10_000

/**
 * Reads how long the seller asks the buyer to wait, from `Retry-After`: seconds, or a date. Source: RFC 9110, section 10.2.3.
 *
 * A date is compared with the seller's own `Date`, so a wrong clock does no harm; with our clock if the seller sends no `Date`.
 *
 * @param response - Any response of the seller.
 * @param nowSeconds - Our clock, in seconds since 1970.
 * @param mostMs - The longest that is waited.
 * @returns Milliseconds; infinite when it's longer than that, and `undefined` when the seller names no time.
 */
export function readRetryAfter(
  response: Pick<HttpResponse, 'header'>,
  nowSeconds: number,
  mostMs = MAX_RETRY_AFTER_MS,
): number | undefined {
  const text = response.header('retry-after')?.trim() ?? ''
  const seconds = /^[0-9]{1,9}$/.test(text) ? Number(text) : readSecondsUntil(text, response.header('date'), nowSeconds)
  if (seconds === undefined) return undefined
  const milliseconds = Math.max(0, seconds) * 1000
  return milliseconds <= mostMs ? milliseconds : Number.POSITIVE_INFINITY
}

function readSecondsUntil(text: string, sent: string | null, nowSeconds: number): number | undefined {
  const until = readHttpDate(text)
  return until === undefined ? undefined : until - (readHttpDate(sent ?? '') ?? nowSeconds)
}

/** Skew that the network alone can cause, in seconds: not worth mentioning. */
const TOLERANCE_SECONDS = 5

/**
 * Says how far our clock is from the seller's, if that is more than the network explains. That is only for the text of an error: a `Date`
 * is the seller's word, and no time that is signed depends on it.
 */
function describeSkew(response: Pick<HttpResponse, 'header'>, nowSeconds: number): string | undefined {
  const theirs = readHttpDate(response.header('date') ?? '')
  if (theirs === undefined) return undefined
  const seconds = Math.round(nowSeconds - theirs)
  if (Math.abs(seconds) <= TOLERANCE_SECONDS) return undefined
  return `${Math.abs(seconds)} seconds ${seconds > 0 ? 'ahead of' : 'behind'} the seller's`
}
