import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { serve } from '@hono/node-server'
import { Client as ClientOfTwo, StreamableHTTPClientTransport as HttpOfTwo } from '@modelcontextprotocol/client'
import { StdioClientTransport as StdioOfTwo } from '@modelcontextprotocol/client/stdio'
import { Client as ClientOfOne } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as StdioOfOne } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport as HttpOfOne } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { McpServer as ServerOfOne } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { createMcpHandler, McpServer as ServerOfTwo } from '@modelcontextprotocol/server'
import { afterEach, describe, expect, it } from 'vitest'
import { type PaymentTools, toMcpServer } from '../../../../src/agents/index.js'
import { createShop } from '../create-shop.js'

const ABOUT = { name: 'paying', version: '1.0.0' }
const SCRIPT = { routes: { '/weather': {}, '/report': { price: '$0.30' } } }
const SEEN = 'https://seller.example'

type Sdk = '1' | '2'
type Host = {
  listTools(): Promise<{ tools: object[] }>
  callTool(call: Call): Promise<unknown>
  close(): Promise<void>
}
type Call = { name: string; arguments: Record<string, unknown> }

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** A real HTTP server, as each SDK serves. */
async function serveHttp(sdk: Sdk, tools: PaymentTools): Promise<URL> {
  const handler = createMcpHandler(() => toMcpServer(tools, new ServerOfTwo(ABOUT)))
  const server =
    sdk === '1'
      ? createServer(async (request, response) => {
          const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true })
          await toMcpServer(tools, new ServerOfOne(ABOUT)).connect(transport as never) // its types don't know exactOptionalPropertyTypes
          await transport.handleRequest(request, response)
        })
      : serve({ fetch: (request) => handler.fetch(request), port: 0, overrideGlobalObjects: false })
  if (sdk === '1') server.listen(0, '127.0.0.1')
  if (!server.listening) await new Promise((resolve) => server.once('listening', resolve))
  ends.push(() => new Promise((resolve) => server.close(resolve)))
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`)
}

async function connect(sdk: Sdk, to: URL | { command: string; args: string[] }): Promise<Host> {
  if (sdk === '1') {
    const client = new ClientOfOne(ABOUT)
    await client.connect((to instanceof URL ? new HttpOfOne(to) : new StdioOfOne(to)) as never)
    ends.push(() => client.close())
    return client as Host
  }
  const client = new ClientOfTwo(ABOUT)
  await client.connect(to instanceof URL ? new HttpOfTwo(to) : new StdioOfTwo(to))
  ends.push(() => client.close())
  return client as Host
}

/** What an agent does with its host: looks, buys, is refused, and looks at its purchases. */
async function useTools(host: Host): Promise<unknown[]> {
  const { tools } = await host.listTools()
  const calls: Call[] = [
    { name: 'price', arguments: { url: `${SEEN}/weather` } },
    { name: 'pay_and_fetch', arguments: { url: `${SEEN}/weather` } },
    { name: 'pay_and_fetch', arguments: { url: `${SEEN}/report` } },
    { name: 'budget', arguments: {} },
    { name: 'my_purchases', arguments: {} },
  ]
  const results: unknown[] = [tools]
  for (const call of calls) results.push(await host.callTool(call))
  return results
}

const EXPECTED = [
  [
    { name: 'price', annotations: { readOnlyHint: true }, inputSchema: { type: 'object', required: ['url'] } },
    { name: 'pay_and_fetch', annotations: { readOnlyHint: false, openWorldHint: true } },
    { name: 'budget', inputSchema: { type: 'object' } },
    { name: 'my_purchases' },
  ],
  { isError: false, structuredContent: { price: '$0.01' } },
  {
    isError: false,
    content: [{ type: 'text', text: expect.stringContaining('"price":"$0.01"') }],
    structuredContent: { outcome: 'received', money: 'settled', untrusted: { body: '{"temperature":21}' } },
  },
  { isError: true, structuredContent: { outcome: 'refused', price: '$0.30' } },
  { isError: false, structuredContent: { left: [{ limit: 'total', left: '$0.49' }] } },
  { isError: false, structuredContent: { purchases: [{ price: '$0.01', money: 'settled' }] } },
]

const PAIRS = (['1', '2'] as const).flatMap((server) => (['1', '2'] as const).map((host) => [server, host] as const))

describe('toMcpServer', () => {
  it.each(PAIRS)('serves over streamable HTTP: a server of SDK %s, a host of SDK %s', async (server, host) => {
    const { tools, seller } = createShop(SCRIPT)
    expect(await useTools(await connect(host, await serveHttp(server, tools)))).toMatchObject(EXPECTED)
    expect(seller.payments).toHaveLength(1)
  })

  it.each([
    ['1', '2'],
    ['2', '1'],
  ] as const)('serves over stdio: a server of SDK %s, a host of SDK %s', async (server, host) => {
    const tsx = createRequire(import.meta.url).resolve('tsx/cli')
    const program = fileURLToPath(new URL('stdio-server.ts', import.meta.url))
    const config = fileURLToPath(new URL('../../../tsconfig.json', import.meta.url))
    const args = [tsx, '--tsconfig', config, program, server]
    expect(await useTools(await connect(host, { command: process.execPath, args }))).toMatchObject(EXPECTED)
  })
})
