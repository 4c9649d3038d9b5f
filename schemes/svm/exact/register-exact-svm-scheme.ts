import { assertOptions } from '../../../src/errors/options.js'
import type { SchemeNetworkClient } from '../../../src/payment/scheme.js'
import type { Network } from '../../../src/wire/network.js'
import type { PaymentRequirements } from '../../../src/wire/requirements.js'
import type { SvmSigner } from '../signer.js'
import { type ClientSvmConfig, ExactSvmScheme } from './exact-svm-scheme.js'

/** What a scheme is registered with: an `x402Client` of ours or of `@x402/core`. */
export type SchemeRegistrar = {
  register(network: Network, scheme: SchemeNetworkClient): unknown
  registerPolicy(
    policy: (x402Version: number, paymentRequirements: PaymentRequirements[]) => readonly PaymentRequirements[],
  ): unknown
}

/** How {@link registerExactSvmScheme} is told what to register. */
export type ExactSvmConfig = {
  /** Signs; see {@link ExactSvmScheme}. */
  signer: SvmSigner
  /** Where it signs. @default ['solana:*'], every cluster */
  networks?: readonly Network[] | undefined
  /** Filter and reorder the offers of every scheme of the client. @default none */
  policies?: readonly Parameters<SchemeRegistrar['registerPolicy']>[0][] | undefined
  /** See {@link ExactSvmScheme.Options}. @default none */
  schemeOptions?: ExactSvmScheme.Options | ClientSvmConfig | undefined
}

/**
 * Registers {@link ExactSvmScheme} in one call, as `@x402/svm` does. Both protocols are served by it.
 *
 * @example
 * ```ts
 * const signer = await toClientSvmSigner(new Uint8Array(32).fill(0x22))
 * registerExactSvmScheme(new x402Client(), { signer })
 * ```
 *
 * @param client - Registers the scheme.
 * @param config - The signer, and where it signs.
 * @returns The client.
 * @throws {@link ConfigurationError} for an option or a signer that can't be read, and `DUPLICATE_SCHEME`.
 */
export function registerExactSvmScheme<Client extends SchemeRegistrar>(client: Client, config: ExactSvmConfig): Client {
  assertOptions(config, 'registerExactSvmScheme', ['signer', 'networks', 'policies', 'schemeOptions'])
  const { signer, networks = ['solana:*'], policies = [], schemeOptions } = config
  const scheme = new ExactSvmScheme(signer, schemeOptions)
  for (const network of networks) client.register(network, scheme)
  for (const policy of policies) client.registerPolicy(policy)
  return client
}
