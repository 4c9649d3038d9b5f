import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { putGate } from './gate.js'
import { inputSchema, outputSchema, prompt, resource, tools } from './goods.js'
import type { Shop } from './open-shop.js'
import { PRICE, type ServerPlan, toX402Config } from './plan.js'

/** Creates a server of SDK 1 that sells everything. */
export async function openServer1(plan: ServerPlan, { sell, gate }: Shop): Promise<McpServer> {
  const server = new McpServer({ name: 'weather', version: '1.0.0' })
  if (gate !== undefined) putGate(server.server, gate)
  const cloudflare =
    plan.dialect === 'cloudflare' ? (await import('agents/x402')).withX402(server, toX402Config(plan)) : undefined
  for (const tool of tools) {
    const { name, description, hasSchema, isReadOnly, isPaid } = tool
    const annotations = { readOnlyHint: isReadOnly }
    const paid = sell(tool)
    if (cloudflare !== undefined && isPaid) {
      cloudflare.paidTool(name, description, PRICE.usd, inputSchema, annotations, paid)
    } else if (hasSchema) {
      server.registerTool(name, { description, inputSchema, outputSchema, annotations }, paid)
    } else {
      server.registerTool(name, { description, inputSchema, annotations }, paid)
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
