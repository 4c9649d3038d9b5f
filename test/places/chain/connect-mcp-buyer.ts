import type { CallOptions } from '../../../src/index.js'
import { wrapMCPClientWithPayment } from '../../../src/mcp/index.js'
import { paymentOf } from '../../../src/payment/summary.js'
import { connect1, connect2 } from '../../support/mcp/connect.js'
import type { ToolResult } from '../../support/mcp/goods.js'
import type { Place } from '../../support/mcp/start-server.js'
import type { ChainBuyer } from './create-chain-buyer.js'

/** Which client buys. `modern` is SDK 2 in the revision of 2026-07-28. */
export type Sdk = 1 | 2 | 'modern'

/** What is asked about, and how. */
type Options = { city?: string; timeout?: number; signal?: AbortSignal; x402?: CallOptions }

/** A paying client of a server of tools, the same for all SDKs. */
export type McpBuyer = {
  callTool(name: string, options?: Options): Promise<ToolResult>
  readResource(uri: string): Promise<{ contents: unknown }>
  getPrompt(name: string): Promise<{ messages: unknown }>
  listTools(): Promise<{ tools: unknown[] }>
  close(): Promise<void>
}

/** Connects a client to a server, and lets a buyer pay for what it calls. Over stdio, that starts the server. */
export async function connectMcpBuyer(
  sdk: Sdk,
  place: Place,
  { client }: Pick<ChainBuyer, 'client'>,
): Promise<McpBuyer> {
  const options = place.transport === 'stdio' ? { server: 'stdio:weather' } : {}
  if (sdk === 1) {
    const paid = wrapMCPClientWithPayment(await connect1(place), client, options)
    return {
      callTool: async (name, { city = 'Lisbon', ...calling } = {}) =>
        (await paid.callTool({ name, arguments: { city } }, undefined, calling)) as ToolResult,
      readResource: (uri) => paid.readResource({ uri }),
      getPrompt: (name) => paid.getPrompt({ name }),
      listTools: () => paid.listTools(),
      close: () => paid.close(),
    }
  }
  const paid = wrapMCPClientWithPayment(await connect2(place, { isModern: sdk === 'modern' }), client, options)
  return {
    callTool: async (name, { city = 'Lisbon', ...calling } = {}) =>
      (await paid.callTool({ name, arguments: { city } }, calling)) as ToolResult,
    readResource: (uri) => paid.readResource({ uri }),
    getPrompt: (name) => paid.getPrompt({ name }),
    listTools: () => paid.listTools(),
    close: () => paid.close(),
  }
}

/** The payment beside a result that must have cost something. */
export function paidFor(result: object) {
  const payment = paymentOf(result)
  if (payment === undefined) throw new Error('the result was free')
  return payment
}
