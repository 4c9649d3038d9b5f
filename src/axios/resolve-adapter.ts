import axios, { type AxiosAdapter, type AxiosRequestConfig } from 'axios'
import { seeFetch } from './see-fetch.js'

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
