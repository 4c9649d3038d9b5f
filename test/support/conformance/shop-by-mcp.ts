import type { ClientOptions } from '../../../src/client/options.js'
import type { Payer } from '../../../src/client/payer.js'
import { isX402Error } from '../../../src/errors/x402-error.js'
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

/** Asks through the door of MCP, for whoever pays. All who ask one seller share a connection, as the tasks of an agent do. */
export function askByMcp(sdk: 1 | 2, payer: Payer): Ask {
  const open = sdk === 1 ? openBySdk1(payer) : openBySdk2(payer)
  return async (url, init = {}) => {
    const call = await open(new URL(url).origin)
    return call(toParams(url, init), toOptions(init)).then(toAnswer, (error: unknown) => {
      // What fetch would have ended with: the SDK has an error of its own for that.
      throw init.signal?.aborted && !isX402Error(error) ? init.signal.reason : error
    })
  }
}

type Asked = { name: string; arguments: { [name: string]: unknown } }
type Options = Pick<PaidRequestInit, 'x402'> & { signal?: AbortSignal }
type Call = (params: Asked, options: Options) => Promise<object>

const gateways1 = new Map<string, ReturnType<typeof connectGateway1>>()
const gateways2 = new Map<string, ReturnType<typeof connectGateway2>>()

function openBySdk1(payer: Payer): (origin: string) => Promise<Call> {
  return once(async (server) => {
    const client = wrapMCPClientWithPayment(await keep(gateways1, server, connectGateway1), payer, { server })
    await client.listTools()
    return (params: Asked, options: Options) => client.callTool(params, undefined, options)
  })
}

function openBySdk2(payer: Payer): (origin: string) => Promise<Call> {
  return once(async (server) => {
    const client = wrapMCPClientWithPayment(await keep(gateways2, server, connectGateway2), payer, { server })
    await client.listTools()
    return (params: Asked, options: Options) => client.callTool(params, options)
  })
}

function once<T>(make: (origin: string) => T): (origin: string) => T {
  const made = new Map<string, T>()
  return (origin) => keep(made, origin, make)
}

function keep<T>(made: Map<string, T>, origin: string, make: (origin: string) => T): T {
  const one = made.get(origin) ?? make(origin)
  made.set(origin, one)
  return one
}

/** What may be repeated is another tool than what may not, as GET is another method than POST. */
function toParams(url: string, { method = 'GET', body }: PaidRequestInit): Asked {
  const { pathname, search } = new URL(url)
  const isRead = method === 'GET' || method === 'HEAD'
  return {
    name: isRead ? GATEWAY_TOOLS.read : GATEWAY_TOOLS.write,
    arguments: { path: `${pathname}${search}`, method, ...(body != null && { body: toText(body) }) },
  }
}

/** Headers belong to the connection, but for the key: situations that are about them don't run. */
function toOptions({ signal, x402, headers }: PaidRequestInit): Options {
  const key = new Headers(headers).get('idempotency-key')
  const calling = { ...(key !== null && { purchase: key }), ...x402 }
  return { ...(signal && { signal }), ...(Object.keys(calling).length > 0 && { x402: calling }) }
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
