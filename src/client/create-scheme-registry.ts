import { ConfigurationError } from '../errors.js'
import type { Schemes } from '../flow/ports.js'
import { isSameAddress } from '../protocol/address.js'
import { isNetworkPattern, type Network, toWildcard } from '../protocol/network.js'
import { readV1Network } from '../protocol/v1-networks.js'
import type { SchemeNetworkClient } from '../scheme.js'

/** Which scheme signs where. */
export type SchemeRegistry = Schemes & {
  /** Adds a scheme under one network or under all of a namespace, for both protocols. */
  register(network: Network, scheme: SchemeNetworkClient): void
  /** Adds a scheme that was written for protocol 1, under the network's name there. */
  registerV1(name: string, scheme: SchemeNetworkClient): void
}

/**
 * Creates the registry of one client.
 *
 * An exact network wins over the wildcard, scheme by scheme: `exact` for one network hides `exact` for the namespace there, and
 * `upto` for the namespace stays. What was registered for protocol 1 alone wins where protocol 1 is spoken.
 */
export function createSchemeRegistry(): SchemeRegistry {
  const byNetwork = new Map<string, Map<string, SchemeNetworkClient>>()
  const byV1Name = new Map<string, Map<string, SchemeNetworkClient>>()
  const all = () => [...byNetwork.values(), ...byV1Name.values()].flatMap((schemes) => [...schemes.values()])
  return {
    register(network, scheme) {
      if (!isNetworkPattern(network)) {
        throw invalidScheme(network, 'Write a CAIP-2 network, or a namespace with a star for all of it.')
      }
      add(byNetwork, network, scheme)
    },
    registerV1(name, scheme) {
      if (readV1Network(name) === undefined) {
        throw invalidScheme(name, 'Write a network name of protocol 1, such as "base-sepolia".')
      }
      add(byV1Name, name, scheme)
    },
    find({ scheme, network, x402Version, spoken, payer }) {
      const v1 = x402Version === 1 ? byV1Name.get(String(spoken))?.get(scheme) : undefined
      // A scheme that judges requirements knows their shape, and takes them in either protocol.
      if (v1 !== undefined) return { scheme: v1, takesEntry: v1.refuse === undefined }
      const found = byNetwork.get(network)?.get(scheme) ?? byNetwork.get(toWildcard(network))?.get(scheme)
      return found === undefined ? undefined : { scheme: pickAccount(found, payer), takesEntry: false }
    },
    payers() {
      const accounts = all().flatMap((scheme) => [scheme, ...(scheme.accounts ?? [])])
      return [...new Set(accounts.map(({ payer }) => payer))].filter((payer) => payer !== undefined)
    },
  }
}

/**
 * A new payment in place of an old one needs a chain that proves the old one dead.
 *
 * @throws {@link ConfigurationError} `CANNOT_RECONCILE`.
 */
export function assertReconcilable(network: Network, scheme: SchemeNetworkClient): void {
  if (scheme.canReconcile?.(network) === true) return
  throw new ConfigurationError(`The option \`resign\` needs a chain to ask, and the scheme for ${network} has none.`, {
    code: 'CANNOT_RECONCILE',
    hint: 'Give the scheme an RPC for the network and register it there, or leave `resign` out.',
  })
}

/** The scheme of the account that paid, where one object pays from several. */
function pickAccount(scheme: SchemeNetworkClient, payer: string | undefined): SchemeNetworkClient {
  if (payer === undefined || scheme.accounts === undefined) return scheme
  return scheme.accounts.find((one) => one.payer !== undefined && isSameAddress(one.payer, payer)) ?? scheme
}

function add(
  registry: Map<string, Map<string, SchemeNetworkClient>>,
  network: string,
  scheme: SchemeNetworkClient,
): void {
  assertScheme(network, scheme)
  const schemes = registry.get(network) ?? new Map<string, SchemeNetworkClient>()
  if (schemes.has(scheme.scheme)) {
    throw new ConfigurationError(`A scheme "${scheme.scheme}" is registered for ${network} already.`, {
      code: 'DUPLICATE_SCHEME',
      hint: 'Register each scheme once per network. To pay from several accounts, register `payFrom([one, other])`.',
    })
  }
  schemes.set(scheme.scheme, scheme)
  registry.set(network, schemes)
}

function invalidScheme(network: unknown, hint: string): ConfigurationError {
  const named = typeof network === 'string' ? `"${network}"` : `a ${typeof network}`
  return new ConfigurationError(`Can't register a scheme for ${named}.`, { code: 'INVALID_SCHEME', hint })
}

function assertScheme(network: string, scheme: unknown): void {
  const isObject = typeof scheme === 'object' && scheme !== null
  const isScheme =
    isObject &&
    typeof Reflect.get(scheme, 'scheme') === 'string' &&
    typeof Reflect.get(scheme, 'createPaymentPayload') === 'function'
  if (!isScheme) {
    throw new ConfigurationError(`What is registered for ${network} is not a scheme.`, {
      code: 'INVALID_SCHEME',
      hint: 'Pass an object with `scheme` and `createPaymentPayload`, such as `new ExactEvmScheme(account)`.',
    })
  }
}
