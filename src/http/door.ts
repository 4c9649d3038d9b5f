import { assertOptions, invalidOption } from '../errors/options.js'
import { anySignal, createDeadline } from '../payment/abort.js'
import type { Call } from '../payment/call.js'
import type { HttpRequest, HttpResponse } from './message.js'

/**
 * Asserts that a door's timeouts are times.
 *
 * @param known - The names that the door has.
 * @throws {@link ConfigurationError}
 */
export function assertTimeouts(timeouts: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  assertOptions(timeouts, 'timeouts', known)
  for (const [name, value] of Object.entries(timeouts)) {
    // Longer ones overflow the platform's timer, which then fires at once.
    const isTime = typeof value === 'number' && Number.isFinite(value) && value > 0 && value < 2 ** 31
    if (value !== undefined && !isTime) throw invalidOption(`timeouts.${name}`, 'a positive number of milliseconds')
  }
}

/** What was asked last. A platform has one `Request`; only tests and polyfills put another in its place. */
let asked: { readonly of: unknown; readonly isKnown: boolean } | undefined

/**
 * Keeps a paid request and its answer out of every cache, where the platform knows how.
 *
 * Cloudflare Workers with a compatibility date before 2024-11-11 fail each request that says anything of caches, so there it's
 * left out: the seller's own `Cache-Control` decides. Source: Cloudflare's compatibility flag `cache_option_enabled`.
 *
 * @returns A part of an `init`.
 */
export function noStore(): Pick<RequestInit, 'cache'> {
  const { Request } = globalThis
  if (asked === undefined || asked.of !== Request) asked = { of: Request, isKnown: isCacheKnown() }
  return asked.isKnown ? { cache: 'no-store' } : {}
}

/** Asked in advance: when the paid request fails for it, nobody knows whether the payment left. */
function isCacheKnown(): boolean {
  try {
    return new Request('https://pay402.invalid', { cache: 'no-store' }) !== undefined
  } catch {
    return false
  }
}

/**
 * Sends the request to where the terms came from once more, without a payment. It is waited for no longer than the first one was: a
 * seller that answers only once would hold the call for ever.
 *
 * @param headers - What goes along beside the request's own.
 * @throws What the door throws when no response comes; nothing was signed.
 */
export async function sendUnpaid<Native>(
  request: HttpRequest<Native>,
  { url, signal }: Pick<Call, 'url' | 'signal'>,
  headers: Readonly<Record<string, string>>,
): Promise<HttpResponse<Native>> {
  const message = 'The request was not answered in time; nothing was paid.'
  const deadline = createDeadline(request.unpaidTimeoutMs, message)
  try {
    return await request.send(url?.href ?? request.url, headers, anySignal(signal, deadline?.signal))
  } catch (error) {
    // It is thrown as it is, so nobody reads the 402, which would hold its connection.
    request.letGo()
    throw error
  } finally {
    deadline?.clear()
  }
}
