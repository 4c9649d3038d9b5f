import {
  type AxiosError,
  AxiosHeaders,
  type AxiosResponse,
  CanceledError,
  type InternalAxiosRequestConfig,
  isAxiosError,
} from 'axios'
import { ignoreFailure } from '../http/body-stream.js'
import { paymentOf } from '../payment/summary.js'
import { readUrl } from '../wire/host.js'
import { isJsonObject } from '../wire/json.js'
import { type ResolvedAdapter, seeFetch } from './adapter.js'
import type { AxiosAnswer } from './answer.js'
import { hideRequest } from './axios-error.js'
import { isNodeStream, isWebStream } from './stream-body.js'

/** One request, as it is sent. */
export type Asking = {
  readonly config: InternalAxiosRequestConfig
  /** The caller's own config, which answers and errors show. */
  readonly shown: InternalAxiosRequestConfig
  /** It carries a payment. */
  readonly isPaid: boolean
}

/**
 * Sends one request by an adapter, and answers as soon as the head of the answer is here, where the adapter can do that.
 *
 * No status is a failure here. What comes back, answer or error, shows the caller's config and not ours.
 *
 * @throws What the adapter throws where no answer came.
 */
export async function askAdapter(adapter: ResolvedAdapter, { config, shown, isPaid }: Asking): Promise<AxiosAnswer> {
  const { send, kind } = adapter
  // The http adapter would send it all the same, and leave it to itself.
  if (config.signal?.aborted) throw new CanceledError(undefined, shown)
  let seen: Response | undefined
  const asked: InternalAxiosRequestConfig = { ...config, validateStatus: null }
  if (kind === 'http' || kind === 'fetch') asked.responseType = 'stream'
  try {
    const response = await send(kind === 'fetch' ? seeFetch(asked, (answer) => (seen = answer)) : asked)
    return toAnswer(clean(response, shown, isPaid), adapter, seen)
  } catch (error) {
    if (!isAxiosError(error)) throw error
    return rescueAnswer(error, adapter, { config, shown, isPaid }, seen)
  }
}

/** An error may hold an answer all the same. */
function rescueAnswer(
  error: AxiosError,
  adapter: ResolvedAdapter,
  { shown, isPaid }: Asking,
  seen: Response | undefined,
): AxiosAnswer {
  error.config = shown
  if (isPaid) hideRequest(error, error.request)
  const response = error.response && clean(error.response, shown, isPaid)
  // An adapter of a user's own may know no `validateStatus: null`.
  if (adapter.kind === 'custom' && response !== undefined && response.status >= 300) {
    return toAnswer(response, adapter, seen)
  }
  if (isPaid && seen !== undefined) return toFailedAnswer(seen, error, shown)
  throw error
}

/** Takes our own traces off: retry libraries send `config` again, and logs print `request`, which holds the payment. */
function clean(response: AxiosResponse, config: InternalAxiosRequestConfig, isPaid: boolean): AxiosResponse {
  response.config = config
  if (isPaid) {
    hideRequest(response, response.request)
    if (isNodeStream(response.data)) hideStreamRequest(response.data)
  }
  return response
}

/** A stream of Node's HTTP client leads to its request, whose head is text with the payment in it; by its connection, too. */
function hideStreamRequest(stream: object): void {
  // Of Node's `IncomingMessage`.
  for (const name of ['req', 'socket', 'client']) {
    const own = Object.getOwnPropertyDescriptor(stream, name)
    if (own?.configurable) Object.defineProperty(stream, name, { ...own, enumerable: false })
  }
}

function toAnswer(response: AxiosResponse, adapter: ResolvedAdapter, seen: Response | undefined): AxiosAnswer {
  return {
    response,
    form: readForm(response.data, adapter),
    url: seen === undefined ? readFinalUrl(response.request) : seen.url || undefined,
    hidden: seen?.type === 'opaqueredirect',
    filtered: seen?.type === 'cors',
    judged: seen && paymentOf(seen),
  }
}

/** The answer to a payment is one, also where axios refuses its body for the length that it announces. */
function toFailedAnswer(seen: Response, failure: AxiosError, config: InternalAxiosRequestConfig): AxiosAnswer {
  void seen.body?.cancel().catch(ignoreFailure)
  const { status, statusText } = seen
  const headers = new AxiosHeaders(Object.fromEntries(seen.headers))
  const response = hideRequest({ data: undefined, status, statusText, headers, config }, failure.request)
  return { response, form: 'whole', url: seen.url || undefined, hidden: false, judged: undefined, failure }
}

function readForm(data: unknown, { kind, isForXhr }: ResolvedAdapter): AxiosAnswer['form'] {
  if (kind === 'http' && isNodeStream(data)) return 'node'
  if (kind === 'fetch' && (isWebStream(data) || data === null)) return isForXhr ? 'xhr' : 'web'
  // An adapter of a user's own has read the answer as its caller wants it.
  return 'whole'
}

/** Where Node's client and XMLHttpRequest keep the address after redirects. */
function readFinalUrl(request: unknown): string | undefined {
  const { res, responseURL } = isJsonObject(request) ? request : {}
  const url = (isJsonObject(res) ? res['responseUrl'] : undefined) ?? responseURL
  const clean = typeof url === 'string' ? readUrl(url) : undefined
  if (clean === undefined) return undefined
  // Credentials are in there where the caller gave them as `auth`.
  clean.username = ''
  clean.password = ''
  return clean.href
}
