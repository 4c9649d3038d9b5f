import { assertOptions } from '../assert-options.js'
import { ConfigurationError } from '../errors.js'
import type { PaymentPolicy } from '../flow/ports.js'
import type { Network } from '../protocol/network.js'
import type { SchemeNetworkClient } from '../scheme.js'
import { CLIENT_OPTIONS, type ClientOptions } from './client-options.js'
import { createUseLimitsError } from './create-use-limits-error.js'

/** A client written down as one object, as `@x402/core` takes it, with the options of {@link ClientOptions} beside. */
export type ClientConfig = ClientOptions & {
  /** Which schemes sign where. */
  schemes: readonly SchemeRegistration[]
  /** Filter and reorder the offers that can be paid, in this order. @default none */
  policies?: readonly PaymentPolicy[] | undefined
}

/** One scheme and where it signs. */
export type SchemeRegistration = {
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
  if (typeof config === 'object' && config !== null && 'spendControls' in config) throw createUseLimitsError()
  assertOptions(config, 'fromConfig', ['schemes', 'policies', ...CLIENT_OPTIONS])
  if (!Array.isArray(config.schemes)) {
    throw new ConfigurationError('The option `schemes` must be a list.', { code: 'INVALID_OPTION' })
  }
}
