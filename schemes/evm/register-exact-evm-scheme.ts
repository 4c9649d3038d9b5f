import { assertOptions } from '../../src/errors/options.js'
import type { SchemeNetworkClient } from '../../src/payment/scheme.js'
import type { Network } from '../../src/wire/network.js'
import type { PaymentRequirements } from '../../src/wire/requirements.js'
import { ExactEvmScheme } from './exact-evm-scheme.js'
import type { ExactEvmSchemeOptions } from './scheme-options.js'
import type { EvmSigner } from './wallet/signer.js'

/** What a scheme is registered with: an `x402Client` of ours or of `@x402/core`. */
export type SchemeRegistrar = {
  register(network: Network, scheme: SchemeNetworkClient): unknown
  registerPolicy(
    policy: (x402Version: number, paymentRequirements: PaymentRequirements[]) => readonly PaymentRequirements[],
  ): unknown
}

/** How {@link registerExactEvmScheme} is told what to register. */
export type ExactEvmConfig = {
  /** Signs; see {@link ExactEvmScheme}. */
  signer: EvmSigner
  /** Where it signs. @default ['eip155:*'], every EVM network */
  networks?: readonly Network[] | undefined
  /** Filter and reorder the offers of every scheme of the client. @default none */
  policies?: readonly Parameters<SchemeRegistrar['registerPolicy']>[0][] | undefined
  /** See {@link ExactEvmScheme.Options}. @default none */
  schemeOptions?: ExactEvmScheme.Options | ExactEvmSchemeOptions | undefined
}

/**
 * Registers {@link ExactEvmScheme} in one call, as `@x402/evm` does. Both protocols are served by it.
 *
 * @example
 * ```ts
 * registerExactEvmScheme(new x402Client(), { signer: account, networks: ['eip155:8453'] })
 * ```
 *
 * @param client - Registers the scheme.
 * @param config - The signer, and where it signs.
 * @returns The client.
 * @throws {@link ConfigurationError} for an option or a signer that can't be read, and `DUPLICATE_SCHEME`.
 */
export function registerExactEvmScheme<Client extends SchemeRegistrar>(client: Client, config: ExactEvmConfig): Client {
  assertOptions(config, 'registerExactEvmScheme', ['signer', 'networks', 'policies', 'schemeOptions'])
  const { signer, networks = ['eip155:*'], policies = [], schemeOptions } = config
  const scheme = new ExactEvmScheme(signer, schemeOptions)
  for (const network of networks) client.register(network, scheme)
  for (const policy of policies) client.registerPolicy(policy)
  return client
}
