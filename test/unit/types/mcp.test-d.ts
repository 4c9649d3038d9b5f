import type { CallToolResult, Client as ClientV2 } from '@modelcontextprotocol/client'
import type { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { expectTypeOf, test } from 'vitest'
import { x402Client } from '../../../src/index.js'
import { wrapMCPClientWithPayment, x402MCPClient } from '../../../src/mcp/index.js'

declare const first: ClientV1
declare const second: ClientV2
const client = new x402Client()

test('a wrapped MCP client is still a client of its SDK', () => {
  expectTypeOf(wrapMCPClientWithPayment(first, client)).toExtend<ClientV1>()
  expectTypeOf(wrapMCPClientWithPayment(second, client)).toExtend<ClientV2>()
})

test('a call of a wrapped MCP client takes options of its own where the SDK takes options', () => {
  const x402 = { max: '$0.01', purchase: 'monday' } as const
  void wrapMCPClientWithPayment(first, client).callTool({ name: 'a' }, undefined, { timeout: 1, x402 })
  const result = wrapMCPClientWithPayment(second, client).callTool({ name: 'a' }, { timeout: 1, x402 })
  expectTypeOf(result).resolves.toExtend<CallToolResult>()
  void wrapMCPClientWithPayment(second, client).readResource({ uri: 'a' }, { x402 })
  // @ts-expect-error a number says neither unit nor decimals
  void wrapMCPClientWithPayment(second, client).callTool({ name: 'a' }, { x402: { max: 1 } })
})

test('what x402MCPClient passes on has the types of the SDK', () => {
  const mcp = new x402MCPClient(second, client)
  expectTypeOf(mcp.listTools).parameters.toEqualTypeOf<Parameters<ClientV2['listTools']>>()
  expectTypeOf(mcp.close()).toEqualTypeOf<Promise<void>>()
})
