import { USE_LIMITS } from '../errors/catalogue/configuration.js'
import { fail } from '../errors/fail.js'
import { assertOptions, invalidOption } from '../errors/options.js'
import type { PaymentPolicy } from '../payment/ports.js'
import type { SchemeNetworkClient } from '../payment/scheme.js'
import type { Network } from '../wire/network.js'
import { CLIENT_OPTIONS, type ClientOptions } from './options.js'

/** A client written down as one object, as `@x402/core` takes it, together with the options of {@link ClientOptions}. */
export type ClientConfig = ClientOptions & {
  /** Which schemes sign where. */
  schemes: readonly SchemeRegistration[]
  /** Filter and reorder the offers that can be paid, in this order. @default none */
  policies?: readonly PaymentPolicy[] | undefined
}

/**
 * How a scheme is registered.
 *
 * @example
 * ```ts
 * import { x402Client } from 'pay402'
 * import { ExactEvmScheme } from 'pay402/evm'
 *
 * new x402Client().register('eip155:*', new ExactEvmScheme(account), { unreadable: 'trust-the-price' })
 * ```
 */
export type RegisterOptions = {
  /**
   * What becomes of its offers where nothing can read what it signs. With `'trust-the-price'` they are paid: the price is reserved, and
   * whether others can take more is the scheme's to know. Such a payment is listed as `unread`, and never dies by time.
   *
   * @default 'refuse'
   */
  unreadable?: 'refuse' | 'trust-the-price' | undefined
}

/** One scheme and where it signs. */
export type SchemeRegistration = RegisterOptions & {
  /** One network or a namespace; with `x402Version: 1` a network name of protocol 1. */
  network: Network
  /** Signs there. */
  client: SchemeNetworkClient
  /** Which protocol it signs for. @default both */
  x402Version?: number | undefined
}

/**
 * Asserts that a configuration has no key that means nothing; `spendControls` has a better one.
 *
 * @throws {@link ConfigurationError} `UNKNOWN_OPTION`, `INVALID_OPTION` or `USE_LIMITS`.
 */
export function assertClientConfig(config: ClientConfig): void {
  if (typeof config === 'object' && config !== null && 'spendControls' in config) throw fail(USE_LIMITS)
  assertOptions(config, 'fromConfig', ['schemes', 'policies', ...CLIENT_OPTIONS])
  if (!Array.isArray(config.schemes)) throw invalidOption('schemes', 'a list')
}

/** Where schemes and policies are registered. */
type Registrar = {
  register(network: Network, scheme: SchemeNetworkClient, options?: RegisterOptions): unknown
  registerV1(network: string, scheme: SchemeNetworkClient, options?: RegisterOptions): unknown
  registerPolicy(policy: PaymentPolicy): unknown
}

/** Registers what a configuration names, in its order. Returns the same client. */
export function registerConfig<C extends Registrar>(client: C, config: Pick<ClientConfig, 'schemes' | 'policies'>): C {
  for (const { network, client: scheme, x402Version, unreadable } of config.schemes) {
    if (x402Version === 1) client.registerV1(network, scheme, { unreadable })
    else client.register(network, scheme, { unreadable })
  }
  for (const policy of config.policies ?? []) client.registerPolicy(policy)
  return client
}
