import { x402Facilitator } from '@x402/core/facilitator'
import type { FacilitatorClient } from '@x402/core/server'
import type { Network } from '@x402/core/types'
import { toFacilitatorSvmSigner } from '@x402/svm'
import { ExactSvmScheme } from '@x402/svm/exact/facilitator'
import { ExactSvmSchemeV1 } from '@x402/svm/exact/v1/facilitator'
import type { SvmChain } from './create-svm-chain.js'

/**
 * Creates the official facilitator, settling on a cluster of ours.
 *
 * @param options - Its limits, as an operator sets them.
 */
export function createOfficialSvmFacilitator(
  chain: SvmChain,
  options: ConstructorParameters<typeof ExactSvmScheme>[2] = {},
): FacilitatorClient {
  const signer = toFacilitatorSvmSigner(chain.facilitator, { defaultRpcUrl: chain.url })
  const facilitator = new x402Facilitator()
    .register(chain.network, new ExactSvmScheme(signer, undefined, options))
    // The type knows only names with a colon; protocol 1 has none.
    .registerV1('solana-devnet' as Network, new ExactSvmSchemeV1(signer))
  return {
    verify: (payload, requirements) => facilitator.verify(payload, requirements),
    settle: (payload, requirements) => facilitator.settle(payload, requirements),
    getSupported: async () => {
      const { kinds, ...rest } = facilitator.getSupported()
      // The official facilitator types a kind's network as any string, the official seller as `namespace:reference`.
      const typed = kinds.flatMap(({ network, ...kind }) => (isNetwork(network) ? [{ ...kind, network }] : []))
      return { ...rest, kinds: typed }
    },
  }
}

const isNetwork = (text: string): text is Network => text.includes(':')
