import { HTTPFacilitatorClient, x402ResourceServer } from '@x402/core/server'
import type { PaymentRequirements } from '@x402/core/types'
import { ExactEvmScheme } from '@x402/evm/exact/server'
import { createExtensionGate } from './extension-gate.js'
import type { Gate } from './gate.js'
import type { Tool, ToolResult } from './goods.js'
import { createPaymentWrapper, MCP_PAYMENT_META_KEY } from './payment-wrapper.js'
import { NETWORK, PRICE, type ServerPlan } from './plan.js'
import { createProtocol1Gate } from './protocol-1-gate.js'

/** Runs a tool for whoever calls it. */
export type Sell = (
  args: { city: string },
  extra: { _meta?: { [key: string]: unknown } | undefined },
) => Promise<ToolResult>

/** What a dialect makes of a server, whichever SDK it's written with. */
export type Shop = {
  /** Puts the price on a tool. */
  sell(tool: Tool): Sell
  /** Puts prices on requests, where the dialect has them there. */
  readonly gate?: Gate
}

/** Opens a shop, with the official server code behind it. */
export async function openShop(plan: ServerPlan): Promise<Shop> {
  const facilitator = new HTTPFacilitatorClient({ url: plan.facilitator })
  const give = ({ run }: Tool): Sell => run
  if (plan.dialect === 'cloudflare') return { sell: give }
  if (plan.dialect === 'protocol 1') return { sell: give, gate: createProtocol1Gate(facilitator, plan) }
  const server = new x402ResourceServer(facilitator).register(NETWORK.caip, new ExactEvmScheme())
  await server.initialize()
  const accepts = await server.buildPaymentRequirements({
    scheme: 'exact',
    network: NETWORK.caip,
    price: PRICE.dollars,
    payTo: plan.payTo,
  })
  if (plan.dialect === 'extension') return { sell: give, gate: createExtensionGate(server, accepts) }
  const wrap = plan.dialect === 'mppx' ? await loadMppx(server, accepts) : wrapWith(server, accepts)
  return {
    sell(tool) {
      if (!tool.isPaid) return tool.run
      const paid = plan.keepsResults ? keepResults(wrap(tool)) : wrap(tool)
      return plan.dialect === 'text' ? async (args, extra) => withoutStructure(await paid(args, extra)) : paid
    },
  }
}

type Wrap = (tool: Tool) => Sell

function wrapWith(server: x402ResourceServer, accepts: readonly PaymentRequirements[]): Wrap {
  return ({ name, description, run }) =>
    createPaymentWrapper(server, { accepts, resource: { url: `mcp://tool/${name}`, description } })(run)
}

/** What was bought by a payment, whoever presents it, and though the first response was lost. */
const kept = new Map<string, Promise<ToolResult>>()

function keepResults(sell: Sell): Sell {
  return (args, extra) => {
    const payment = JSON.stringify(extra._meta?.[MCP_PAYMENT_META_KEY])
    if (payment === undefined) return sell(args, extra)
    const result = kept.get(payment) ?? sell(args, extra)
    kept.set(payment, result)
    return result
  }
}

/** Terms as text alone, as Apify's servers have them: an SDK may hold `structuredContent` to the tool's own schema. */
function withoutStructure({ structuredContent, ...rest }: ToolResult): ToolResult {
  return rest.isError ? rest : { ...rest, ...(structuredContent && { structuredContent }) }
}

async function loadMppx(server: x402ResourceServer, accepts: readonly PaymentRequirements[]): Promise<Wrap> {
  const { mpp } = await import('mppx/x402/mcp')
  return ({ name, description, run }) =>
    mpp(server, {
      accepts: [...accepts],
      resource: { url: `mcp://tool/${name}`, description },
      secretKey: 'thirty-two characters that only tests have',
    })(run) as Sell
}
