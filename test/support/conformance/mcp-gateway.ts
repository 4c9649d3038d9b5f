import { Client as Client2, InMemoryTransport as Transport2 } from '@modelcontextprotocol/client'
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js'
import { InMemoryTransport as Transport1 } from '@modelcontextprotocol/sdk/inMemory.js'
import { Server as Server1 } from '@modelcontextprotocol/sdk/server/index.js'
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { Server as Server2 } from '@modelcontextprotocol/server'
import { toRpcError } from '../mcp/gate.js'
import type { ToolResult } from '../mcp/goods.js'
import { MCP_PAYMENT_META_KEY, MCP_PAYMENT_RESPONSE_META_KEY, toToolResult } from '../mcp/payment-wrapper.js'

/** Where a result says which status the seller answered with: nothing of the protocol's, and for whoever tests. */
export const STATUS = 'situation/status'

/** What a tool of the gateway is given: one request to the seller that stands behind it. */
export type AskedOfGateway = {
  readonly path: string
  readonly method: string
  readonly body?: string | undefined
}

/** Its tools: one that may be repeated, as GET may, and one that may not. */
export const GATEWAY_TOOLS = { read: 'read', write: 'write' } as const

const info = { name: 'gateway', version: '1.0.0' }
const inputSchema = { type: 'object' as const }
const listed = {
  tools: [
    { name: GATEWAY_TOOLS.read, inputSchema, annotations: { readOnlyHint: true } },
    { name: GATEWAY_TOOLS.write, inputSchema },
  ],
}

/**
 * Connects a client of SDK 1 to a server of tools that asks a seller behind HTTP, and hands on what it says in the tool-result binding.
 *
 * So that what sellers do in a situation happens to a buyer over MCP, too. What the seller doesn't answer is an error of JSON-RPC.
 */
export async function connectGateway1(origin: string): Promise<Client1> {
  const server = new Server1(info, { capabilities: { tools: {} } })
  server.setRequestHandler(ListToolsRequestSchema, () => listed)
  server.setRequestHandler(CallToolRequestSchema, ({ params }, { signal }) => answer(origin, params, signal))
  const [buyerSide, sellerSide] = Transport1.createLinkedPair()
  const client = new Client1(info)
  await Promise.all([server.connect(sellerSide), client.connect(buyerSide)])
  return client
}

/** The same for a client of SDK 2. */
export async function connectGateway2(origin: string): Promise<Client2> {
  const server = new Server2(info, { capabilities: { tools: {} } })
  server.setRequestHandler('tools/list', () => listed)
  server.setRequestHandler('tools/call', ({ params }, { mcpReq }) =>
    answer(origin, { ...params, _meta: mcpReq._meta }, mcpReq.signal),
  )
  const [buyerSide, sellerSide] = Transport2.createLinkedPair()
  const client = new Client2(info)
  await Promise.all([server.connect(sellerSide), client.connect(buyerSide)])
  return client
}

type Params = {
  readonly arguments?: { readonly [name: string]: unknown } | undefined
  readonly _meta?: { readonly [name: string]: unknown } | undefined
}

async function answer(origin: string, params: Params, signal: AbortSignal): Promise<ToolResult> {
  const { path, method, body } = params.arguments as AskedOfGateway
  const headers = toPaymentHeaders(params._meta?.[MCP_PAYMENT_META_KEY])
  const asked = { method, headers, signal, redirect: 'manual', ...(body !== undefined && { body }) } as const
  const response = await fetch(`${origin}${path}`, asked).catch((cause: unknown) => {
    throw toRpcError(-32603, 'the seller gave no answer', { cause: String(cause) })
  })
  const text = await response.text().catch((cause: unknown) => {
    throw toRpcError(-32603, 'the answer of the seller broke off', { cause: String(cause) })
  })
  const receipt = decode(response.headers.get('payment-response') ?? response.headers.get('x-payment-response'))
  const meta = {
    [STATUS]: response.status,
    ...(receipt !== undefined && { [MCP_PAYMENT_RESPONSE_META_KEY]: receipt }),
  }
  const terms = response.status === 402 ? readTerms(response, text) : undefined
  if (terms !== undefined) return { ...toToolResult(terms), _meta: meta }
  return {
    content: [{ type: 'text', text }],
    ...(response.status >= 400 && { isError: true }),
    _meta: meta,
  }
}

/** Each version of the protocol has a header of its own. */
function toPaymentHeaders(payment: unknown): Record<string, string> {
  if (payment === undefined) return {}
  const name = Reflect.get(new Object(payment), 'x402Version') === 1 ? 'x-payment' : 'payment-signature'
  return { [name]: Buffer.from(JSON.stringify(payment)).toString('base64') }
}

function readTerms(response: Response, text: string): object | undefined {
  const terms = decode(response.headers.get('payment-required')) ?? parse(text)
  return typeof terms === 'object' && terms !== null && 'x402Version' in terms ? terms : undefined
}

function decode(header: string | null): unknown {
  return header === null ? undefined : (parse(Buffer.from(header, 'base64').toString()) ?? header)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
