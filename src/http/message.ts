import type { MaybePromise } from '../payment/digest.js'
import type { CallOptions, KeyedCall } from '../payment/exchange.js'
import { PAYMENT_HEADERS } from '../wire/payload.js'
import { toDisplayUrl } from '../wire/resource-url.js'

/** One response of a seller, as a door over HTTP shows it. */
export type HttpResponse<Native = unknown> = {
  readonly status: number
  /** Where the response came from, after redirects that the platform followed; `undefined` when it doesn't say. */
  readonly url: string | undefined
  /** The platform hid a redirect (a browser's opaque response, status 0). */
  readonly hidden: boolean
  /** A browser got it from another origin than the page's, and shows only the headers that the seller lets pages read. */
  readonly filtered?: boolean | undefined
  header(name: string): string | null
  /** Its body as text, without taking it from the caller; `undefined` when it is longer than `maxBytes` or too slow. */
  readBody?(maxBytes: number): Promise<string | undefined>
  /** What the caller of the door is given. */
  readonly native: Native
}

/** One request that was answered with 402, and the means to send it again. */
export type HttpRequest<Native = unknown> = {
  readonly method: string
  /** Absolute, as the caller asked. */
  readonly url: string
  readonly signal: AbortSignal | undefined
  readonly options: CallOptions | undefined
  readonly keyedCall?: KeyedCall | undefined
  /** The 402. */
  readonly response: HttpResponse<Native>
  /** A header of the request. */
  header(name: string): string | null
  /** Whether the same body can be sent a second time. */
  readonly replayable: boolean
  /** SHA-256 of the body as it will be sent again, in hex; empty when there is none. */
  digestBody(): MaybePromise<string>
  /** Lets go of a response that nobody will read. */
  discard(native: Native): void
  /** Lets go of the 402, which may have been drained. */
  letGo(): void
  /** A second copy of a response, for another who asked for the same purchase. */
  duplicate(native: Native): Native
  /** What kind its copies are, and what others' copies must be for this door to take them. @default the prototype of the 402 */
  readonly kind?: object | undefined
  /** How long the paid part of the call may take, in milliseconds. @default as long as the payment lives */
  readonly paidTimeoutMs: number | undefined
  /** How long a response without a payment is waited for, in milliseconds, where the door doesn't see to that itself. */
  readonly unpaidTimeoutMs?: number | undefined
  /** Reads the 402's body to its end, so that its connection can be used again; stops when `until` is over. */
  drain(until: Promise<unknown>): Promise<void>
  /**
   * Sends the request again to `url` with these headers beside its own, following no redirect. To another origin than the one that was
   * called, headers that say who the caller is don't go along, as platforms have it when they follow a redirect.
   */
  send(
    url: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<HttpResponse<Native>>
  /** Aborts what was sent last, whose response is no longer needed; doors whose requests end by themselves can leave it out. */
  abandon?(): void
}

/** Whether a method changes nothing when it is repeated. Source: RFC 9110, section 9.2.1, of what is paid for. */
export function isSafeMethod(method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}

/** Whether a request has the header of a payment. */
export function carriesPayment({ header }: Pick<HttpRequest, 'header'>): boolean {
  return PAYMENT_HEADERS.some((name) => header(name) !== null)
}

/** As errors and lists show a call. */
export function toResource(method: string, url: string): string {
  return URL.canParse(url) ? `${method} ${toDisplayUrl(new URL(url))}` : method
}

/** Whether a cache has held the response for a while. Source: RFC 9111, section 5.1, where a cache that answers must say so. */
export function isAged(response: Pick<HttpResponse, 'header'>): boolean {
  const age = response.header('age')?.trim() ?? ''
  return age !== '' && !/^0+$/.test(age)
}
