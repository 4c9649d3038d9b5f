import { assertOptions, invalidOption } from '../errors/options.js'
import { anySignal, createDeadline } from '../payment/abort.js'
import type { ShownCall } from '../payment/call.js'
import type { HttpResponse, UnansweredRequest } from './message.js'

/**
 * Asserts that a wrapper's timeouts are times.
 *
 * @param timeouts - What the caller wrote.
 * @param known - The names that the wrapper has.
 * @throws {@link ConfigurationError} `INVALID_OPTION` or `UNKNOWN_OPTION`.
 */
export function assertTimeouts(timeouts: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  assertOptions(timeouts, 'timeouts', known)
  for (const [name, value] of Object.entries(timeouts)) {
    // Longer ones overflow the platform's timer, which then fires at once.
    const isTime = typeof value === 'number' && Number.isFinite(value) && value > 0 && value < 2 ** 31
    if (value !== undefined && !isTime) throw invalidOption(`timeouts.${name}`, 'a positive number of milliseconds')
  }
}

/**
 * Whether a fetch is made of XMLHttpRequest, which follows every redirect, whatever it is told. `whatwg-fetch`, which React Native has, says so.
 * Source: its `fetch.js`.
 */
export function isByXhr(fetch: unknown): boolean {
  return typeof fetch === 'function' && Reflect.get(fetch, 'polyfill') === true
}

/** The last result. A platform has one `Request`; only tests and polyfills replace it. */
let known: { readonly of: unknown; readonly isKnown: boolean } | undefined

/**
 * Keeps a paid request and its response out of every cache, if the platform can.
 *
 * Cloudflare Workers with a compatibility date before 2024-11-11 fail every request that has a `cache` option, so there it is
 * left out, and the seller's own `Cache-Control` decides. Source: Cloudflare's compatibility flag `cache_option_enabled`.
 *
 * @returns A part of an `init`.
 */
export function noStore(): Pick<RequestInit, 'cache'> {
  const { Request } = globalThis
  if (known === undefined || known.of !== Request) known = { of: Request, isKnown: isCacheKnown() }
  return known.isKnown ? { cache: 'no-store' } : {}
}

/** Tried in advance: if the paid request itself failed because of the option, no one would know whether the payment left. */
function isCacheKnown(): boolean {
  try {
    return new Request('https://pay402.invalid', { cache: 'no-store' }) !== undefined
  } catch {
    return false
  }
}

/**
 * Sends the request once more, without a payment, to where the terms came from. It waits no longer than the first request did: a
 * seller that responds only once would hold the call forever.
 *
 * @param request - The one that got a 402.
 * @param where - The address that asked, and the caller's signal.
 * @param headers - Sent in addition to the request's own.
 * @returns The response, whatever its status.
 * @throws What the wrapped library throws when no response comes; nothing was signed.
 */
export async function sendUnpaid<Native>(
  request: UnansweredRequest<Native>,
  where: Pick<ShownCall, 'url' | 'signal'>,
  headers: Readonly<Record<string, string>>,
): Promise<HttpResponse<Native>> {
  const { url, signal } = where
  const message = 'The request was not answered in time; nothing was paid.'
  const deadline = createDeadline(request.unpaidTimeoutMs, message)
  try {
    return await request.send(url ?? request.url, headers, anySignal(signal, deadline?.signal))
  } finally {
    deadline?.clear()
  }
}
