import type {} from 'ky'
import { assertPayer, type Payer } from '../client/payer.js'
import { WRAPPER_NEEDS } from '../errors/catalogue/configuration.js'
import { fail } from '../errors/fail.js'
import { assertOptions } from '../errors/options.js'
import { isX402Error } from '../errors/x402-error.js'
import { type WrapFetchOptions, wrapFetchWithPayment } from '../fetch/wrap-fetch-with-payment.js'
import type { CallOptions } from '../payment/exchange.js'
import { paymentOf } from '../payment/summary.js'

declare module 'ky' {
  interface Options {
    /** What one call says for itself: a purchase key, tags, its own maximum, an approval. */
    x402?: CallOptions | undefined
  }
}

/**
 * Options of {@link wrapKyWithPayment}.
 *
 * @example
 * ```ts
 * import ky from 'ky'
 *
 * const patient = wrapKyWithPayment(ky, client, { timeouts: { unpaidMs: 5_000, paidMs: 60_000 } })
 * ```
 */
export type WrapKyOptions = Pick<WrapFetchOptions, 'redirects' | 'timeouts'>

/** What an instance of ky is to this door; ky 1 and ky 2 both are. */
export type KyLike = {
  // Methods, so that the wider options of either version fit.
  create(defaults: never): unknown
  extend(defaults: never): unknown
}

/**
 * Wraps an instance of ky so that a `402` is paid once and the request is sent again.
 *
 * Hooks run as ky has it: `beforeRequest` once for each attempt of ky's, not once more for the paid request. What isn't paid ends as
 * ky's own `HTTPError` of the seller's 402, with our error as its `cause`, and ky doesn't try again. Where ky's `timeout` strikes
 * after the payment left, the money is in doubt, and the same call presents the same payment.
 *
 * @example
 * ```ts no-run needs a server that ky can reach
 * import ky from 'ky'
 * import { wrapKyWithPayment } from 'pay402/ky'
 *
 * const api = wrapKyWithPayment(ky.create({ prefixUrl: 'https://api.example.com' }), client)
 * const weather = await api.get('weather', { x402: { max: '$0.05' } }).json()
 * ```
 *
 * @param ky - An instance with its defaults, of ky 1 or 2; it stays as it is. Its own `fetch` sends the requests.
 * @param client - Decides what may be paid, and signs.
 * @param options - See {@link WrapKyOptions}.
 * @returns Another instance, with the same defaults.
 * @throws {@link ConfigurationError} for an unknown option, or for what isn't ky or a client.
 */
export function wrapKyWithPayment<Ky extends KyLike>(ky: Ky, client: Payer, options: WrapKyOptions = {}): Ky {
  const hint = 'Write `wrapKyWithPayment(ky, client)`.'
  if (typeof ky?.extend !== 'function' || typeof ky.create !== 'function') {
    throw fail(WRAPPER_NEEDS, { words: { wrapper: 'wrapKyWithPayment', what: 'an instance of ky' }, hint })
  }
  assertPayer(client, { name: 'wrapKyWithPayment', hint })
  assertOptions(options, 'wrapKyWithPayment', ['redirects', 'timeouts'])
  const { fetch = globalThis.fetch, hooks, retry, ...defaults } = readDefaults(ky)
  const paidFetch = wrapFetchWithPayment(fetch, client, { ...options, refusals: 'return' })
  // First, so that the caller's own hooks see the cause.
  const beforeError = [explainRefusal, ...(hooks?.beforeError ?? [])]
  const given = { ...defaults, retry: toRetry(retry), fetch: paidFetch, hooks: { ...hooks, beforeError } }
  return ky.create(given as never) as Ky // what `create` of a Ky returns
}

type Defaults = {
  readonly fetch?: typeof globalThis.fetch
  readonly hooks?: { readonly beforeError?: readonly unknown[] }
  readonly retry?: number | Retry
}

type Retry = { readonly limit?: number; readonly shouldRetry?: (state: { readonly error: unknown }) => unknown }

/** An address that is out of reach stays so: ky would take that for a broken connection, and ask again. */
function toRetry(given: Defaults['retry'] = {}): Retry {
  const own = typeof given === 'number' ? { limit: given } : given
  return { ...own, shouldRetry: (state) => (isOutOfReach(state.error) ? false : own.shouldRetry?.(state)) }
}

function isOutOfReach(error: unknown): boolean {
  return [error, Reflect.get(new Object(error), 'cause')].some(
    (one) => isX402Error(one) && one.code === 'HOST_OUT_OF_REACH',
  )
}

/** ky shows the defaults of an instance to a function that extends it. */
function readDefaults(ky: KyLike): Defaults {
  let defaults: Defaults = {}
  const keep = (given: Defaults) => {
    defaults = given
    return {}
  }
  ky.extend(keep as never)
  return defaults
}

/** What ky hands to its `beforeError` hooks: ky 1 the error, ky 2 an object around it. */
type Given = Error | { readonly error: Error }

/**
 * Gives ky's `HTTPError` of a 402 that wasn't paid our own error as its `cause`: the code, the reason, and where the money is.
 *
 * @returns The same error, as ky wants of a hook.
 */
function explainRefusal(given: Given): Error {
  const error = given instanceof Error ? given : given.error
  const response: unknown = Reflect.get(error, 'response')
  const cause = typeof response === 'object' && response !== null ? paymentOf(response)?.error : undefined
  if (cause !== undefined && error.cause === undefined) {
    Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true })
  }
  return error
}
