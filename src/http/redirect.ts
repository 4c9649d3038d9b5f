import { readUrl } from '../wire/host.js'
import { IDENTITY_HEADERS } from './request-headers.js'

/** One request of a chain of redirects. */
export type Hop = {
  readonly url: URL
  readonly method: string
  readonly headers: Headers
  readonly body: Body
}

/** What is sent, and whether it can be sent once more. */
type Body = { readonly isOneShot: boolean; read(): BodyInit | undefined | Promise<BodyInit | undefined> }

/** Stands for a base that only what sends a request knows: what isn't at it was written as another host's. */
export const RELATIVE = new URL('https://relative.invalid')

/** Most redirects of one request. Source: the Fetch standard, HTTP-redirect fetch, step 6. */
export const MAX_REDIRECTS = 20

/** Statuses that lead elsewhere. Source: the Fetch standard, "redirect status". */
const REDIRECTS = [301, 302, 303, 307, 308]

/**
 * Reads where a response leads, as the Fetch standard does (HTTP-redirect fetch): method, body and headers of the next request, and no
 * credentials for another origin.
 *
 * @param response - Of the request before.
 * @returns `undefined` when it leads nowhere, and is the answer.
 * @throws A `TypeError` as the platform's own where it can't be followed.
 */
export function readRedirect({ status, headers: { location } }: RedirectHead, before: Hop): Hop | undefined {
  if (!REDIRECTS.includes(status) || location === null) return undefined
  const url = readUrl(toText(location), before.url)
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw createFetchError('the redirect leads to no web address')
  if (url.hash === '') url.hash = before.url.hash
  if (status !== 303 && before.body.isOneShot) throw createFetchError('the body of the request can be sent only once')
  const headers = new Headers(before.headers)
  if (url.origin !== before.url.origin) for (const name of [...IDENTITY_HEADERS, 'host']) headers.delete(name)
  if (!turnsToGet(status, before)) return { ...before, url, headers }
  for (const name of BODY_HEADERS) headers.delete(name)
  return { url, method: 'GET', headers, body: NO_BODY }
}

/** Whether the next request asks by GET, without the body. */
function turnsToGet(status: number, { method }: Hop): boolean {
  if (status === 303) return method !== 'GET' && method !== 'HEAD'
  return method === 'POST' && (status === 301 || status === 302)
}

/** What of a response says where it leads. */
type RedirectHead = { readonly status: number; readonly headers: { readonly location: string | null } }

/** No body at all. */
export const NO_BODY: Body = { isOneShot: false, read: () => undefined }

/** Headers that speak of a body. Source: the Fetch standard, "request-body-header name"; a length is the platform's to write. */
const BODY_HEADERS = ['content-encoding', 'content-language', 'content-location', 'content-type', 'content-length']

/** The failure of a redirect as Node's own `fetch` throws it; libraries that retry look at its text. */
export function createFetchError(reason: string): TypeError {
  return new TypeError('fetch failed', { cause: new TypeError(`pay402: ${reason}`) })
}

/** Servers write UTF-8 into the header, which is read byte by byte. */
function toText(location: string): string {
  if (!/[\x80-\xff]/.test(location)) return location
  return new TextDecoder().decode(Uint8Array.from(location, (byte) => byte.charCodeAt(0)))
}
