import type { AxiosAdapter, AxiosInstance, AxiosRequestConfig, AxiosResponse } from 'axios'
import type { ClientConfig } from '../client/config.js'
import { assertPayer, type Payer } from '../client/payer.js'
import { x402Client } from '../client/x402-client.js'
import { WRAPPER_NEEDS } from '../errors/catalogue/configuration.js'
import { fail } from '../errors/fail.js'
import { assertOptions, invalidOption } from '../errors/options.js'
import { assertTimeouts } from '../http/door.js'
import type { CallOptions } from '../payment/exchange.js'
import type { Job, SavedJob } from '../payment/job/job.js'
import { loadPart } from '../payment/part.js'
import { createPayingAdapter } from './paying-adapter.js'
import type { AxiosQuote } from './quoting-adapter.js'

declare module 'axios' {
  // Without axios's own type parameters, of which newer versions have more: TypeScript merges it with either.
  interface AxiosRequestConfig {
    /** What this call may cost, and how its payment is made. It can only tighten what the client allows. */
    x402?: CallOptions | undefined
  }
}

/**
 * Options of {@link wrapAxiosWithPayment}.
 *
 * @example
 * ```ts
 * import axios from 'axios'
 *
 * const patient = wrapAxiosWithPayment(axios.create({ timeout: 5_000 }), client, { timeouts: { paidMs: 60_000 } })
 * const { status } = await patient.get('https://api.example.com/weather')
 * status //=> 200
 * ```
 */
export type WrapAxiosOptions = {
  /**
   * How long to wait for the paid response. The unpaid request has axios's own `timeout`.
   *
   * @default the request's own `timeout`, and never longer than the payment can still be taken
   */
  timeouts?:
    | {
        /**
         * For the paid request, in milliseconds: sellers settle before they answer. When it is over the money is in doubt, and the
         * same call presents the same payment.
         *
         * @default the request's own `timeout`, which begins again each time that the payment is presented; never longer than the payment can
         * still be taken, and at most 10 minutes
         */
        paidMs?: number | undefined
      }
    | undefined
  /**
   * Your word on a `transport` of your own that isn't known, such as one that makes no message of Node's: `'never-followed'` says that it
   * follows no redirect by itself. If it does, a seller can send your payment to another origin. Without that word such a request isn't
   * paid.
   *
   * @default 'unknown'
   */
  redirects?: 'unknown' | 'never-followed' | undefined
}

/** What a wrapped instance can do besides paying. */
export type AxiosPrices = {
  /**
   * Sends the request without paying, and says what it would cost. No signer is needed for that. Interceptors see it as any other request.
   *
   * The request is really sent: if the seller asks for no money, a `POST` is carried out, and `carriedOut` says so. To only learn a price,
   * ask with `GET` or `HEAD` if the seller takes them.
   *
   * @param urlOrConfig - As for `axios.request`.
   * @param config - With an address.
   * @returns The offers in dollars, which one would be taken, why not the others, and whether the limits allow it now. No one is
   * asked to approve and nothing is reserved: the price and the limits may have changed when the call is made.
   * @throws An `AxiosError` whose cause is a {@link ChallengeError} when the 402 can't be read; nothing was signed.
   */
  quote(urlOrConfig: string | AxiosRequestConfig, config?: AxiosRequestConfig): Promise<AxiosQuote>
  /**
   * Takes up a job that another process kept: what was paid for there and comes later. Interceptors see its requests.
   *
   * @param saved - What `JSON.stringify(paymentOf(response).job)` wrote, parsed.
   * @param config - Headers that say who asks, if the seller wants any; a kept job has none.
   * @returns The job; nothing was asked yet.
   * @throws {@link ConfigurationError} `INVALID_OPTION` for what isn't one.
   */
  job(saved: SavedJob, config?: AxiosRequestConfig): Promise<Job<AxiosResponse>>
}

