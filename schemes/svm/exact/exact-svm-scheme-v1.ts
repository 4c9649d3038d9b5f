import type { DefaultAsset, SchemeContext } from '../../../src/payment/scheme.js'
import type { Network } from '../../../src/wire/network.js'
import { type PaymentRequirements, readRequirements } from '../../../src/wire/requirements.js'
import { listV1Names, readV1Network } from '../../../src/wire/v1-networks.js'
import { ExactSvmScheme } from './exact-svm-scheme.js'
import { refused } from './terms.js'

/** The names that protocol 1 has for the clusters of Solana, for `registerV1`. Source: `@x402/svm/v1` 2.27. */
export const NETWORKS: readonly string[] = /* @__PURE__ */ listV1Names('solana')

/**
 * {@link ExactSvmScheme} under the name that `@x402/svm/v1` has for it, for programs that register it with `registerV1`. In a client of ours,
 * `register` with one {@link ExactSvmScheme} serves both protocols.
 *
 * @example
 * ```ts
 * const old = new x402Client().registerV1('solana-devnet', new ExactSvmSchemeV1(signer))
 * ```
 */
export class ExactSvmSchemeV1 extends ExactSvmScheme {
  /**
   * Signs the terms; see {@link ExactSvmScheme.createPaymentPayload}. It also takes an entry of `accepts` as it stands in protocol 1, which is
   * what the official client hands to a scheme.
   */
  override async createPaymentPayload(
    x402Version: number,
    requirements: PaymentRequirements,
    context?: SchemeContext,
  ): Promise<{ x402Version: number; payload: { transaction: string }; scheme: string; network: Network }> {
    const { scheme, network } = requirements
    const read = 'maxAmountRequired' in requirements ? readRequirements(requirements, 1) : { value: requirements }
    if ('problem' in read) throw refused(read.problem)
    return { ...(await super.createPaymentPayload(x402Version, read.value, context)), scheme, network }
  }

  /** The dollar-pegged token of this mint, if it is a known one. The cluster may have its name of protocol 1. */
  override findDefaultAsset(asset: string, network: Network): DefaultAsset | undefined {
    return super.findDefaultAsset(asset, readV1Network(network) ?? network)
  }
}
