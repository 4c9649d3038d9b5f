import type { FacilitatorClient } from '@x402/core/server'
import type { Address, Hex } from 'viem'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import type { Chain } from '../../support/chain/create-chain.js'
import { createOfficialFacilitator } from '../../support/chain/official-facilitator.js'
import type { ServerPlan } from '../../support/mcp/plan.js'
import { type Place, startServer } from '../../support/mcp/start-server.js'
import { type SettleMeddle, startFacilitatorServer } from '../../support/money/start-facilitator-server.js'

/** A server of tools in a process of its own, settled by the official facilitator on a chain of ours. */
export type McpShop = {
  /** Where a client finds it. */
  readonly place: Place
  readonly payTo: Address
  /** Nonces of the authorizations that it was handed, each once. */
  readonly presented: ReadonlySet<Hex>
  /** How often it ever had one verified. */
  readonly calls: { readonly verify: number; readonly settle: number }
  stop(): Promise<void>
}

/**
 * Opens a shop.
 *
 * @param setting - Its dialect, its SDK and its transport.
 * @param meddle - What becomes of the facilitator's answer to a settlement, which is on the chain by then.
 */
export async function openMcpShop(
  chain: Chain,
  setting: Pick<ServerPlan, 'dialect' | 'sdk' | 'transport' | 'keepsResults'>,
  meddle?: SettleMeddle,
): Promise<McpShop> {
  const presented = new Set<Hex>()
  const official = createOfficialFacilitator(chain)
  const watching: FacilitatorClient = {
    ...official,
    verify(payload, requirements) {
      presented.add(readNonce(payload))
      return official.verify(payload, requirements)
    },
  }
  const facilitator = await startFacilitatorServer(watching, meddle)
  const payTo = privateKeyToAddress(generatePrivateKey())
  const server = await startServer({ ...setting, facilitator: facilitator.url, payTo, asset: chain.usdc })
  return {
    place: server.place,
    payTo,
    presented,
    calls: official.calls,
    async stop() {
      await server.stop()
      await facilitator.stop()
    },
  }
}

function readNonce({ payload }: Parameters<FacilitatorClient['verify']>[0]): Hex {
  return Reflect.get(new Object(payload['authorization']), 'nonce')
}
