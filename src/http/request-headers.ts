import { readUrl } from '../wire/host.js'
/**
 * Adds headers to the caller's, in the form in which the caller wrote them: not every fetch takes every form, and an object keeps its
 * spelling.
 *
 * @param headers - `init.headers`, or else the headers of the `Request`.
 * @param added - Headers to add; they replace the caller's of the same name.
 */
export function withHeaders(headers: HeadersInit | undefined, added: Readonly<Record<string, string>>): HeadersInit {
  if (headers === undefined) return { ...added }
  if (Array.isArray(headers)) return [...headers, ...Object.entries(added)]
  if (!isHeaders(headers)) return { ...headers, ...added }
  const copy = new Headers(headers)
  for (const [name, value] of Object.entries(added)) copy.set(name, value)
  return copy
}

/** Headers that say who the caller is. Source: Fetch standard, HTTP-redirect fetch, and what curl and browsers drop in addition. */
export const IDENTITY_HEADERS = ['authorization', 'cookie', 'proxy-authorization']

/** Removes the headers that say who the caller is, for an origin that they weren't written for. */
export function withoutIdentity(headers: HeadersInit | undefined): HeadersInit | undefined {
  if (headers === undefined) return undefined
  const copy = new Headers(headers)
  for (const name of IDENTITY_HEADERS) copy.delete(name)
  return copy
}

/** Reads one header from headers in any form. */
export function readHeader(headers: HeadersInit | undefined, name: string): string | null {
  return headers === undefined || isOneShotHeaders(headers) ? null : new Headers(headers).get(name)
}

/** Whether a header is there. A plain object isn't made into `Headers` for that, since this runs for every call. */
export function hasHeader(headers: HeadersInit | undefined, name: string): boolean {
  if (headers === undefined || headers === null) return false
  if (headers instanceof Headers) return headers.has(name)
  if (isHeaders(headers)) return readHeader(headers, name) !== null
  return Object.keys(headers).some((key) => key.length === name.length && key.toLowerCase() === name)
}

function isHeaders(headers: object): headers is Headers {
  return Symbol.iterator in headers
}

/** Whether headers are an iterator, which would be empty the second time. */
export function isOneShotHeaders(headers: HeadersInit | undefined): boolean {
  if (headers === undefined || Array.isArray(headers) || !isHeaders(headers)) return false
  const iterator: unknown = headers[Symbol.iterator]()
  return iterator === headers
}

/** Whether a request that was made for one address now goes to another origin, which must not learn who the caller is. */
export function isOtherOrigin(target: string, url: string): boolean {
  const asked = target === url ? undefined : readUrl(url)
  return asked !== undefined && new URL(target).origin !== asked.origin
}
