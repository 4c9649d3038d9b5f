import { isOneShotHeaders } from './with-headers.js'

/** Members of `RequestInit` that a `Request` has as accessors of its class, where a spread doesn't see them. */
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
] as const

/**
 * A copy of `init` that can be added to. A `Request` is an `init`, too, as far as the platform is concerned.
 *
 * @returns `undefined` for no `init`.
 */
export function copyInit<Init extends RequestInit>(init: Init | undefined): Init | undefined {
  if (init === undefined || init === null) return undefined
  const copy = { ...init }
  for (const name of REQUEST_MEMBERS) {
    if (!(name in copy) && init[name] !== undefined) Object.assign(copy, { [name]: init[name] })
  }
  const { headers } = copy
  if (headers !== undefined) copy.headers = copyHeaders(headers)
  return copy
}

/** In the form in which they were given; an iterator can't be copied, and is refused later. */
function copyHeaders(headers: HeadersInit): HeadersInit {
  if (Array.isArray(headers)) return headers.map(([name, value]): [string, string] => [name, value])
  if (Symbol.iterator in headers) return isOneShotHeaders(headers) ? headers : new Headers(headers)
  return { ...headers }
}
