import { TERMS_FROM_CACHE } from '../errors/catalogue/challenge.js'
import { fail } from '../errors/fail.js'
import type { ChallengeError } from '../errors/step-errors.js'
import { withResponse } from '../errors/x402-error.js'
import type { MaybePromise } from '../payment/digest.js'
import type { TermsOrFree } from '../payment/exchange.js'
import { readUrl } from '../wire/host.js'
import { sendUnpaid } from './door.js'
import { carriesPayment, type HttpRequest, type HttpResponse, isAged, toResource } from './message.js'

/**
 * Asks once more for terms that came from a cache, since they may be another buyer's, or out of date. The platform is told to bypass its
 * caches.
 *
 * @param url - The address that asked.
 * @param read - Reads the terms of the new 402.
 * @returns What `read` returns, or the new response when it costs nothing.
 * @throws {@link ChallengeError} `TERMS_FROM_CACHE` when the request can't be repeated, or the new terms come from a cache, too.
 */
export async function askPastCaches<Native>(
  request: HttpRequest<Native>,
  url: string,
  read: (fresh: HttpRequest<Native>) => MaybePromise<TermsOrFree<Native>>,
): Promise<TermsOrFree<Native>> {
  if (!request.replayable || carriesPayment(request)) throw createCacheError(request, url)
  const where = { url: readUrl(url)?.href, signal: request.signal }
  // The old 402 would hold its connection if it stayed unread.
  const response = await sendUnpaid(request, where, {}).finally(() => request.letGo())
  if (response.status !== 402) return { free: response.native }
  if (isAged(response)) throw createCacheError(request, url, response)
  // The connection of the new 402 is freed when that is read or discarded.
  const letGo = () => request.discard(response.native)
  const fresh: HttpRequest<Native> = { ...request, response, drain: async () => undefined, letGo }
  try {
    return await read(fresh)
  } catch (error) {
    throw withResponse(error, response.native) // the 402 that came last is the response to the call
  }
}

function createCacheError({ method }: HttpRequest, url: string, response?: HttpResponse): ChallengeError {
  return fail(TERMS_FROM_CACHE, { facts: { resource: toResource(method, url) }, response: response?.native })
}
