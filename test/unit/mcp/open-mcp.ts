import {
  Client as ClientV2,
  StreamableHTTPClientTransport,
  InMemoryTransport as TransportV2,
} from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { InMemoryTransport as TransportV1 } from '@modelcontextprotocol/sdk/inMemory.js'
import { Server as ServerV1 } from '@modelcontextprotocol/sdk/server/index.js'
import {
  CallToolRequestSchema,
  GetPromptRequestSchema,
  ListToolsRequestSchema,
  ReadResourceRequestSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { createMcpHandler, Server as ServerV2 } from '@modelcontextprotocol/server'
import { onTestFinished } from 'vitest'

/** One request that a seller over MCP was sent. */
export type Asked = {
  readonly method: string
  readonly params: { readonly name?: string; readonly uri?: string; readonly arguments?: Record<string, unknown> }
  /** As it was sent: an object, or a text. */
  readonly payment: unknown
  readonly meta: Record<string, unknown>
  /** Ends when the client gives up. */
  readonly signal: AbortSignal
}

/** What a seller does with a request; its throw is an error of JSON-RPC. */
export type Sell = (asked: Asked) => object | Promise<object>

/** A seller and what it was asked. */
export type McpSeller = {
  readonly asked: Asked[]
  /** Every payment that it was shown, once however often. */
  payments(): string[]
}

type Tools = readonly object[]

function createSeller(sell: Sell) {
  const asked: Asked[] = []
  const answer = async (method: string, params: object, signal: AbortSignal, envelope: object = {}) => {
    const meta = { ...envelope, ...(Reflect.get(params, '_meta') as Record<string, unknown> | undefined) }
    const one: Asked = { method, params, payment: meta['x402/payment'], meta, signal }
    asked.push(one)
    return (await sell(one)) as never
  }
  const payments = () => [
    ...new Set(asked.flatMap(({ payment }) => (payment === undefined ? [] : [JSON.stringify(payment)]))),
  ]
  return { asked, payments, answer }
}

const INFO = { name: 'seller', version: '1.0.0' }
const CAPABILITIES = { tools: {}, resources: {}, prompts: {} }

/** A client of version 1 of the SDK, connected to a server of version 1 in memory. */
export async function openV1(sell: Sell, tools: Tools = []): Promise<McpSeller & { mcpClient: ClientV1 }> {
  const { answer, ...seller } = createSeller(sell)
  const server = new ServerV1(INFO, { capabilities: CAPABILITIES })
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools }) as never)
  server.setRequestHandler(CallToolRequestSchema, ({ method, params }, { signal }) => answer(method, params, signal))
  server.setRequestHandler(ReadResourceRequestSchema, ({ method, params }, { signal }) =>
    answer(method, params, signal),
  )
  server.setRequestHandler(GetPromptRequestSchema, ({ method, params }, { signal }) => answer(method, params, signal))
  const [near, far] = TransportV1.createLinkedPair()
  await server.connect(far)
  const mcpClient = new ClientV1({ name: 'buyer', version: '1.0.0' })
  await mcpClient.connect(near)
  onTestFinished(() => mcpClient.close())
  return { ...seller, mcpClient }
}

/** A client of version 2 of the SDK, connected to a server of version 2 in memory. */
export async function openV2(sell: Sell, tools: Tools = []): Promise<McpSeller & { mcpClient: ClientV2 }> {
  const { answer, ...seller } = createSeller(sell)
  const [near, far] = TransportV2.createLinkedPair()
  await createServerV2(answer, tools).connect(far)
  const mcpClient = new ClientV2({ name: 'buyer', version: '1.0.0' })
  await mcpClient.connect(near)
  onTestFinished(() => mcpClient.close())
  return { ...seller, mcpClient }
}

/** The same over HTTP within the process, in the protocol version of July 2026. */
export async function openModern(
  sell: Sell,
  url = 'https://mcp.example.com/mcp?key=very-secret',
): Promise<McpSeller & { mcpClient: ClientV2; connect(url: string): Promise<void> }> {
  const { answer, ...seller } = createSeller(sell)
  const handler = createMcpHandler(() => createServerV2(answer, []))
  const mcpClient = new ClientV2({ name: 'buyer', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } })
  const connect = (to: string) =>
    mcpClient.connect(
      new StreamableHTTPClientTransport(new URL(to), {
        fetch: (input, init) => handler.fetch(new Request(input, init)),
      }),
    )
  await connect(url)
  onTestFinished(() => mcpClient.close())
  return { ...seller, mcpClient, connect }
}

type Answering = ReturnType<typeof createSeller>['answer']

function createServerV2(answer: Answering, tools: Tools): ServerV2 {
  const server = new ServerV2(INFO, { capabilities: CAPABILITIES })
  server.setRequestHandler('tools/list', () => ({ tools }) as never)
  for (const method of ['tools/call', 'resources/read', 'prompts/get'] as const) {
    server.setRequestHandler(method, ({ params }, { mcpReq }) => answer(method, params, mcpReq.signal, mcpReq.envelope))
  }
  return server
}

/** What clients of both versions have in common, as far as the tests call it. */
type McpClient = {
  callTool(params: { name: string; arguments?: Record<string, unknown> }): Promise<object>
  readResource(params: { uri: string }): Promise<object>
  getPrompt(params: { name: string }): Promise<object>
  listTools(): Promise<object>
  getServerVersion(): object | undefined
  getServerCapabilities(): object | undefined
  ping(): Promise<object>
  close(): Promise<void>
}

type Open = (sell: Sell, tools?: Tools) => Promise<McpSeller & { readonly mcpClient: McpClient }>

/** Both versions, for what holds for each. */
export const VERSIONS: readonly (readonly [version: string, open: Open])[] = [
  ['version 1 of the SDK', openV1],
  ['version 2 of the SDK', openV2],
]
