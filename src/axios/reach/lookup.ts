import type { InternalAxiosRequestConfig } from 'axios'
import { readAddress } from '../../client/reach/ip-address.js'
import { findDns } from '../../client/reach/public-host.js'
import { isPublicAddress } from '../../client/reach/special-addresses.js'
import { isPromise } from '../../payment/digest.js'

/** Told what a name resolves to: a list, or one address and its family. */
type Found = (error: unknown, address?: unknown, family?: unknown) => void

/** How Node's requests resolve a name. */
type Lookup = (name: string, options: object, found: Found) => unknown

/**
 * Gives a request a lookup that lets only public addresses be connected to, so that a name which resolves to another one by then leads nowhere
 * else.
 *
 * @param config - May bring a lookup of its own, which is asked; without one, and where the platform has none, it stays as it is.
 * @param unlisted - Hosts whose addresses must be public, by name; others are listed, or are those of proxies.
 * @param refuse - Makes the error for one of them.
 */
export function bindLookup(
  config: InternalAxiosRequestConfig,
  unlisted: ReadonlyMap<string, URL>,
  refuse: (url: URL) => Error,
): InternalAxiosRequestConfig {
  // Without one, axios's http adapter finds names by the platform's. Its type says the same in more ways.
  const lookup = (config.lookup ?? findDns()?.lookup) as Lookup | undefined
  if (lookup === undefined) return config
  const checked: Lookup = (name, options, found) => {
    const check: Found = (error, address, family) => {
      const url = error ? undefined : unlisted.get(name)
      const isRefused = url !== undefined && ![address].flat().every(isPublic)
      if (isRefused) found(refuse(url))
      else found(error, address, family)
    }
    const looking = lookup(name, options, check)
    if (isPromise(looking)) looking.then((one) => check(null, ...[one].flat()), check)
  }
  return { ...config, lookup: checked as NonNullable<InternalAxiosRequestConfig['lookup']> }
}

/** As Node's own lookup tells an address, or axios's type. */
function isPublic(found: unknown): boolean {
  const address: unknown = typeof found === 'object' && found !== null ? Reflect.get(found, 'address') : found
  const read = readAddress(String(address))
  return read !== undefined && isPublicAddress(read)
}
