import { Axios, AxiosHeaders, type AxiosRequestConfig, type InternalAxiosRequestConfig } from 'axios'
import { snapshotBody } from '../http/body-snapshot.js'
import { cancelBody } from '../http/body-stream.js'
import { noStore } from '../http/door.js'
import { toExchange, toPayableRequest } from '../http/exchange.js'
import type { HttpResponse, UnansweredRequest } from '../http/message.js'
import { IDENTITY_HEADERS, isOtherOrigin } from '../http/request-headers.js'
import { anySignal } from '../payment/abort.js'
import type { Exchange, PayableRequest } from '../payment/exchange.js'
import type { KeyedCall } from '../payment/flight/flight.js'
import { readUrl } from '../wire/host.js'
import { PAYMENT_HEADERS } from '../wire/payload.js'
import { endFetch, resolvePaidAdapter } from './adapter.js'
import { type AxiosAnswer, splitAnswer, toResponse } from './answer.js'
import type { AxiosCall } from './asked.js'
import { type HeldBody, holdBody } from './held-body.js'
import { askAdapter } from './sent.js'
import type { watchAnswer } from './watched-answer.js'

/** What the corridor carries for this door; of another call that paid for the same purchase it is given a `Response`. */
export type AxiosNative = AxiosAnswer | Response

/** One request of axios that may be paid for. */
export type PayableCall = {
  readonly call: AxiosCall
  readonly signal: AbortSignal | undefined
  readonly paidTimeoutMs: number | undefined
  readonly keyedCall?: KeyedCall | undefined
  /** Watches the paid answer; not needed for a price. */
  readonly watch: typeof watchAnswer | undefined
  /** Told of every answer that comes. */
  onAnswer(answer: AxiosAnswer): void
}

/** One request of axios that was answered with 402. */
export type AnsweredCall = PayableCall & {
  /** The 402. */
  readonly answer: AxiosAnswer
  /** The body of the 402. */
  readonly held: HeldBody
}

/** Shows one answered request of axios to the corridor. */
export function createExchange(request: AnsweredCall): Exchange<AxiosNative> {
  const { answer, held: body, signal } = request
  return toExchange({
    response: { ...toHttpResponse(answer), readBody: (maxBytes) => body.peek(maxBytes, signal) },
    letGo: () => body.discard(),
    drain: (until) => body.drain(until),
    ...toRequest(request), // late, as CONTRIBUTING.md says
    discard: (native) => (native === answer ? body.discard() : discard(native)),
  })
}

/** Shows a request of axios that was not sent yet to the corridor: its payment may go with the first request. */
export function createPayableRequest(request: PayableCall): PayableRequest<AxiosNative> {
  return toPayableRequest(toRequest(request))
}

function toRequest(request: PayableCall): UnansweredRequest<AxiosNative> {
  const { call, signal, paidTimeoutMs, keyedCall } = request
  const { adapter, before: config, form } = call
  const url = toFullUrl(config)
  const headers = AxiosHeaders.from(config.headers)
  const authorization = readAuthorization(config)
  const snapshot = form ?? snapshotBody(config.data, () => readHeader(headers, 'content-type'))
  let giveUp: AbortController | undefined
  return {
    method: (config.method ?? 'get').toUpperCase(),
    url,
    signal,
    options: config.x402,
    keyedCall,
    sender: keyedCall === undefined ? undefined : findSender(call),
    header: (name) => (name === 'authorization' && authorization) || readHeader(headers, name),
    replayable: snapshot !== undefined,
    mayRedirect: call.mayRedirect(),
    digestBody: () => snapshot?.digest() ?? '',
    readBody: () => snapshot?.body,
    discard,
    duplicate: (native) => toResponse(native),
    split: (native, split) => splitAnswer(native, split, signal) ?? undefined,
    // Of this door: what it hands out, others don't.
    kind: AxiosHeaders.prototype,
    paidTimeoutMs,
    joinedTimeoutMs: paidTimeoutMs ?? toTimer(config.timeout),
    async send(target, added, until) {
      const { url: _url, baseURL: _base, params: _params, signal: _signal, ...rest } = config
      const isElsewhere = isOtherOrigin(target, url)
      const sent: InternalAxiosRequestConfig = {
        // The address is written as it was, so that it's the same to the letter, unless a redirect led elsewhere.
        ...(target === url ? config : { ...rest, url: target }),
        headers: (isElsewhere ? withoutIdentity(headers) : headers).concat(form?.headers, added),
        maxRedirects: 0,
        fetchOptions: { ...config.fetchOptions, redirect: 'manual', ...noStore() },
      }
      if (isElsewhere) delete sent.auth
      if (snapshot?.body !== undefined) sent.data = toData(snapshot.body)
      giveUp = new AbortController()
      endBy(sent, adapter, until, giveUp.signal)
      // Then the corridor itself watches the time.
      if (paidTimeoutMs !== undefined && PAYMENT_HEADERS.some((name) => name in added)) sent.timeout = 0
      return askPaid(request, sent, until)
    },
    abandon: () => giveUp?.abort(),
  }
}

