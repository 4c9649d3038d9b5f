import type { AxiosInstance } from 'axios'
import type { ClientConfig } from '../client/client-config.js'
import { x402Client } from '../client/x402-client.js'
import { type AxiosPrices, type WrapAxiosOptions, wrapAxiosWithPayment } from './wrap-axios-with-payment.js'

/**
 * Makes an instance of axios pay, with a client written down as one object; see {@link wrapAxiosWithPayment}.
 *
 * @example
 * ```ts
 * import axios from 'axios'
 * import { wrapAxiosWithPaymentFromConfig } from 'pay402/axios'
 *
 * const api = wrapAxiosWithPaymentFromConfig(axios.create(), {
 *   schemes: [{ network: 'eip155:*', client: new ExactEvmScheme(account) }],
 *   limits: { perPayment: '$0.10' },
 * })
 * const { data } = await api.get('https://api.example.com/weather')
 * data //=> { temperature: 21 }
 * ```
 *
 * @param instance - Changed in place, as by any interceptor.
 * @param config - Schemes, policies and limits.
 * @param options - See {@link WrapAxiosOptions}.
 * @returns The same instance; its calls fail as {@link wrapAxiosWithPayment} says.
 * @throws {@link ConfigurationError} for an unknown key, and `USE_LIMITS` for `spendControls`.
 */
export function wrapAxiosWithPaymentFromConfig<Instance extends AxiosInstance>(
  instance: Instance,
  config: ClientConfig,
  options: WrapAxiosOptions = {},
): Instance & AxiosPrices {
  return wrapAxiosWithPayment(instance, x402Client.fromConfig(config), options)
}
