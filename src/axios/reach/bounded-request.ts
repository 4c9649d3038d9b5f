import type { AxiosRequestConfig, InternalAxiosRequestConfig } from 'axios'
import { createNotPublicError } from '../../client/reach/public-host.js'
import { isX402Error, type X402Error } from '../../errors/x402-error.js'
import { ignoreFailure } from '../../http/body-stream.js'
import { type AssertReach, fetchWithinReach } from '../../http/reaching-fetch.js'
import { createFetchError, RELATIVE } from '../../http/redirect.js'
import { isPromise } from '../../payment/digest.js'
import { readUrl } from '../../wire/host.js'
import { boundFetch, type Fetch, type ResolvedAdapter } from '../adapter.js'
import type { AxiosAnswer } from '../answer.js'
import { toAxiosError } from '../axios-error.js'
import { toFullUrl } from '../exchange.js'
import { holdBody } from '../held-body.js'
import { type Asking, askAdapter } from '../sent.js'
import { bindLookup } from './lookup.js'

/** A request that goes only where its client may ask. */
export type BoundedRequest = {
  /** The request as it is sent, in place of the caller's own. */
  readonly config: InternalAxiosRequestConfig
  /**
   * Sends it without a payment.
   *
   * @throws An `AxiosError` whose cause is `HOST_OUT_OF_REACH` where it, or a redirect, leads out of reach.
   */
  ask(asking: Asking): Promise<AxiosAnswer>
  /** Puts what keeps it there into the request with a payment, which follows no redirect. */
  bind(config: InternalAxiosRequestConfig): InternalAxiosRequestConfig
}

/**
 * Keeps a request within what its client may ask, also where a redirect leads: the fetch adapter follows redirects one by one, the http adapter
 * asks before each, and connects only to addresses that were asserted. Of XMLHttpRequest, and adapters of users' own that follow redirects by
 * themselves, only the end is seen: what comes from out of reach isn't handed over.
 */
export function boundRequest(
  config: InternalAxiosRequestConfig,
  adapter: ResolvedAdapter,
  assert: AssertReach,
): BoundedRequest {
  /** By their names, hosts that aren't listed, so that what they resolve to decides. */
  const unlisted = new Map<string, URL>()
  let refused: X402Error | undefined
  const check = (url: URL) => {
    try {
      const asserting = assert(url)
      if (!isPromise(asserting)) return asserting
      // Until it is known to be listed.
      unlisted.set(url.hostname, url)
      return asserting.then((isListed) => void (isListed === true && unlisted.delete(url.hostname)))
    } catch (error) {
      if (isX402Error(error)) refused = error
      throw error
    }
  }
  const refuse = (url: URL) => (refused = createNotPublicError(url))
  const bind = (one: InternalAxiosRequestConfig) => bindLookup(one, unlisted, refuse)
  const isNode = adapter.kind === 'http' || adapter.kind === 'custom'
  return {
    config: isNode ? checkRedirects(bind(config), check) : { ...config, fetchOptions: withBounds(config, check) },
    bind: isNode ? bind : (one) => one,
    async ask(asking) {
      const asked = readUrl(toFullUrl(config)) ?? readUrl(toFullUrl(config), RELATIVE)
      try {
        // An adapter of one's own may read what the platform's URL doesn't.
        if (asked === undefined) throw createFetchError('the address can not be read')
        if (asked.host !== RELATIVE.host) await check(asked)
        const answer = await askAdapter(adapter, asking)
        await verify(answer, asked, check)
        return answer
      } catch (error) {
        const cause = refused ?? error
        throw isX402Error(cause) ? toAxiosError(cause, asking.shown, undefined) : error
      }
    },
  }
}

/** The http adapter, and adapters that end in it, tell of each redirect before they follow it, and can't wait; a lookup can. */
function checkRedirects(config: InternalAxiosRequestConfig, check: AssertReach): InternalAxiosRequestConfig {
  const { beforeRedirect: own } = config
  const beforeRedirect: AxiosRequestConfig['beforeRedirect'] = (options, ...more) => {
    own?.(options, ...more)
    const url = readUrl(String(options['href']))
    const asserting = url && check(url)
    // The lookup of that name asserts what is connected to.
    if (isPromise(asserting)) asserting.catch(ignoreFailure)
  }
  return { ...config, beforeRedirect }
}

function withBounds({ fetchOptions }: InternalAxiosRequestConfig, check: AssertReach) {
  return { ...fetchOptions, ...boundFetch((fetch) => boundBy(fetch, check)) }
}

function boundBy(fetch: Fetch, check: AssertReach): Fetch {
  const send = fetch as typeof globalThis.fetch // axios names it by a type of its own
  return (input, init) => fetchWithinReach({ fetch: send, input, init }, check)
}

async function verify(answer: AxiosAnswer, asked: URL | undefined, check: AssertReach): Promise<void> {
  const url = answer.url === undefined ? undefined : readUrl(answer.url)
  if (url === undefined || (url.protocol === asked?.protocol && url.host === asked.host)) return
  try {
    await check(url)
  } catch (error) {
    holdBody(answer.response.data).discard()
    throw error
  }
}
