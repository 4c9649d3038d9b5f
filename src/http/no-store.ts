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
