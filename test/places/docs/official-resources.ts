import { x402Facilitator } from '@x402/core/facilitator'
import { x402ResourceServer } from '@x402/core/server'
import { ExactEvmScheme as ExactEvmFacilitator } from '@x402/evm/exact/facilitator'
import { ExactEvmScheme as ExactEvmServer } from '@x402/evm/exact/server'
import { NETWORK, USDC } from '../../support/offers.js'
import { createMadeUpChain } from '../quickstarts/create-made-up-chain.js'

/** The official server side of x402, for any transport, and how often each payment was settled. */
export type OfficialResources = {
  readonly resources: x402ResourceServer
  /** The signatures that were settled, once for each time. */
  readonly settled: readonly string[]
}

/** Creates it: every signature is verified, and only the chain is made up. */
export async function createOfficialResources(): Promise<OfficialResources> {
  const facilitator = new x402Facilitator().register(NETWORK, new ExactEvmFacilitator(createMadeUpChain([USDC])))
  const settled: string[] = []
  const resources = new x402ResourceServer({
    verify: (payload, requirements) => facilitator.verify(payload, requirements),
    settle: (payload, requirements) => {
      settled.push(String(payload.payload['signature']))
      return facilitator.settle(payload, requirements)
    },
    getSupported: async () => ({
      kinds: [{ x402Version: 2, scheme: 'exact', network: NETWORK }],
      extensions: [],
      signers: {},
    }),
  }).register(NETWORK, new ExactEvmServer())
  await resources.initialize()
  return { resources, settled }
}
