import { fail } from '../../src/errors/fail.js'
import type { DefaultAsset, SchemeContext } from '../../src/payment/scheme.js'
import type { Network } from '../../src/wire/network.js'
import { type PaymentRequirements, readRequirements } from '../../src/wire/requirements.js'
import { readV1Network } from '../../src/wire/v1-networks.js'
import { TERMS_REFUSED } from './errors.js'
import { type ExactEvmPayload, ExactEvmScheme } from './exact-evm-scheme.js'

/**
 * {@link ExactEvmScheme} under the name that `@x402/evm/v1` has for it, for programs that register it with `registerV1`. In a client of ours,
 * `register` with one {@link ExactEvmScheme} serves both protocols.
 *
 * @example
 * ```ts
 * const old = new x402Client().registerV1('base-sepolia', new ExactEvmSchemeV1(account))
 * ```
 */
export class ExactEvmSchemeV1 extends ExactEvmScheme {
  /**
   * Signs the terms; see {@link ExactEvmScheme.createPaymentPayload}. It also takes an entry of `accepts` as it stands in protocol 1, which is
   * what the official client hands to a scheme.
   */
  override async createPaymentPayload(
    x402Version: number,
    requirements: PaymentRequirements,
    context?: SchemeContext,
  ): Promise<ExactEvmPayload & { scheme: string; network: Network }> {
    const { scheme, network } = requirements
    const read = 'maxAmountRequired' in requirements ? readRequirements(requirements, 1) : { value: requirements }
    if ('problem' in read) throw fail(TERMS_REFUSED, { words: read })
    return { ...(await super.createPaymentPayload(x402Version, read.value, context)), scheme, network }
  }

  /** The dollar-pegged token at this address, if it is a known one. The network may have its name of protocol 1. */
  override findDefaultAsset(asset: string, network: Network): DefaultAsset | undefined {
    return super.findDefaultAsset(asset, readV1Network(network) ?? network)
  }
}
