import { createServer } from 'node:http'
import { register } from 'node:module'
import { getRequestListener } from '@hono/node-server'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import { createMcpHandler } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { listen } from '../chain/listen.js'
import { openServer1 } from './open-server-1.js'
import { openServer2 } from './open-server-2.js'
import { openShop } from './open-shop.js'
import type { ServerPlan } from './plan.js'

/** Serves what its plan says, until its client goes away or ends it. Over HTTP it tells its address in a line. */
const plan: ServerPlan = JSON.parse(process.argv[2] ?? '')

// mppx builds on a package that isn't on npm; what it takes from there is written from the specification.
const wrapper = new URL('./payment-wrapper.mjs', import.meta.url).href
const hook = `export const resolve = (name, context, next) =>
  name === '@x402/mcp' ? { url: ${JSON.stringify(wrapper)}, shortCircuit: true } : next(name, context)`
register(`data:text/javascript,${encodeURIComponent(hook)}`)

const shop = await openShop(plan)
if (plan.transport === 'stdio') await overStdio()
else await overHttp()

async function overStdio(): Promise<void> {
  if (plan.sdk === 2) serveStdio(() => openServer2(plan, shop))
  else await openServer1(plan, shop).connect(new StdioServerTransport())
}

async function overHttp(): Promise<void> {
  const serve = plan.sdk === 2 ? createMcpHandler(() => openServer2(plan, shop)).fetch : serveSessions()
  const { url } = await listen(createServer(getRequestListener(serve)))
  process.stdout.write(`${url}/mcp\n`)
}

/** A session for each client, as most servers of SDK 1 have it. */
function serveSessions() {
  const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>()
  return async (request: Request): Promise<Response> => {
    const known = sessions.get(request.headers.get('mcp-session-id') ?? '')
    if (known !== undefined) return known.handleRequest(request)
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
      onsessioninitialized: (id) => void sessions.set(id, transport),
    })
    await openServer1(plan, shop).connect(transport)
    return transport.handleRequest(request)
  }
}
