import type { ShownCall } from '../payment/call.js'
import type { Misdirected, PaidResponse } from '../payment/exchange.js'
import { readUrl } from '../wire/host.js'
import { toDisplayUrl } from '../wire/resource-url.js'
import { type HttpResponse, isSafeMethod, type UnansweredRequest } from './message.js'
import { toPaidResponse } from './paid-response.js'

/** Redirects within the origin that are followed with the payment. */
const MAX_REDIRECTS = 3

/**
 * Sends a request with a payment, and follows redirects within the origin that asked for it.
 *
 * @returns The response, or that it would have carried the payment elsewhere.
 */
export async function sendPaid<Native>(
  request: UnansweredRequest<Native>,
  call: ShownCall,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<PaidResponse<Native> | Misdirected> {
  // If the address that asked is unknown, it is the one that the caller wrote.
  let url = call.url ?? new URL(request.url).href
  for (let followed = 0; ; followed++) {
    const response = await request.send(url, headers, signal)
    const target = readRedirect(response, url)
    if (target === undefined) return toPaidResponse(response, call, (name) => request.header(name))
    if (target === 'hidden' || followed === MAX_REDIRECTS || !mayFollow(response.status, call.method, url, target)) {
      request.leave?.(response.native)
      return { elsewhere: target === 'hidden' ? undefined : toDisplayUrl(target) }
    }
    request.discard(response.native)
    url = target.href
  }
}

/** Reads where a redirect leads; `undefined` when the response isn't one. */
function readRedirect(response: HttpResponse, from: string): URL | 'hidden' | undefined {
  if (response.hidden) return 'hidden'
  const { url, status } = response
  // A platform that follows redirects by itself has already carried the payment there.
  if (url !== undefined && url !== from) {
    const arrived = new URL(url)
    if (arrived.origin !== new URL(from).origin) return arrived
  }
  const location = status >= 300 && status < 400 ? response.header('location') : null
  if (location === null) return undefined
  return readUrl(location, from) ?? 'hidden'
}

/** 307 and 308 keep the request as it is; the others turn it into a GET, so they are followed only if it already is one. */
function mayFollow(status: number, method: string, from: string, to: URL): boolean {
  if (new URL(from).origin !== to.origin) return false
  return (
    status === 307 || status === 308 || (isSafeMethod(method) && (status === 301 || status === 302 || status === 303))
  )
}
