import { AxiosHeaders, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios'
import { endWith } from '../http/body-stream.js'
import type { SplitBody } from '../payment/exchange.js'
import { copyPayment, type PaymentSummary } from '../payment/summary.js'
import { isNodeStream, isWebStream, toStreamLike, toWebStream } from './stream-body.js'

/** One answer of an adapter, as the corridor carries it. */
export type AxiosAnswer = {
  /** What the caller is given in the end. While `form` is a stream, so is its `data`. */
  readonly response: AxiosResponse
  /**
   * Whether `data` is Node's stream, the platform's, the platform's in place of what XMLHttpRequest would have read, or what the
   * adapter made of it already.
   */
  readonly form: 'node' | 'web' | 'xhr' | 'whole'
  /** Where it came from, after redirects; `undefined` when the adapter doesn't say. */
  readonly url: string | undefined
  /** The platform hid a redirect. */
  readonly hidden: boolean
  /** A browser got it from another origin, and shows only the headers that the seller lets pages read. */
  readonly filtered?: boolean | undefined
  /** What the adapter found wrong with the answer once its head was there; thrown when the body is read. */
  readonly failure?: Error | undefined
  /** A wrapped fetch inside the adapter judged it already. */
  readonly judged: PaymentSummary | undefined
}

/**
 * An answer that another call bought by the same key, as this call's adapter would have given it: it ends with this call's signal.
 *
 * @param unpaid - The data of this call's own 402, which shows what its adapter answers with.
 */
export function fromResponse(
  copy: Response,
  config: InternalAxiosRequestConfig,
  unpaid: unknown,
  signal: AbortSignal | undefined,
): AxiosAnswer {
  const { status, statusText } = copy
  const headers = new AxiosHeaders(Object.fromEntries(copy.headers))
  const isNode = isNodeStream(unpaid)
  const body = endWith(copy.body, signal)
  const data = isNode ? toStreamLike(unpaid, body) : body
  const answer: AxiosAnswer = {
    response: { data, status, statusText, headers, config },
    form: isNode ? 'node' : 'web',
    url: copy.url || undefined,
    hidden: false,
    judged: undefined,
  }
  return copyPayment(copy, answer)
}

/** Statuses whose answers have no body. Source: the Fetch standard, "null body status". */
const WITHOUT_BODY = new Set([101, 103, 204, 205, 304])

/**
 * A second copy of an answer, for another call that bought the same. It is the platform's own, since that call may have another adapter.
 *
 * @param body - What it is given to read; by default, what the adapter read already.
 */
export function toResponse(native: AxiosAnswer | Response, body = readWhole(native)): Response {
  if (native instanceof Response) return native.clone()
  const { response } = native
  const { status, statusText } = response
  const headers = new Headers()
  for (const [name, value] of Object.entries(response.headers)) {
    for (const one of [value].flat()) headers.append(name, String(one))
  }
  const copy = new Response(WITHOUT_BODY.has(status) ? null : body, { status, statusText, headers })
  Object.defineProperty(copy, 'url', { value: native.url ?? '' })
  return copyPayment(native, copy)
}

function readWhole(native: AxiosAnswer | Response): BodyInit | null {
  if (native instanceof Response) return null
  const { data } = native.response
  const body = toBodyInit(data)
  if (body === undefined && data !== undefined && data !== null) throw new TypeError('pay402: this can’t be copied')
  return body ?? null
}

/**
 * Hands out an answer whose body flows several times: first for the call itself, then as {@link toResponse} does.
 *
 * @param signal - Of the call itself: it ends its own part.
 */
export function splitAnswer(
  native: AxiosAnswer | Response,
  split: SplitBody,
  signal: AbortSignal | undefined,
): readonly (AxiosAnswer | Response)[] | null | undefined {
  if (native instanceof Response) return native.body && split(native.body).map((body) => rebuild(native, body))
  const { response } = native
  const { data } = response
  if (!isNodeStream(data) && !isWebStream(data)) return undefined
  const [own = null, ...others] = split(toWebStream(data))
  response.data = toStreamLike(data, endWith(own, signal))
  return [native, ...others.map((body) => toResponse(native, body))]
}

/** A copy of a copy, with another body. */
function rebuild(copy: Response, body: ReadableStream<Uint8Array>): Response {
  const { status, statusText, headers, url } = copy
  const whole = Object.defineProperty(new Response(body, { status, statusText, headers }), 'url', { value: url })
  return copyPayment(copy, whole)
}

/** What an adapter answered as the body of a `Response`; mocks and adapters of users' own answer with objects, too. */
export function toBodyInit(data: unknown): BodyInit | undefined {
  if (isNodeStream(data) || isWebStream(data)) return toWebStream(data)
  if (typeof data === 'string' || data instanceof Blob || data instanceof ArrayBuffer) return data
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice()
  const isPlain = ['[object Object]', '[object Array]'].includes(Object.prototype.toString.call(data))
  return isPlain || typeof data === 'number' || typeof data === 'boolean' ? JSON.stringify(data) : undefined
}