/** Ends a request with its caller's signal, and when it is given up. */
function endBy(
  sent: InternalAxiosRequestConfig,
  { kind }: AxiosCall['adapter'],
  until: AbortSignal | undefined,
  givenUp: AbortSignal,
): void {
  const isByFetch = kind === 'fetch' || kind === 'xhr'
  const ending = isByFetch ? until : anySignal(until, givenUp)
  if (ending !== undefined) sent.signal = ending
  if (isByFetch) sent.fetchOptions = { ...sent.fetchOptions, ...endFetch(givenUp) }
}

/** As axios's own timer takes it. */
function toTimer(timeout: number | undefined): number | undefined {
  return timeout !== undefined && timeout > 0 && timeout < 2 ** 31 ? timeout : undefined
}

/** Sends a request with a payment. Where what is the caller's own met a redirect, what it got instead is no answer to the payment. */
async function askPaid(
  { call, watch, onAnswer }: PayableCall,
  sent: InternalAxiosRequestConfig,
  until: AbortSignal | undefined,
): Promise<HttpResponse<AxiosNative>> {
  const { adapter, before, config: shown, hold, bounded } = call
  const bound = bounded?.bind(sent) ?? sent
  const held = hold?.(bound)
  try {
    const paid = resolvePaidAdapter(adapter, before)
    const arrived = await askAdapter(paid, { config: held?.config ?? bound, shown, isPaid: true })
    if (held?.wasRedirected()) {
      holdBody(arrived.response.data).discard()
      return toHttpResponse(createHidden(shown))
    }
    onAnswer(arrived)
    return { watchBody: (found) => watch?.(arrived, until, found), ...toHttpResponse(arrived, until) }
  } catch (error) {
    if (held?.wasRedirected()) return toHttpResponse(createHidden(shown))
    throw error
  }
}

/** In place of an answer that came from elsewhere. No one is shown it. */
function createHidden(config: InternalAxiosRequestConfig): AxiosAnswer {
  const response = { data: undefined, status: 0, statusText: '', headers: new AxiosHeaders(), config }
  return { response, form: 'whole', url: undefined, hidden: true, judged: undefined }
}

/** One for each adapter of axios's own. */
const SENDERS = { http: {}, fetch: {}, xhr: {} }

/** Options by which something of the caller's own sends a request, or writes its address. */
const OWN = [
  'transport',
  'httpAgent',
  'httpsAgent',
  'proxy',
  'socketPath',
  'lookup',
  'fetchOptions',
  'paramsSerializer',
]

function findSender({ adapter: { kind }, before }: AxiosCall): object | undefined {
  if (kind === 'custom' || before.env?.fetch || OWN.some((name) => Reflect.get(before, name))) return undefined
  return SENDERS[kind]
}

/** Headers for another origin than the one that they were written for. */
function withoutIdentity(headers: AxiosHeaders): AxiosHeaders {
  const copy = headers.concat()
  copy.delete([...IDENTITY_HEADERS])
  return copy
}

/** Bytes in the form that every adapter knows. */
function toData(body: BodyInit | Uint8Array): unknown {
  return body instanceof Uint8Array ? new Uint8Array(body).buffer : body
}

function discard(native: AxiosNative): void {
  if (native instanceof Response) cancelBody(native.body)
  else {
    holdBody(native.response.data).discard()
    native.response.data = undefined // no one can read it anymore
  }
}

/** An answer as the steps over HTTP take it. */
export function toHttpResponse(answer: AxiosAnswer, signal?: AbortSignal | undefined): HttpResponse<AxiosNative> {
  const headers = AxiosHeaders.from(answer.response.headers as AxiosHeaders)
  return {
    status: answer.response.status,
    url: answer.url,
    hidden: answer.hidden,
    filtered: answer.filtered,
    header: (name) => readHeader(headers, name),
    async readBody(maxBytes) {
      const held = holdBody(answer.response.data)
      const text = await held.peek(maxBytes, signal)
      answer.response.data = held.release()
      return text
    },
    native: answer,
  }
}

/**
 * The `Authorization` that an adapter makes of `auth`, or of credentials in the address. The header that the caller wrote gives
 * way to it.
 */
function readAuthorization({ auth, ...config }: AxiosRequestConfig): string | undefined {
  const { username = '', password = '' } = auth ?? readCredentials(config)
  if (auth === undefined && username === '' && password === '') return undefined
  const bytes = new TextEncoder().encode(`${username}:${password}`)
  return `Basic ${btoa(String.fromCharCode(...bytes))}`
}

function readCredentials(config: AxiosRequestConfig): { username?: string; password?: string } {
  const text = new Axios({}).getUri(config)
  return readUrl(text) ?? {}
}

/** The absolute address that axios asks for this config, without credentials. */
export function toFullUrl(config: AxiosRequestConfig): string {
  // Of an instance without defaults: what a config says is all that counts.
  const text = new Axios({}).getUri(config)
  const base = globalThis.location?.href
  const url = readUrl(text, base)
  if (url === undefined) return text
  url.username = ''
  url.password = ''
  return url.href
}

/** A header as it is sent. Axios knows values that aren't text, and `false` for one that isn't sent. */
export function readHeader(headers: AxiosHeaders, name: string): string | null {
  const value = headers.get(name)
  return value === undefined || value === null || value === false ? null : String(value)
}
