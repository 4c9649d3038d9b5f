import type { ClientConfig } from '../client/client-config.js'
import { x402Client } from '../client/x402-client.js'
import { type PaidFetch, type WrapFetchOptions, wrapFetchWithPayment } from './wrap-fetch-with-payment.js'

/**
 * Wraps `fetch` with a client written down as one object; see {@link wrapFetchWithPayment}.
 *
 * @example
 * ```ts
 * const paidFetch = wrapFetchWithPaymentFromConfig(fetch, {
 *   schemes: [{ network: 'eip155:*', client: new ExactEvmScheme(account) }],
 *   limits: { perPayment: '$0.10' },
 * })
 * const response = await paidFetch('https://api.example.com/weather')
 * response.status //=> 200
 * ```
 *
 * @param fetch - Sends the requests; usually the global one.
 * @param config - Schemes, policies and limits.
 * @param options - See {@link WrapFetchOptions}.
 * @returns A function with the shape of `fetch`; it throws as {@link wrapFetchWithPayment} says.
 * @throws {@link ConfigurationError} for an unknown key, and `USE_LIMITS` for `spendControls`.
 */
export function wrapFetchWithPaymentFromConfig(
  fetch: typeof globalThis.fetch,
  config: ClientConfig,
  options: WrapFetchOptions = {},
): PaidFetch {
  return wrapFetchWithPayment(fetch, x402Client.fromConfig(config), options)
}
