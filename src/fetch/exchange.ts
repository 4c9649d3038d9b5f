import { isX402Error } from '../errors/x402-error.js'
import { type BodySnapshot, snapshotBody, snapshotBytes } from '../http/body-snapshot.js'
import { cancelBody, drainBody, endWith, isStream, peekBody } from '../http/body-stream.js'
import { noStore } from '../http/door.js'
import { toExchange } from '../http/exchange.js'
import type { HttpResponse, UnansweredRequest } from '../http/message.js'
import { isOneShotHeaders, isOtherOrigin, readHeader, withHeaders, withoutIdentity } from '../http/request-headers.js'
import { toInit } from '../http/request-members.js'
import { abortable, anySignal } from '../payment/abort.js'
import { isPromise, type MaybePromise, whenKnown } from '../payment/digest.js'
import type { CallOptions, Exchange, SplitBody } from '../payment/exchange.js'
import type { KeyedCall } from '../payment/flight/flight.js'
import { copyPayment } from '../payment/summary.js'
import { isPlain, type KeptBody } from './request-init.js'
import type { watchResponse } from './watched-response.js'

/** `init` as a wrapped fetch takes it: the platform's, and what one call says for itself. */
export type PaidRequestInit = RequestInit & { x402?: CallOptions | undefined }

/** One call of fetch. */
export type FetchCall = {
  readonly fetch: typeof globalThis.fetch
  readonly input: RequestInfo | URL
  readonly init: PaidRequestInit | undefined
  /** The body of a `Request`, where it was kept. */
  readonly kept?: KeptBody | undefined
  /** The body in `init`, where it was copied when the call was made. */
  readonly snapshot?: BodySnapshot | undefined
  readonly paidTimeoutMs?: number | undefined
  readonly unpaidTimeoutMs?: number | undefined
  readonly keyedCall?: KeyedCall | undefined
  readonly mayRedirect?: boolean | undefined
  /** Watches the paid response; not needed for a price. */
  readonly watch?: typeof watchResponse | undefined
}

/** One call of fetch that was answered with 402. */
export type AnsweredCall = FetchCall & { readonly response: Response }

/** Shows one answered fetch call to the corridor. A body in `init` is copied here and not before: the answer was a 402. */
export function createExchange(call: AnsweredCall): Exchange<Response> {
  const { response } = call
  let drained: Uint8Array<ArrayBuffer> | undefined
  let whole: Response | undefined
  const request = toRequest(call, response)
  return toExchange({
    response: toHttpResponse(response, request.signal, undefined, () => {
      whole ??= drained && rebuild(response, drained)
      return whole ?? response
    }),
    kind: Object.getPrototypeOf(response),
    letGo() {
      // One that was drained is read to its end already.
      if (drained === undefined) cancelBody(response.body)
    },
    async drain(until) {
      const { body } = response
      if (body == null || response.bodyUsed) return
      // For the 402 once more, should the payment come to nothing. It throws where someone else reads the body, and that is no matter.
      drained = await drainBody(body, until)
    },
    ...request, // last, as CONTRIBUTING.md says
  })
}

/** Method and address of a call, as far as they are known before it's answered. */
export function toTarget(
  { input, init }: Pick<FetchCall, 'input' | 'init'>,
  response: Response | undefined,
): Pick<UnansweredRequest, 'method' | 'url'> {
  const { method, url } = input instanceof Request ? input : { method: 'GET', url: String(input) }
  return { method: (init?.method ?? method).toUpperCase(), url: toAbsoluteUrl(url, response) }
}

/** Copies the body in `init`; `undefined` where it can be read only once. */
export function takeBody({ input, init }: Pick<FetchCall, 'input' | 'init'>): BodySnapshot | undefined {
  const headers = init?.headers ?? (input instanceof Request ? input.headers : undefined)
  return snapshotBody(init?.body, () => readHeader(headers, 'content-type'))
}

/** Describes the request of a call, and how it's sent again. */
export function toRequest(call: FetchCall, response: Response | undefined): UnansweredRequest<Response> {
  const { fetch, input, init, kept, paidTimeoutMs, unpaidTimeoutMs, keyedCall, mayRedirect, watch } = call
  const request = input instanceof Request ? input : undefined
  const headers = init?.headers ?? request?.headers
  const { method, url } = toTarget(call, response)
  const signal = init?.signal ?? request?.signal ?? undefined
  const isOneShot = request?.body != null && init?.body == null && kept === undefined
  let snapshot: MaybePromise<BodySnapshot> | undefined
  const contentType = () => readHeader(headers, 'content-type')
  const given = isOneShot || kept !== undefined ? undefined : (call.snapshot ?? takeBody(call))
  const takeSnapshot = () =>
    (snapshot ??= kept === undefined ? (given ?? NOTHING) : readKept(kept, signal, contentType))
  let giveUp: AbortController | undefined
  return {
    method,
    url,
    signal,
    options: init?.x402,
    keyedCall,
    sender: keyedCall !== undefined && isPlain(input, init) ? fetch : undefined,
    header: (name) => readHeader(headers, name),
    replayable:
      !isOneShot && !isForeign(input) && !isOneShotHeaders(headers) && (kept !== undefined || given !== undefined),
    mayRedirect,
    digestBody: () => whenKnown(takeSnapshot(), (taken) => taken.digest()),
    readBody: () => whenKnown(takeSnapshot(), (taken) => taken.body),
    discard,
    leave: discard,
    duplicate,
    split: splitAnswer,
    paidTimeoutMs,
    unpaidTimeoutMs,
    async send(target, added, until) {
      const taken = takeSnapshot()
      const { body } = isPromise(taken) ? await taken : taken
      giveUp = new AbortController()
      const signal = anySignal(until, giveUp.signal)
      const again: RequestInit = {
        ...init,
        headers: withHeaders(isOtherOrigin(target, url) ? withoutIdentity(headers) : headers, added),
        ...(body !== undefined && { body }),
        redirect: 'manual',
        ...noStore(),
        ...(signal !== undefined && { signal }),
      }
      // A string or a Request says where it goes for good; a URL object could be another by now.
      const first = typeof input === 'string' ? input : (request ?? url)
      let answer: Response
      try {
        answer = await (target === url ? fetch(first, again) : fetch(target, toMoved(request, again)))
      } catch (error) {
        answer = takeUnpaid(error)
      }
      return toHttpResponse(answer, until, watch)
    },
    abandon: () => giveUp?.abort(),
  }
}

