import { NOT_READABLE } from '../errors/catalogue/configuration.js'
import { fail } from '../errors/fail.js'
import type { Describe, SchemeNetworkClient } from '../payment/scheme.js'

/**
 * Gives a scheme from elsewhere what reads its payloads back, so that what it signs is held to what was approved and reserved.
 *
 * The object that you pass stays as it is. Of a `payFrom` of several accounts, wrap each account.
 *
 * @example
 * ```ts
 * import { ExactEvmScheme as OfficialScheme } from '@x402/evm'
 *
 * const scheme = readable(new OfficialScheme(account), describeEvmPayload)
 * new x402Client().register('eip155:*', scheme)
 * ```
 *
 * @param scheme - Signs.
 * @param describe - Reads what it signed from the payload alone, and returns `undefined` for what it doesn't know whole.
 * @returns A scheme for `register`.
 * @throws {@link ConfigurationError} `INVALID_SCHEME`.
 */
export function readable<Scheme extends SchemeNetworkClient>(scheme: Scheme, describe: Describe): Scheme {
  if (typeof scheme !== 'object' || scheme === null || typeof describe !== 'function') {
    throw fail(NOT_READABLE)
  }
  return new Proxy(scheme, {
    get(target, name) {
      if (name === 'describe') return describe
      const value: unknown = Reflect.get(target, name)
      // Its own methods are called on itself: private fields know no other.
      return typeof value === 'function' ? value.bind(target) : value
    },
    has: (target, name) => name === 'describe' || Reflect.has(target, name),
  })
}
