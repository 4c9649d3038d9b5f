import type { FacilitatorClient } from '@x402/core/server'
import { type Gate, toRpcError, wantedBy } from './gate.js'
import { tools } from './goods.js'
import { MCP_PAYMENT_META_KEY, withReceipt } from './payment-wrapper.js'
import { NETWORK, PRICE, type ServerPlan } from './plan.js'

/** Sells tools in protocol 1: terms as an error 402 of JSON-RPC, and the payment where protocol 2 has it. */
export function createProtocol1Gate(facilitator: FacilitatorClient, { payTo, asset }: ServerPlan): Gate {
  const paid = new Set(tools.flatMap(({ name, isPaid }) => (isPaid ? [name] : [])))
  return async (request, _context, run) => {
    const wanted = wantedBy(request)
    if (wanted === undefined || !paid.has(wanted)) return run()
    const offer = {
      scheme: 'exact',
      network: NETWORK.protocol1,
      maxAmountRequired: PRICE.amount,
      resource: `mcp://tool/${wanted}`,
      description: wanted,
      mimeType: 'application/json',
      payTo,
      maxTimeoutSeconds: 300,
      asset,
      extra: { name: 'USDC', version: '2' },
    }
    const refuse = (error: string) => toRpcError(402, 'Payment required', { x402Version: 1, error, accepts: [offer] })
    const meta = new Object(request.params?.['_meta'])
    const payment: unknown = Reflect.get(meta, MCP_PAYMENT_META_KEY)
    if (payment === undefined) throw refuse('Payment required')
    const asked = [payment, offer] as unknown as Parameters<FacilitatorClient['verify']>
    const verified = await facilitator.verify(...asked)
    if (!verified.isValid) throw refuse(verified.invalidReason ?? 'invalid')
    const result = await run()
    if (result.isError) return result
    const receipt = await facilitator.settle(...asked)
    if (!receipt.success) throw refuse(receipt.errorReason ?? 'not settled')
    return withReceipt({ result, receipt })
  }
}
