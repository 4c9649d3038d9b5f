import type * as z from 'zod'
import type { Outcome } from './failure.js'
import type { PaymentTool, ToolResult } from './tool.js'

/** What is used of an `McpServer`, of either SDK. */
export type McpServerLike = {
  registerTool(
    name: string,
    config: {
      description: string
      inputSchema: z.ZodObject
      annotations: { readOnlyHint: boolean; openWorldHint: boolean }
    },
    callback: (input: Record<string, unknown>, context: object) => Promise<McpToolResult>,
  ): unknown
}

/** What a tool of an MCP server returns. Source: the MCP specification of 2025-11-25, "Tools", "Tool result". */
export type McpToolResult = {
  content: { type: 'text'; text: string }[]
  structuredContent: { [name: string]: unknown }
  isError: boolean
}

/** Outcomes that a host shows as a failed call. What waits is none: there is nothing to correct. */
const FAILED: readonly Outcome[] = ['refused', 'lost', 'failed', 'bad-input']

/**
 * Registers tools on your own MCP server, over any transport: stdio or streamable HTTP.
 *
 * It takes an `McpServer` of `@modelcontextprotocol/sdk` 1 or `@modelcontextprotocol/server` 2, and imports neither. A result comes twice, as
 * text and as structured content; a call that failed has `isError`. MCP has no `needsApproval`: what costs more than `approveAbove` is refused.
 *
 * @example
 * ```ts
 * import { McpServer } from '@modelcontextprotocol/server'
 * import { createPaymentTools, toMcpServer } from 'pay402/agents'
 *
 * const agent = client.restrict({ total: '$0.50', networks: ['eip155:84532'], hosts: ['api.example.com'] })
 * const server = toMcpServer(createPaymentTools(agent), new McpServer({ name: 'paying', version: '1.0.0' }))
 * ```
 *
 * @param tools - Those of `createPaymentTools`, or some of them.
 * @param server - Yours, before it is connected.
 * @returns The same server.
 */
export function toMcpServer<Server extends McpServerLike>(tools: readonly PaymentTool[], server: Server): Server {
  for (const { name, description, inputSchema, isReadOnly, execute } of tools) {
    const annotations = { readOnlyHint: isReadOnly, openWorldHint: name === 'price' || name === 'pay_and_fetch' }
    server.registerTool(name, { description, inputSchema, annotations }, async (input, context) =>
      // SDK 1 has the signal in the context itself, SDK 2 in a part of it.
      toMcpResult(await execute(input, context, Reflect.get(new Object(context), 'mcpReq'))),
    )
  }
  return server
}

function toMcpResult(result: ToolResult): McpToolResult {
  return {
    content: [{ type: 'text', text: JSON.stringify(result) }],
    structuredContent: { ...result },
    isError: FAILED.includes(result.outcome),
  }
}
