import { ignoreFailure } from '../http/body-stream.js'
import { isOneShotHeaders } from '../http/request-headers.js'
import { isJsonObject } from '../wire/json.js'

/** Members of `RequestInit`, the one of the Fetch standard that a body's stream needs among them, that a `Request` has as accessors of its class, where a spread doesn't see them. */
const REQUEST_MEMBERS = [
  'method',
  'headers',
  'body',
  'mode',
  'credentials',
  'cache',
  'redirect',
  'referrer',
  'referrerPolicy',
  'integrity',
  'keepalive',
  'signal',
  'duplex',
] as const

/** Members that say nothing of who sends the request, where `dispatcher`, `proxy` or `unix` of some runtimes do. */
const PLAIN_MEMBERS: readonly string[] = [...REQUEST_MEMBERS, 'duplex', 'priority', 'window', 'x402']

/** Whether a call leaves it to `fetch` alone who answers, and asks for the address that it shows. */
export function isPlain(input: unknown, init: RequestInit | undefined): boolean {
  if (!Object.keys(init ?? {}).every((name) => PLAIN_MEMBERS.includes(name))) return false
  if (!(input instanceof Request)) return typeof input === 'string'
  return Object.getPrototypeOf(input) === Request.prototype && Object.getOwnPropertyNames(input).length === 0
}

/**
 * A copy of `init` that can be added to. A `Request` is an `init`, too, as far as the platform is concerned.
 *
 * @returns `undefined` for no `init`.
 */
export function copyInit<Init extends RequestInit>(init: Init | undefined): Init | undefined {
  if (init === undefined || init === null) return undefined
  const copy = { ...init }
  for (const name of REQUEST_MEMBERS) {
    const value: unknown = name in copy ? undefined : Reflect.get(init, name)
    if (value !== undefined) Object.assign(copy, { [name]: value })
  }
  const { headers } = copy
  if (headers !== undefined) copy.headers = copyHeaders(headers)
  const own: unknown = Reflect.get(copy, 'x402')
  if (isJsonObject(own)) Object.assign(copy, { x402: { ...own } })
  return copy
}

/** In the form in which they were given; an iterator can't be copied, and is refused later. */
function copyHeaders(headers: HeadersInit): HeadersInit {
  if (Array.isArray(headers)) return headers.map(([name, value]): [string, string] => [name, value])
  if (Symbol.iterator in headers) return isOneShotHeaders(headers) ? headers : new Headers(headers)
  return { ...headers }
}

/** Where a call goes, as it was when the call was made: a URL object may be another by the time of the 402. */
export function copyInput(input: RequestInfo | URL): RequestInfo | URL {
  return typeof input === 'object' && isUrl(input) ? String(input) : input
}

/** By its tag, so that one of another realm is known too. */
function isUrl(input: object): boolean {
  return Object.prototype.toString.call(input) === '[object URL]'
}

/** A second copy of the body of a `Request`, since sending it uses up the first. */
export type KeptBody = {
  /** The bytes, for the request that is sent again. */
  read(): Promise<Uint8Array<ArrayBuffer>>
  /** Lets go of the copy. */
  cancel(): void
}

/**
 * Keeps the body of a `Request` before it is sent: the platform offers no other way to send it again.
 *
 * @returns `undefined` where there is nothing to keep: no `Request`, no body, or another body in `init`.
 */
export function keepRequestBody(input: RequestInfo | URL, init: RequestInit | undefined): KeptBody | undefined {
  if (!(input instanceof Request) || input.body === null || input.bodyUsed) return undefined
  if (init?.body !== undefined && init.body !== null) return undefined
  const copy = input.clone()
  let bytes: Promise<Uint8Array<ArrayBuffer>> | undefined
  return {
    // A redirect may need it as well as the paid request.
    read: () => (bytes ??= copy.arrayBuffer().then((read) => new Uint8Array(read))),
    cancel: () => void copy.body?.cancel().catch(ignoreFailure),
  }
}
