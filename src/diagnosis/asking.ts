import { ignoreFailure, peekBody } from '../http/body-stream.js'
import type { HttpRequest } from '../http/message.js'
import { readHeader } from '../http/request-headers.js'
import { anySignal, createDeadline } from '../payment/abort.js'
import type { CallOptions } from '../payment/exchange.js'

/** The request that is diagnosed. */
export type AskedRequest = {
  readonly url: string
  readonly init: (RequestInit & { x402?: CallOptions | undefined }) | undefined
  readonly fetch: typeof globalThis.fetch
  readonly timeoutMs: number
}

/** A response, or why none came. */
export type Asked = { readonly response: Response } | { readonly cause: string }

/**
 * Sends a request without a payment.
 *
 * @param headers - Sent in addition to the request's own.
 */
export async function ask({ url, init, fetch, timeoutMs }: AskedRequest, headers: HeadersInit = {}): Promise<Asked> {
  const deadline = createDeadline(timeoutMs, 'No response came in time.')
  const signal = anySignal(init?.signal ?? undefined, deadline?.signal)
  const all = new Headers(init?.headers)
  for (const [name, value] of new Headers(headers)) all.set(name, value)
  try {
    return { response: await fetch(url, { ...init, headers: all, ...(signal !== undefined && { signal }) }) }
  } catch (error) {
    return { cause: toCause(error, deadline?.signal.aborted === true) }
  } finally {
    deadline?.clear()
  }
}

/** Never the platform's own sentence, which may hold the address with its secrets. */
function toCause(error: unknown, isLate: boolean): string {
  if (isLate) return 'it took too long'
  const { name, cause } = new Object(error) as { name?: unknown; cause?: unknown } // whatever was thrown
  const code: unknown = Reflect.get(new Object(cause), 'code')
  return String(typeof code === 'string' ? code : (name ?? 'the connection failed'))
}

/** Shows a response to the steps as a wrapper would; nothing can be sent by it. */
export function toHttpRequest(asked: AskedRequest, response: Response): HttpRequest<Response> {
  const { url, init } = asked
  const signal = init?.signal ?? undefined
  return {
    method: toMethod(init),
    url,
    signal,
    options: init?.x402,
    response: {
      status: response.status,
      url: response.url === '' ? undefined : response.url,
      hidden: response.type === 'opaqueredirect',
      filtered: response.type === 'cors',
      header: (name) => response.headers.get(name),
      readBody: (maxBytes) => readText(response, maxBytes, asked),
      native: response,
    },
    header: (name) => readHeader(init?.headers, name),
    replayable: true,
    digestBody: () => '',
    readBody: () => init?.body ?? undefined,
    discard,
    letGo: () => discard(response),
    duplicate: (native) => native,
    paidTimeoutMs: undefined,
    drain: async () => undefined,
    send: () => Promise.reject(new TypeError('pay402: a diagnosis sends no payment')),
  }
}

/** The method of a request, as it is sent. */
export function toMethod(init: RequestInit | undefined): string {
  return (init?.method ?? 'GET').toUpperCase()
}

/** Reads the text of a response, no longer than one is waited for. */
export async function readText(
  response: Response,
  maxBytes: number,
  { init, timeoutMs }: Pick<AskedRequest, 'init' | 'timeoutMs'>,
): Promise<string | undefined> {
  const deadline = createDeadline(timeoutMs, 'The body did not arrive in time.')
  try {
    return await peekBody(response, maxBytes, anySignal(init?.signal ?? undefined, deadline?.signal))
  } finally {
    deadline?.clear()
  }
}

/** Discards a response that won't be read any more. */
export function discard(response: Response): void {
  void response.body?.cancel().catch(ignoreFailure)
}