/**
 * Makes an instance of axios pay a `402` once and send the request again.
 *
 * The payment is made below the interceptors: yours run once a call, and retry libraries see one answer. What axios reads of a
 * config goes on to work, `responseType`, `validateStatus`, `timeout` and adapters among it; what one call says for itself is
 * `config.x402`. A body that can be read only once is refused before anything is signed.
 *
 * A purchase that is refused is an `AxiosError` whose `cause` is our error, and whose `response` is the seller's own 402, unless
 * `validateStatus` takes a 402 for a success: then it is the answer. An answer that is lost after the payment left is an
 * `AxiosError` without a `response`; calling again presents the same payment.
 *
 * @example
 * ```ts
 * import axios from 'axios'
 * import { paymentOf, wrapAxiosWithPayment } from 'pay402/axios'
 *
 * const api = wrapAxiosWithPayment(axios.create({ baseURL: 'https://api.example.com' }), client)
 * const response = await api.get('/weather')
 * response.data //=> { temperature: 21 }
 * paymentOf(response)?.money //=> 'settled'
 * ```
 *
 * @param instance - Changed in place, as by any interceptor. Wrap it before other interceptors are added: those then run first, and
 * an adapter that one of them sets is the one that sends.
 * @param client - Decides what may be paid, and signs.
 * @param options - See {@link WrapAxiosOptions}.
 * @returns The same instance.
 * @throws {@link ConfigurationError} for an unknown option, or what isn't an instance of axios.
 */
export function wrapAxiosWithPayment<Instance extends AxiosInstance>(
  instance: Instance,
  client: Payer,
  options: WrapAxiosOptions = {},
): Instance & AxiosPrices {
  const hint = 'Write `wrapAxiosWithPayment(axios.create(), client)`.'
  if (typeof instance?.interceptors?.request?.use !== 'function') {
    throw fail(WRAPPER_NEEDS, { words: { wrapper: 'wrapAxiosWithPayment', what: 'an instance of axios' }, hint })
  }
  assertPayer(client, { name: 'wrapAxiosWithPayment', hint })
  assertOptions(options, 'wrapAxiosWithPayment', ['redirects', 'timeouts'])
  const { redirects = 'unknown', timeouts = {} } = options
  assertTimeouts(timeouts, ['paidMs'])
  const isTrusted = redirects === 'never-followed'
  if (!isTrusted && redirects !== 'unknown') throw invalidOption('redirects', "'unknown' or 'never-followed'")
  const { paidMs: paidTimeoutMs } = timeouts
  instance.interceptors.request.use(
    (config) => {
      if (isOurs(config.adapter)) return config
      const adapter = createPayingAdapter({ client, given: config.adapter, paidTimeoutMs, isTrusted })
      return Object.assign(config, { adapter: markAsOurs(adapter) })
    },
    undefined,
    { synchronous: true },
  )
  return Object.assign(instance, {
    async quote(urlOrConfig: string | AxiosRequestConfig, more?: AxiosRequestConfig): Promise<AxiosQuote> {
      const config = typeof urlOrConfig === 'string' ? { ...more, url: urlOrConfig } : urlOrConfig
      const { createQuotingAdapter } = await loadPart(import('./quoting-adapter.js'))
      const { adapter, result } = createQuotingAdapter(client, config.adapter ?? instance.defaults.adapter)
      const response = await instance.request({ ...config, adapter: markAsOurs(adapter) })
      return result(response)
    },
    async job(saved: SavedJob, config: AxiosRequestConfig = {}): Promise<Job<AxiosResponse>> {
      const { takeJob } = await loadPart(import('./job/axios-job.js'))
      const given = config.adapter ?? instance.defaults.adapter
      return takeJob((one) => instance.request(one), client, saved, config, given)
    },
  })
}

/** Marks adapters that pay, also those of another copy of the package: wrapping twice pays once. */
const OURS = Symbol.for('pay402.adapter')

function markAsOurs(adapter: AxiosAdapter): AxiosAdapter {
  return Object.defineProperty(adapter, OURS, { value: true })
}

function isOurs(adapter: AxiosRequestConfig['adapter']): boolean {
  return typeof adapter === 'function' && OURS in adapter
}

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
