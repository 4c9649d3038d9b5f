import { isJsonObject, type JsonObject, parseJsonObject } from '../wire/json.js'
import { PAYMENT_META, readUnpaidError, readUnpaidResult, type Unpaid } from './unpaid.js'

/** What the server responded to one request, before the SDK read it. */
export type Seen = {
  /** The result as it came. */
  result?: unknown
  /** Whether the server responded with an error of JSON-RPC. */
  isError?: boolean
  unpaid?: Unpaid | undefined
  /** What the request is for: an SDK may wait before it sends one, and be connected to another server by then. */
  readonly transport: unknown
  /** What goes along as `_meta["x402/payment"]` through that transport and no other. */
  readonly payment?: unknown
  /** Whether it left through that transport. */
  hasLeft?: boolean
  /** Whether the fetch of the transport paid for it. */
  isPaidBelow?: boolean
  /** Whether another origin responded to it. */
  isElsewhere?: boolean
}

/** Put into the params of a request that is watched. No JSON has it, so it never leaves the process. */
const SEEN: unique symbol = Symbol('pay402.seen')

/** The params of a request, to be watched by {@link watchTransport}. */
export function markParams(params: object, seen: Seen): object {
  return { ...params, [SEEN]: seen }
}

/** What a watched transport does for one that is watched already. */
type Watching = { readonly onmessage: unknown; readonly waiting: Map<unknown, Seen> }

const watched = new WeakMap<object, Watching>()

/** A transport of either version of the SDK, as far as it is watched. */
type Transport = {
  send(message: unknown, ...rest: unknown[]): unknown
  onmessage?: ((message: unknown, ...rest: unknown[]) => unknown) | undefined
}

/**
 * Watches the marked requests of a transport, and nothing else on it.
 *
 * An SDK throws away what pay402 has to read: version 1 holds an answer without payment against the schema of the tool's output, and version 2
 * takes no result type that it doesn't know. So the terms are read here, and the SDK is told an error with the code 402 in place of
 * them, which it hands on. Where the request of a client says what the client can do, it says that it can pay.
 *
 * @param transport - Of a connected client; what isn't one is left alone.
 * @returns Whether it is watched.
 */
export function watchTransport(transport: unknown): boolean {
  if (!isTransport(transport)) return false
  const known = watched.get(transport)
  const { onmessage } = transport
  if (onmessage === undefined) return false
  if (known?.onmessage === onmessage) return true
  const waiting = known?.waiting ?? new Map<unknown, Seen>()
  const see = (message: unknown, ...rest: unknown[]) => onmessage.call(transport, readAnswer(message, waiting), ...rest)
  transport.onmessage = see
  if (known === undefined) {
    const { send } = transport
    transport.send = (message, ...rest) => send.call(transport, noteSent(message, waiting, transport), ...rest)
  }
  watched.set(transport, { onmessage: see, waiting })
  return true
}

/** Notes what became of a message below its transport, which is given as it was sent. */
export function noteBelow(transport: object, message: unknown, below: Pick<Seen, 'isPaidBelow' | 'isElsewhere'>): void {
  const parsed = typeof message === 'string' ? parseJsonObject(message) : undefined
  const seen = parsed && 'value' in parsed ? watched.get(transport)?.waiting.get(parsed.value['id']) : undefined
  if (seen !== undefined) Object.assign(seen, below)
}

/** Stops waiting for the answer to a request that is over. */
export function unwatch(transport: unknown, seen: Seen): void {
  const waiting = isTransport(transport) ? watched.get(transport)?.waiting : undefined
  for (const [id, one] of waiting ?? []) if (one === seen) waiting?.delete(id)
}

function isTransport(value: unknown): value is Transport {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'send') === 'function'
}

function noteSent(message: unknown, waiting: Map<unknown, Seen>, transport: unknown): unknown {
  const params = isJsonObject(message) ? message['params'] : undefined
  if (!isJsonObject(message) || !isJsonObject(params)) return message
  const seen = Reflect.get(params, SEEN) as Seen | undefined // only markParams writes this symbol
  if (seen === undefined) return message
  waiting.set(message['id'], seen)
  const { [SEEN]: _, ...bare } = params as JsonObject & { [SEEN]?: Seen }
  if (seen.transport !== transport) return { ...message, params: announce(bare) }
  seen.hasLeft = true
  return { ...message, params: announce(seen.payment === undefined ? bare : addPayment(bare, seen.payment)) }
}

/** Adds a payment to the params of a request, as the server reads it. */
export function addPayment(params: JsonObject, payment: unknown): JsonObject {
  const meta = params['_meta']
  return { ...params, _meta: { ...(isJsonObject(meta) ? meta : {}), [PAYMENT_META]: payment } }
}

/** Where each request says what its client can do. Source: MCP, protocol version 2026-07-28. */
const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities'

/** Source: x402 specification, transports-v2/mcp.md, "Capability Negotiation". */
const EXTENSION = 'org.x402/payment'

function announce(params: JsonObject): JsonObject {
  const meta = params['_meta']
  const capabilities = isJsonObject(meta) ? meta[CAPABILITIES] : undefined
  if (!isJsonObject(meta) || !isJsonObject(capabilities)) return params
  const declared = capabilities['extensions']
  const extensions = { ...(isJsonObject(declared) ? declared : {}), [EXTENSION]: {} }
  return { ...params, _meta: { ...meta, [CAPABILITIES]: { ...capabilities, extensions } } }
}

function readAnswer(message: unknown, waiting: Map<unknown, Seen>): unknown {
  if (!isJsonObject(message) || 'method' in message) return message
  const { id, jsonrpc, result, error } = message
  const seen = waiting.get(id)
  if (seen === undefined) return message
  waiting.delete(id)
  seen.result = result
  seen.isError = error !== undefined
  seen.unpaid = error === undefined ? readUnpaidResult(result) : readUnpaidError(error)
  if (seen.unpaid === undefined) return message
  return { jsonrpc, id, error: { code: 402, message: 'Payment required' } }
}
