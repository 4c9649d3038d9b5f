/**
 * Keeps a paid request and its answer out of every cache, where the platform knows how.
 *
 * Cloudflare Workers with a compatibility date before 2024-11-11 fail each request that says anything of caches, so there it's
 * left out: the seller's own `Cache-Control` decides. Source: Cloudflare's compatibility flag `cache_option_enabled`.
 *
 * @returns A part of an `init`.
 */
export function noStore(): Pick<RequestInit, 'cache'> {
  const init: RequestInit = { cache: 'no-store' }
  try {
    // Asked in advance: when the paid request fails for it, nobody knows whether the payment left.
    return new Request('https://pay402.invalid', init) && init
  } catch {
    return {}
  }
}
