import type { x402ResourceServer } from '@x402/core/server'
import type { PaymentRequirements } from '@x402/core/types'
import { type Answer, type Gate, toRpcError, wantedBy } from './gate.js'
import { prompt, resource, tools } from './goods.js'
import { MCP_PAYMENT_META_KEY, sellOnce, toToolResult, withReceipt } from './payment-wrapper.js'

/** The extension as `transports-v2/mcp.md` names it. */
export const EXTENSION = 'org.x402/payment'

/** Where a request of 2026-07-28 says what its client can do. */
const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities'

/**
 * Sells tools, a resource and a prompt by the extension binding of `transports-v2/mcp.md`.
 *
 * Clients that don't advertise it get the tool-result binding; there, for lack of one, resources and prompts answer with an error 402.
 */
export function createExtensionGate(server: x402ResourceServer, accepts: readonly PaymentRequirements[]): Gate {
  const paid = new Set([...tools.flatMap(({ name, isPaid }) => (isPaid ? [name] : [])), resource.uri, prompt.name])
  return async (request, context, run) => {
    const wanted = wantedBy(request)
    if (wanted === undefined || !paid.has(wanted)) return run()
    const description = `${request.method} of ${wanted}`
    const config = {
      accepts,
      resource: { url: `mcp://weather.example.com/${request.method}/${encodeURIComponent(wanted)}`, description },
    }
    const payment = readObject(request.params, '_meta', MCP_PAYMENT_META_KEY)
    const bought = await sellOnce<Answer>(server, config, payment, run)
    if ('result' in bought) return withReceipt(bought)
    if (advertises(request.params, context)) return { resultType: 'payment_required', paymentRequired: bought.unpaid }
    if (request.method === 'tools/call') return toToolResult(bought.unpaid)
    throw toRpcError(402, 'Payment required', bought.unpaid)
  }
}

/** SDK 2 lifts what a client says of itself out of `_meta`, into the context. */
function advertises(params: unknown, context: unknown): boolean {
  const envelope = readObject(context, 'mcpReq', 'envelope', CAPABILITIES) ?? readObject(params, '_meta', CAPABILITIES)
  return readObject(envelope, 'extensions', EXTENSION) !== undefined
}

function readObject(from: unknown, ...path: readonly string[]): object | undefined {
  let value = from
  for (const name of path) value = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  return typeof value === 'object' && value !== null ? value : undefined
}
