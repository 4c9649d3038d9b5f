import type { findPublishedScheme } from '../../schemes/published-schemes.js'
import {
  CANNOT_RECONCILE,
  DUPLICATE_SCHEME,
  INVALID_SCHEME_NETWORK,
  NOT_A_SCHEME,
} from '../errors/catalogue/configuration.js'
import { fail } from '../errors/fail.js'
import { assertOptions, invalidOption } from '../errors/options.js'
import type { ConfigurationError } from '../errors/x402-error.js'
import { loadPart } from '../payment/part.js'
import type { Registration, Schemes } from '../payment/ports.js'
import { isReading, payerOf, type SchemeNetworkClient } from '../payment/scheme.js'
import { isSameAddress } from '../wire/address.js'
import { isNetworkPattern, type Network, toWildcard } from '../wire/network.js'
import { readCaip2, readV1Network } from '../wire/v1-networks.js'
import type { RegisterOptions } from './config.js'

/** Which scheme signs where. */
export type SchemeRegistry = Schemes & {
  /** Adds a scheme under one network or under all of a namespace, for both protocols. */
  register(network: Network, scheme: SchemeNetworkClient, options?: RegisterOptions): void
  /** Adds a scheme that was written for protocol 1, under the network's name there. */
  registerV1(name: string, scheme: SchemeNetworkClient, options?: RegisterOptions): void
}

/**
 * Creates the registry of one client.
 *
 * An exact network wins over the wildcard, scheme by scheme: `exact` for one network hides `exact` for the namespace there, and
 * `upto` for the namespace stays. What was registered for protocol 1 alone wins where protocol 1 is spoken.
 */
export function createSchemeRegistry(): SchemeRegistry {
  const byNetwork: ByNetwork = new Map()
  const byV1Name: ByNetwork = new Map()
  let findPublished: typeof findPublishedScheme | undefined
  /** All that is registered. */
  const all: Registration[] = []
  const loadPublished = async () => {
    findPublished = (await loadPart(import('../../schemes/published-schemes.js'))).findPublishedScheme
  }
  /** Of a payment that was made nothing tells how its seller spoke: then a scheme of protocol 1 for the same network is the one. */
  function findV1(network: Network, scheme: string): Registration | undefined {
    const named = [...byV1Name].find(([name, schemes]) => readV1Network(name) === network && schemes.has(scheme))
    return named?.[1].get(scheme)
  }

  return {
    register(network, scheme, options) {
      const known = readCaip2(network) ?? (isNetworkPattern(network) ? network : undefined)
      if (known === undefined) {
        const example = readV1Network(network) ?? readV1Network('base-sepolia')
        throw invalidScheme(
          network,
          `Write a CAIP-2 network, such as '${example}', or a namespace with a star for all of it.`,
        )
      }
      all.push(add(byNetwork, known, scheme, options))
    },
    registerV1(name, scheme, options) {
      if (readV1Network(name) === undefined) {
        throw invalidScheme(name, 'Write a network name of protocol 1, such as "base-sepolia".')
      }
      all.push(add(byV1Name, name, scheme, options))
    },
    prepare() {
      if (findPublished !== undefined || all.every(({ scheme }) => isWhole(scheme))) return undefined
      return loadPublished()
    },
    find({ scheme: name, network, x402Version, spoken, payer }) {
      const published = findPublished?.(network, name)
      const v1 = x402Version === 1 ? byV1Name.get(String(spoken))?.get(name) : undefined
      // A scheme that judges requirements knows their shape, and takes them in either protocol.
      if (v1 !== undefined) return { ...v1, published, takesEntry: v1.scheme.refuse === undefined }
      const found =
        byNetwork.get(network)?.get(name) ??
        byNetwork.get(toWildcard(network))?.get(name) ??
        (spoken === undefined ? findV1(network, name) : undefined)
      if (found === undefined) return undefined
      const scheme = pickAccount(found.scheme, payer)
      return published === undefined && scheme === found.scheme ? found : { ...found, published, scheme }
    },
    payers() {
      const found = new Set<string>()
      for (const { scheme } of all) {
        for (const one of [scheme, ...(scheme.accounts ?? [])]) {
          const payer = payerOf(one)
          if (payer !== undefined) found.add(payer)
        }
      }
      return [...found]
    },
    canAskChain: () => all.some(({ scheme }) => scheme.canReconcile !== undefined && scheme.canAskChain !== false),
  }
}

/**
 * A new payment in place of an old one needs a chain that proves the old one dead.
 *
 * @throws {@link ConfigurationError} `CANNOT_RECONCILE`.
 */
export function assertReconcilable(network: Network, scheme: SchemeNetworkClient): void {
  if (scheme.canReconcile?.(network) === true) return
  throw fail(CANNOT_RECONCILE, { words: { network } })
}

/** The scheme of the account that paid, where one object pays from several. */
function pickAccount(scheme: SchemeNetworkClient, payer: string | undefined): SchemeNetworkClient {
  if (payer === undefined || scheme.accounts === undefined) return scheme
  return scheme.accounts.find((one) => one.payer !== undefined && isSameAddress(one.payer, payer)) ?? scheme
}

type ByNetwork = Map<string, Map<string, Registration>>

/** Whether nothing that is known of published schemes adds to what an object says itself: what `exact` exposes is the price. */
function isWhole(scheme: SchemeNetworkClient): boolean {
  return scheme.scheme === 'exact' && isReading(scheme)
}

function add(
  registry: ByNetwork,
  name: string,
  scheme: SchemeNetworkClient,
  options: RegisterOptions = {},
): Registration {
  assertScheme(name, scheme)
  assertOptions(options, 'register', ['unreadable'])
  const { unreadable = 'refuse' } = options
  if (unreadable !== 'refuse' && unreadable !== 'trust-the-price') {
    throw invalidOption('unreadable', "'refuse' or 'trust-the-price'")
  }
  const schemes = registry.get(name) ?? new Map<string, Registration>()
  if (schemes.has(scheme.scheme)) {
    throw fail(DUPLICATE_SCHEME, { words: { scheme: scheme.scheme, network: name } })
  }
  const registration = { scheme, takesEntry: false, trustsPrice: unreadable !== 'refuse' }
  schemes.set(scheme.scheme, registration)
  registry.set(name, schemes)
  return registration
}

function invalidScheme(network: unknown, hint: string): ConfigurationError {
  const named = typeof network === 'string' ? `"${network}"` : `a ${typeof network}`
  return fail(INVALID_SCHEME_NETWORK, { words: { network: named }, hint })
}

function assertScheme(network: string, scheme: unknown): void {
  const isObject = typeof scheme === 'object' && scheme !== null
  const isScheme =
    isObject &&
    typeof Reflect.get(scheme, 'scheme') === 'string' &&
    typeof Reflect.get(scheme, 'createPaymentPayload') === 'function'
  if (!isScheme) throw fail(NOT_A_SCHEME, { words: { network } })
}
