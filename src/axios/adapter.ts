import axios, { type AxiosAdapter, type AxiosRequestConfig } from 'axios'
import { anySignal } from '../payment/abort.js'

/** An adapter, and what is known of it. */
export type ResolvedAdapter = {
  readonly send: AxiosAdapter
  /** `http` and `fetch` can be asked for the head of an answer alone; `xhr` and adapters of users' own read it whole. */
  readonly kind: 'http' | 'fetch' | 'xhr' | 'custom'
  /** In place of XMLHttpRequest, whose ways of reading an answer its caller relies on. */
  readonly isForXhr: boolean
}

/**
 * Finds the adapter that axios would have taken.
 *
 * @param given - What the config names: a name, a function or a list; `undefined` means axios's own list.
 * @param config - May bring its own `env`.
 * @throws An `AxiosError` as axios's own when none of them runs here.
 */
export function resolveAdapter(given: AxiosRequestConfig['adapter'], config: AxiosRequestConfig): ResolvedAdapter {
  const adapter = axios.getAdapter(given ?? axios.defaults.adapter, config)
  const name: unknown = Reflect.get(adapter, 'adapterName')
  if (name === 'http' || name === 'xhr') return { send: adapter, kind: name, isForXhr: false }
  if (adapter === findFetchAdapter(config)) return resolveFetchAdapter(config, false)
  return { send: adapter, kind: 'custom', isForXhr: false }
}

/**
 * The adapter that carries a payment: axios's fetch adapter in place of XMLHttpRequest, which follows redirects with the payment on.
 */
export function resolvePaidAdapter(adapter: ResolvedAdapter, config: AxiosRequestConfig): ResolvedAdapter {
  return adapter.kind === 'xhr' ? resolveFetchAdapter(config, true) : adapter
}

/** The fetch adapter, with a fetch that shows what axios hides of an answer. */
function resolveFetchAdapter(config: AxiosRequestConfig, isForXhr: boolean): ResolvedAdapter {
  return { send: axios.getAdapter('fetch', seeFetch(config)), kind: 'fetch', isForXhr }
}

function findFetchAdapter(config: AxiosRequestConfig): AxiosAdapter | undefined {
  try {
    return axios.getAdapter('fetch', config)
  } catch {
    return undefined // not in this environment, so it isn't what was given
  }
}

/** Told of the platform's own answer, which axios's fetch adapter keeps to itself. */
type See = (response: Response) => void

/** What the adapter sends by. */
export type Fetch = NonNullable<NonNullable<AxiosRequestConfig['env']>['fetch']>

/** Where a config carries {@link See} and the fetch behind; functions, since axios copies everything else. */
const SEE = 'pay402See'
const FETCH = 'pay402Fetch'
const UNTIL = 'pay402Until'
const BOUND = 'pay402Bound'

/**
 * Ends a request of axios's fetch adapter by a signal that the adapter doesn't know: with one that it knows, it reads the response by a
 * stream of its own, which can't be canceled while a read of it waits.
 */
export function endFetch(signal: AbortSignal): Record<string, unknown> {
  return { [UNTIL]: () => signal }
}

/** Bounds where a request of axios's fetch adapter may go, redirects included. */
export function boundFetch(bound: (fetch: Fetch) => Fetch): Record<string, unknown> {
  return { [BOUND]: bound }
}

/**
 * Makes axios's fetch adapter tell of the `Response` that it got: only that says whether a redirect was followed or hidden.
 *
 * @param config - For one request; it isn't changed.
 * @param see - Told once.
 */
export function seeFetch<Config extends AxiosRequestConfig>(config: Config, see?: See): Config {
  const { env, fetchOptions } = config
  const own = env?.fetch
  const fetch = own === undefined || own === seeingFetch ? undefined : own
  return {
    ...config,
    // One function for all calls: axios makes and keeps an adapter for each fetch that it meets.
    env: { ...env, fetch: seeingFetch },
    fetchOptions: { ...fetchOptions, ...(see && { [SEE]: see }), ...(fetch && { [FETCH]: fetch }) },
  }
}

const seeingFetch: Fetch = async (input, init) => {
  const {
    [SEE]: see,
    [FETCH]: given = globalThis.fetch,
    [UNTIL]: until,
    [BOUND]: bound,
    ...rest
  } = (init ?? {}) as Seeing
  const fetch = bound === undefined ? given : bound(given)
  const own = rest.signal ?? (input instanceof Request ? input.signal : undefined)
  const response = await fetch(input, until === undefined ? rest : { ...rest, signal: anySignal(own, until()) ?? null })
  see?.(response)
  return response
}

type Seeing = RequestInit & {
  [SEE]?: See
  [FETCH]?: Fetch
  [UNTIL]?: () => AbortSignal
  [BOUND]?: (fetch: Fetch) => Fetch
}
