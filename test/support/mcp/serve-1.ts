import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import { openServer1 } from './open-server-1.js'
import type { Shop } from './open-shop.js'
import type { ServerPlan } from './plan.js'

/** Serves with SDK 1 to whoever started this process. */
export async function serveStdio(plan: ServerPlan, shop: Shop): Promise<void> {
  const server = await openServer1(plan, shop)
  await server.connect(new StdioServerTransport())
}

/** Answers with SDK 1: a session for each client, as most of its servers have it. */
export async function serveHttp(plan: ServerPlan, shop: Shop): Promise<(request: Request) => Promise<Response>> {
  const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>()
  return async (request) => {
    const known = sessions.get(request.headers.get('mcp-session-id') ?? '')
    if (known !== undefined) return known.handleRequest(request)
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
      onsessioninitialized: (id) => void sessions.set(id, transport),
    })
    const server = await openServer1(plan, shop)
    await server.connect(transport as never) // the SDK's own types don't hold each other to exact optional properties
    return transport.handleRequest(request)
  }
}
