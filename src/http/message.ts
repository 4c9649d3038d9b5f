import type { MaybePromise } from '../payment/digest.js'
import type { CallOptions, SplitBody } from '../payment/exchange.js'
import type { KeyedCall } from '../payment/flight/flight.js'
import { readUrl } from '../wire/host.js'
import { PAYMENT_HEADERS } from '../wire/payload.js'
import { toDisplayUrl } from '../wire/resource-url.js'
import type { FoundBody } from './found-body.js'

/** One response of a seller, as the wrapper of an HTTP library shows it. */
export type HttpResponse<Native = unknown> = {
  readonly status: number
  /** Where the response came from, after redirects that the platform followed; `undefined` when it doesn't say. */
  readonly url: string | undefined
  /** Whether the platform hid a redirect (a browser's opaque response, status 0). */
  readonly hidden: boolean
  /** Whether a browser got it from another origin than the page's, and shows only the headers that the seller lets pages read. */
  readonly filtered?: boolean | undefined
  header(name: string): string | null
  /** Tells whether its body brought nothing, when its reader has found out. */
  watchBody?(found: FoundBody): void
  /** Reads its body as text, without taking it from the caller; `undefined` when it is longer than `maxBytes`, or too slow. */
  readBody?(maxBytes: number): Promise<string | undefined>
  /** The library's own response, which the caller is given. */
  readonly native: Native
  /** Makes the same with its body, where that was drained. @default native */
  readonly whole?: (() => Native) | undefined
}

/** One request that may have to be paid for, and the means to send it. */
export type UnansweredRequest<Native = unknown> = {
  readonly method: string
  /** Absolute, as the caller asked. */
  readonly url: string
  readonly signal: AbortSignal | undefined
  readonly options: CallOptions | undefined
  readonly keyedCall?: KeyedCall | undefined
  /** What sends it, and all like it; `undefined` where something of this call's own may do that, which may answer as it likes. */
  readonly sender?: object | undefined
  /** Reads a header of the request. */
  header(name: string): string | null
  /** Whether the same body can be sent a second time. */
  readonly replayable: boolean
  /** Whether what sends it may follow a redirect by itself, with the payment, and can't be kept from it. @default false */
  readonly mayRedirect?: boolean | undefined
  /** SHA-256 of the body as it will be sent again, in hex; empty when there is none. */
  digestBody(): MaybePromise<string>
  /** The body as it will be sent again; asked for only if it is replayable. */
  readonly readBody?: (() => MaybePromise<unknown>) | undefined
  /** Discards a response that won't be read. */
  discard(native: Native): void
  /** Discards a redirect that isn't followed. Leave it out where callers are shown it. */
  leave?(native: Native): void
  /** Copies a response, for another call that asked for the same purchase. */
  duplicate(native: Native): Native
  /** Hands out a response whose body flows several times, as `Exchange` says; leave it out if no body flows. */
  split?(native: Native, split: SplitBody): readonly Native[] | undefined
  /** Identifies the kind of response that this wrapper copies and hands out. @default the prototype of the 402 */
  readonly kind?: object | undefined
  /** How long the paid part of the call may take, in milliseconds. @default as long as the payment is valid */
  readonly paidTimeoutMs: number | undefined
  /** As `Exchange` says. */
  readonly joinedTimeoutMs?: number | undefined
  /** How long to wait for the response to a request without a payment, in milliseconds, unless the library sees to that itself. */
  readonly unpaidTimeoutMs?: number | undefined
  /**
   * Sends the request to `url` with these headers in addition to its own, following no redirect. Headers that say who the caller is
   * aren't sent to another origin than the one that was called, just as platforms drop them when they follow a redirect.
   */
  send(
    url: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<HttpResponse<Native>>
  /** Aborts what was sent last, whose response is no longer needed. */
  abandon?(): void
}

/** One request that got a 402. */
export type HttpRequest<Native = unknown> = UnansweredRequest<Native> & {
  /** The 402. */
  readonly response: HttpResponse<Native>
  /** Discards the 402, which may have been drained already. */
  letGo(): void
  /** Reads the 402's body to its end, so that its connection can be used again. Stops soon after `until` settles. */
  drain(until: Promise<unknown>): Promise<void>
}

/** Whether repeating a method changes nothing. Source: the safe methods of RFC 9110, section 9.2.1, that can be paid for. */
export function isSafeMethod(method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}

/** Whether a request has the header of a payment. */
export function carriesPayment({ header }: Pick<HttpRequest, 'header'>): boolean {
  return PAYMENT_HEADERS.some((name) => header(name) !== null)
}

/** Writes a call as errors and lists show it. */
export function toResource(method: string, url: string): string {
  const read = readUrl(url)
  return read === undefined ? method : `${method} ${toDisplayUrl(read)}`
}

/** Whether a cache has held the response for a while. Source: RFC 9111, section 5.1: a cache that responds must say so. */
export function isAged(response: Pick<HttpResponse, 'header'>): boolean {
  const age = response.header('age')?.trim() ?? ''
  return age !== '' && !/^0+$/.test(age)
}
