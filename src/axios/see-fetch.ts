import type { AxiosRequestConfig } from 'axios'

/** Told of the platform's own answer, which axios's fetch adapter keeps to itself. */
type See = (response: Response) => void

type Fetch = NonNullable<NonNullable<AxiosRequestConfig['env']>['fetch']>

/** Where a config carries {@link See} and the fetch behind; functions, since axios copies everything else. */
const SEE = 'pay402See'
const FETCH = 'pay402Fetch'

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
  const { [SEE]: see, [FETCH]: fetch = globalThis.fetch, ...rest } = (init ?? {}) as Seeing
  const response = await fetch(input, rest)
  see?.(response)
  return response
}

type Seeing = RequestInit & { [SEE]?: See; [FETCH]?: Fetch }
