import type { ClientOptions } from '../../../src/client/options.js'
import type { Payer } from '../../../src/client/payer.js'
import type { PaidRequestInit } from '../../../src/fetch/exchange.js'
import { wrapMCPClientWithPayment } from '../../../src/mcp/index.js'
import { paymentOf } from '../../../src/payment/summary.js'
import { createBuyer, type Narrow } from '../create-buyer.js'
import type { ToolResult } from '../mcp/goods.js'
import type { Ask } from './ask-through.js'
import type { DoorAnswer, StreamedAnswer } from './doors.js'
import { connectGateway1, connectGateway2, GATEWAY_TOOLS, STATUS } from './mcp-gateway.js'

/** A buyer who asks by MCP what situations ask in the words of fetch. */
export function shopByMcp(sdk: 1 | 2, options: ClientOptions, narrow?: Narrow) {
  const buyer = createBuyer(options, {}, narrow)
  const request = askByMcp(sdk, buyer.payer)
  return {
    ...buyer,
    request,
    /** A result comes in one piece. */
    async stream(url: string, init?: PaidRequestInit): Promise<StreamedAnswer> {
      const { text, ...answer } = await request(url, init)
      return { ...answer, chunks: inOnePiece(text) }
    },
  }
}

/** Asks through the door of MCP, for whoever pays; each seller has a connection of its own. */
export function askByMcp(sdk: 1 | 2, payer: Payer): Ask {
  const connections = new Map<string, Promise<Call>>()
  const connect = sdk === 1 ? connectBySdk1 : connectBySdk2
  return async (url, { method = 'GET', body, signal, x402, headers } = {}) => {
    const { origin, pathname, search } = new URL(url)
    const call = await (connections.get(origin) ?? remember(origin, connect(origin, payer)))
    const key = new Headers(headers).get('idempotency-key')
    const isRead = method === 'GET' || method === 'HEAD'
    return toAnswer(
      await call(
        {
          name: isRead ? GATEWAY_TOOLS.read : GATEWAY_TOOLS.write,
          arguments: { path: `${pathname}${search}`, method, ...(body != null && { body: toText(body) }) },
        },
        {
          ...(signal && { signal }),
          ...((x402 !== undefined || key !== null) && { x402: { ...(key !== null && { purchase: key }), ...x402 } }),
        },
      ),
    )
  }

  function remember(origin: string, connection: Promise<Call>): Promise<Call> {
    connections.set(origin, connection)
    return connection
  }
}

type Asked = { name: string; arguments: { [name: string]: unknown } }
type Options = Pick<PaidRequestInit, 'x402'> & { signal?: AbortSignal }
type Call = (params: Asked, options: Options) => Promise<object>

async function connectBySdk1(origin: string, payer: Payer): Promise<Call> {
  const client = wrapMCPClientWithPayment(await connectGateway1(origin), payer, { server: origin })
  await client.listTools()
  return (params, options) => client.callTool(params, undefined, options)
}

async function connectBySdk2(origin: string, payer: Payer): Promise<Call> {
  const client = wrapMCPClientWithPayment(await connectGateway2(origin), payer, { server: origin })
  await client.listTools()
  return (params, options) => client.callTool(params, options)
}

function toText(body: BodyInit): string {
  if (typeof body === 'string') return body
  throw new TypeError('arguments of a tool are JSON')
}

function toAnswer(result: object): DoorAnswer {
  const { content, _meta } = result as ToolResult
  return { status: Number(_meta?.[STATUS]), text: content[0]?.text ?? '', payment: paymentOf(result) }
}

async function* inOnePiece(text: string): AsyncGenerator<Uint8Array> {
  if (text !== '') yield new TextEncoder().encode(text)
}
