import { x402Facilitator } from '@x402/core/facilitator'
import type { FacilitatorClient } from '@x402/core/server'
import type { Network } from '@x402/core/types'
import { toFacilitatorEvmSigner } from '@x402/evm'
import { ExactEvmScheme } from '@x402/evm/exact/facilitator'
import { ExactEvmSchemeV1 } from '@x402/evm/exact/v1/facilitator'
import { hashTypedData } from 'viem'
import type { Chain } from './create-chain.js'

/** The official facilitator as a seller sees it, and how often it was asked. */
export type OfficialFacilitator = FacilitatorClient & {
  readonly calls: { verify: number; settle: number }
}

/**
 * Creates the official facilitator, settling on a chain of ours in this process.
 *
 * Any number of payments may be settled at once.
 *
 * @param chain - Where it verifies and settles, with the chain's funded facilitator wallet.
 * @param options - How patient it is.
 */
export function createOfficialFacilitator(
  chain: Chain,
  { confirmationTimeoutMs = 10_000, factories = [] }: createOfficialFacilitator.Options = {},
): OfficialFacilitator {
  const { publicClient, facilitator: wallet } = chain
  const signer = toFacilitatorEvmSigner(
    {
      address: wallet.account.address,
      readContract: (call) => publicClient.readContract(call),
      verifyTypedData: ({ address, signature, ...signed }) =>
        publicClient.verifyHash({ address, signature, hash: hashTypedData(signed) }),
      getCode: (of) => publicClient.getCode(of),
      waitForTransactionReceipt: (wait) => publicClient.waitForTransactionReceipt(wait),
      writeContract: wallet.writeContract,
      sendTransaction: wallet.sendTransaction,
    },
    { confirmationTimeoutMs },
  )
  const facilitator = new x402Facilitator()
    .register(chain.network, new ExactEvmScheme(signer, { eip6492AllowedFactories: [...factories] }))
    // The type knows only names with a colon; protocol 1 has none.
    .registerV1('base-sepolia' as Network, new ExactEvmSchemeV1(signer))
  const calls = { verify: 0, settle: 0 }
  return {
    calls,
    verify: (payload, requirements) => {
      calls.verify += 1
      return facilitator.verify(payload, requirements)
    },
    settle: (payload, requirements) => {
      calls.settle += 1
      return facilitator.settle(payload, requirements)
    },
    getSupported: async () => {
      const { kinds, ...rest } = facilitator.getSupported()
      // The official facilitator types a kind's network as any string, the official seller as `namespace:reference`.
      const typed = kinds.flatMap(({ network, ...kind }) => (isNetwork(network) ? [{ ...kind, network }] : []))
      return { ...rest, kinds: typed }
    },
  }
}

export declare namespace createOfficialFacilitator {
  type Options = {
    /** How long it waits for a transaction to be mined before it answers `settlement_pending`. @default 10_000 */
    confirmationTimeoutMs?: number | undefined
    /** Whose accounts it deploys when they pay before they are there (ERC-6492). @default none */
    factories?: readonly string[] | undefined
  }
}

const isNetwork = (text: string): text is Network => text.includes(':')
