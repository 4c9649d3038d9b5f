/**
 * The caller's headers with ours beside them, in the form in which the caller wrote them: other fetches know other forms, and
 * an object keeps its spelling.
 *
 * @param headers - `init.headers`, else the headers of the `Request`.
 * @param added - What goes along.
 */
export function withHeaders(headers: HeadersInit | undefined, added: Readonly<Record<string, string>>): HeadersInit {
  if (headers === undefined) return { ...added }
  if (Array.isArray(headers)) return [...headers, ...Object.entries(added)]
  if (!isHeaders(headers)) return { ...headers, ...added }
  const copy = new Headers(headers)
  for (const [name, value] of Object.entries(added)) copy.set(name, value)
  return copy
}

/** Headers that say who the caller is. Source: Fetch standard, HTTP-redirect fetch, and what curl and browsers drop beside. */
export const IDENTITY_HEADERS = ['authorization', 'cookie', 'proxy-authorization']

/** Headers for another origin than the one that they were written for. */
export function withoutIdentity(headers: HeadersInit | undefined): HeadersInit | undefined {
  if (headers === undefined) return undefined
  const copy = new Headers(headers)
  for (const name of IDENTITY_HEADERS) copy.delete(name)
  return copy
}

/** Reads one header from any of the forms. */
export function readHeader(headers: HeadersInit | undefined, name: string): string | null {
  return headers === undefined || isOneShotHeaders(headers) ? null : new Headers(headers).get(name)
}

/** Whether a header is there; for a plain object without making `Headers` of it, since every call is asked. */
export function hasHeader(headers: HeadersInit | undefined, name: string): boolean {
  if (headers === undefined || headers === null) return false
  if (headers instanceof Headers) return headers.has(name)
  if (isHeaders(headers)) return readHeader(headers, name) !== null
  return Object.keys(headers).some((key) => key.length === name.length && key.toLowerCase() === name)
}

function isHeaders(headers: object): headers is Headers {
  return Symbol.iterator in headers
}

/** Whether headers are an iterator, which is empty the second time. */
export function isOneShotHeaders(headers: HeadersInit | undefined): boolean {
  if (headers === undefined || Array.isArray(headers) || !isHeaders(headers)) return false
  const iterator: unknown = headers[Symbol.iterator]()
  return iterator === headers
}

/** Whether a request that was made for one address now goes to another origin, where who the caller is, is nobody's business. */
export function isOtherOrigin(target: string, url: string): boolean {
  return target !== url && URL.canParse(url) && new URL(target).origin !== new URL(url).origin
}
