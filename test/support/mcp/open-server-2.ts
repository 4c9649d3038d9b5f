import { McpServer, type ServerContext } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { EXTENSION } from './extension-gate.js'
import { putGate } from './gate.js'
import { inputSchema, outputSchema, prompt, resource, tools } from './goods.js'
import type { Shop } from './open-shop.js'
import { PRICE, type ServerPlan, toX402Config } from './plan.js'

/** Creates a server of SDK 2 that sells everything. */
export async function openServer2(plan: ServerPlan, { sell, gate }: Shop): Promise<McpServer> {
  const isExtended = plan.dialect === 'extension'
  const server = new McpServer(
    { name: 'weather', version: '1.0.0' },
    isExtended ? { capabilities: { extensions: { [EXTENSION]: {} } } } : {},
  )
  if (gate !== undefined) putGate(server.server, gate)
  const cloudflare =
    plan.dialect === 'cloudflare' ? (await import('agents/x402')).withX402(server, toX402Config(plan)) : undefined
  for (const tool of tools) {
    const { name, description, hasSchema, isReadOnly, isPaid } = tool
    const config = { description, inputSchema: z.object(inputSchema), annotations: { readOnlyHint: isReadOnly } }
    const paid = sell(tool)
    const run = (args: { city: string }, { mcpReq }: ServerContext) => paid(args, { _meta: mcpReq._meta })
    if (cloudflare !== undefined && isPaid) {
      cloudflare.paidTool(name, description, PRICE.usd, inputSchema, config.annotations, run)
    } else if (hasSchema) {
      server.registerTool(name, { ...config, outputSchema: z.object(outputSchema) }, run)
    } else {
      server.registerTool(name, config, run)
    }
  }
  server.registerResource(resource.name, resource.uri, {}, async () => ({
    contents: [{ uri: resource.uri, text: resource.text }],
  }))
  server.registerPrompt(prompt.name, { description: prompt.description }, async () => ({
    messages: [{ role: 'user', content: { type: 'text', text: prompt.text } }],
  }))
  return server
}