/** Of a `Request` that is sent to another address, what its `init` doesn't say. */
function toMoved(request: Request | undefined, init: RequestInit): RequestInit {
  return request === undefined ? init : { ...toInit(request), ...init }
}

/**
 * Takes the seller's 402 out of what a wrapped fetch inside this one throws: it pays nothing for a request that has a payment already.
 *
 * @throws Any other error.
 */
function takeUnpaid(error: unknown): Response {
  if (isX402Error(error) && error.code === 'PAYMENT_HEADER_PRESENT' && error.response instanceof Response)
    return error.response
  throw error
}

function discard(answer: Response): void {
  cancelBody(answer.body)
}

const NOTHING: BodySnapshot = { body: undefined, digest: () => '' }

/** The caller's own stream may stall while the 402 is here already. */
async function readKept(
  kept: KeptBody,
  signal: AbortSignal | undefined,
  contentType: () => string | null,
): Promise<BodySnapshot> {
  return snapshotBytes(await abortable(kept.read(), signal), contentType)
}

/** A response as the steps over HTTP take it. */
export function toHttpResponse(
  response: Response,
  signal: AbortSignal | undefined,
  watch: AnsweredCall['watch'],
  whole?: () => Response,
): HttpResponse<Response> {
  return {
    status: response.status,
    url: response.url || undefined,
    hidden: response.type === 'opaqueredirect',
    filtered: response.type === 'cors',
    header: (name) => response.headers.get(name),
    readBody: (maxBytes) => peekBody(response, maxBytes, signal),
    watchBody: (found) => watch?.(response, signal, found),
    native: response,
    whole,
  }
}

/** A request object of another library: how to send it a second time is unknown. */
function isForeign(input: unknown): boolean {
  if (typeof input !== 'object' || input === null || input instanceof Request) return false
  return Object.prototype.toString.call(input) !== '[object URL]'
}

/** A relative address is taken as the platform took it: from the page, else from where the answer came. */
function toAbsoluteUrl(text: string, response: Response | undefined): string {
  const from = response?.url ?? ''
  const base = from === '' || response?.redirected ? globalThis.location?.href : from
  if (last?.text === text && last.base === base) return last.href
  try {
    last = { text, base, href: new URL(text, base).href }
    return last.href
  } catch {
    return text // the corridor says what is wrong with it
  }
}

/** The last address that was made absolute: a caller that buys the same thing again asks for the same one. */
let last: { readonly text: string; readonly base: string | undefined; readonly href: string } | undefined

/** Answers that several calls share, each with a body that is no longer the platform's own. */
const duplicates = new WeakSet<Response>()

function duplicate(answer: Response): Response {
  const copy = answer.clone()
  duplicates.add(copy)
  return copy
}

function splitAnswer(answer: Response, split: SplitBody): readonly Response[] | undefined {
  const { body, status, bodyUsed } = answer
  // Of another library's answer the body may be no stream of the platform's, and no `Response` has any other status.
  if (!isStream(body) || bodyUsed || status < 200 || status > 599) return undefined
  return split(body).map((part) => {
    const one = copyPayment(answer, rebuild(answer, part))
    duplicates.add(one)
    return one
  })
}

/**
 * An answer as its caller is given it: the platform ends the body of one's own request with its signal, and so ends a copy of
 * another's.
 */
export function toOwn(answer: Response, signal: AbortSignal | undefined): Response {
  // One of a status that can't be made again stays as it is.
  if (signal === undefined || answer.body == null || !duplicates.has(answer) || answer.status > 599) return answer
  return copyPayment(answer, rebuild(answer, endWith(answer.body, signal)))
}

/** The same answer with another body. */
function rebuild(response: Response, body: BodyInit | null): Response {
  const { status, statusText, headers } = response
  const whole = new Response(body, { status, statusText: isReasonPhrase(statusText) ? statusText : '', headers })
  Object.defineProperty(whole, 'url', { value: response.url })
  return whole
}

/** What `Response` takes as a status text; a seller's line may hold more. Source: RFC 9112, section 4. */
function isReasonPhrase(text: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(text)
}
