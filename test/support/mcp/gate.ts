import type { ToolResult } from './goods.js'

/** A request as both SDKs hand it to whoever answers it. */
export type GatedRequest = { readonly method: string; readonly params?: { readonly [key: string]: unknown } }

/** Stands before all that a server answers, and lets pass what is free or paid. */
export type Gate = (request: GatedRequest, context: unknown, run: () => Promise<Answer>) => Promise<Answer>

/** What is answered to a request, whatever its method. */
export type Answer = Partial<ToolResult>

type Handler = (request: GatedRequest, context: unknown) => Answer | Promise<Answer>

/**
 * Puts a gate before what a server registers from now on: tools, resources and prompts.
 *
 * @param host - The server below an `McpServer`, of either SDK.
 */
export function putGate(host: object, gate: Gate): void {
  const register: (what: unknown, handler: Handler) => void = Reflect.get(host, 'setRequestHandler').bind(host)
  Object.assign(host, {
    setRequestHandler: (what: unknown, handler: Handler) =>
      register(what, (request, context) => gate(request, context, async () => handler(request, context))),
  })
}

/** An error of JSON-RPC that both SDKs send as it is. */
export function toRpcError(code: number, message: string, data: object): Error {
  return Object.assign(new Error(message), { code, data })
}

/** The name of what a request asks for, or `undefined` where nothing is for sale. */
export function wantedBy({ method, params }: GatedRequest): string | undefined {
  if (method === 'tools/call' || method === 'prompts/get') return String(params?.['name'])
  return method === 'resources/read' ? String(params?.['uri']) : undefined
}
