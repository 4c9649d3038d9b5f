import { BEGIN, type NamedCall, PAY, type Payer, PREPAY, REACH } from '../client/payer.js'
import { MCP_SERVER_UNKNOWN } from '../errors/catalogue/mcp.js'
import { fail } from '../errors/fail.js'
import { isX402Error, withResponse } from '../errors/x402-error.js'
import type { Prepaid } from '../payment/exchange.js'
import type { KeyedCall } from '../payment/flight/flight.js'
import { loadPart } from '../payment/part.js'
import { attachRefusal, copyPayment, paymentOf } from '../payment/summary.js'
import type { PaymentPayload } from '../wire/payload.js'
import { createExchange, handOver, type McpCall, type UnpaidCall } from './exchange.js'
import { guardTransport } from './guarded-transport.js'
import { type McpRequest, type PaidMethod, readRequest } from './request.js'
import { type Answer, send } from './sending.js'
import { findServer, type McpTarget, toAddress, toMethod } from './server.js'
import type { Unpaid } from './unpaid.js'

/** What all calls of one wrapped client have in common. */
export type McpDoor = {
  readonly client: Payer
  readonly target: McpTarget
  /** What a person named the server. */
  readonly named: URL | undefined
  readonly refusals: 'throw' | 'return'
  /** Addresses of the tools that change nothing, or the same when called again, by their listing. */
  readonly repeatable: Set<string>
  /** What is asked and told on the way, in addition to what the client is. */
  readonly gate?: Gate | undefined
}

/** Hooks around the payment of one call. */
export type Gate = {
  /**
   * @returns Whether all who are to be asked said yes; false where they can't be shown what they are asked about.
   * @throws What refuses to pay; nothing was signed.
   */
  ask(request: McpRequest, unpaid: Unpaid): Promise<boolean>
  /** Shows a payment that was sent, once what it came to is known. */
  tell(request: McpRequest, sent: Sent): Promise<void>
}

/** A payment that was sent, and what came of it. */
export type Sent = { readonly payment: PaymentPayload; readonly answer: Answer }

/**
 * Makes a call of an MCP client, and pays for it if it is asked to.
 *
 * @param door - The wrapped client.
 * @param call - The method that was called.
 * @param args - With what.
 * @returns What the SDK returned: for a free call the same object, for a paid one a copy with its payment attached.
 * @throws What the SDK throws for a free call; the error of the step that refused to pay, whose `money` says where the money is.
 */
export async function callPaid(door: McpDoor, call: PaidMethod, args: readonly unknown[]): Promise<unknown> {
  const request = readMcpRequest(door, call, args)
  const { keyedCall, named } = start(door, request)
  try {
    // Before anything is signed: clients that prepay nothing never need the part.
    const part = named && (await loadPart(import('./prepaid-call.js')))
    const paying = part === undefined ? door : { ...door, gate: part.askOnce(door.gate) }
    const prepaid = part && (await prepay(paying, { ...named, keyedCall }, part))
    if (prepaid !== undefined && !isX402Error(prepaid)) return handOver(prepaid)
    // What was waited for may have let the caller's own params change.
    const answer = await ask(door, request, named && request.params ? [request.params] : args)
    const { native, isThrown, unpaid } = answer
    // A result that carries a payment was judged by a wrapper inside this one: wrapping twice pays once.
    if (unpaid === undefined || paymentOf(native) !== undefined) {
      if (isThrown) throw native
      return native
    }
    try {
      // What was refused at a price that was known is shown the server's own terms.
      if (prepaid !== undefined) throw withResponse(prepaid, native)
      return await pay(paying, { ...toUnpaidCall(door, request, answer, unpaid), keyedCall })
    } catch (error) {
      return returnRefusal(error, door)
    }
  } finally {
    keyedCall?.end()
  }
}

/** Reads a call, as the version of the SDK that made the client takes it. */
export function readMcpRequest({ target }: McpDoor, call: PaidMethod, args: readonly unknown[]): McpRequest {
  return readRequest(call, args, typeof Reflect.get(target, 'getProtocolEra') !== 'function')
}

/**
 * Asks for the first time, without a payment, if the client may ask this server.
 *
 * @param args - As the caller gave them.
 * @throws {@link LimitError} `HOST_OUT_OF_REACH`; nothing was sent.
 */
export async function ask({ client, target, named }: McpDoor, request: McpRequest, args: readonly unknown[]) {
  if (client[REACH] !== undefined) {
    guardTransport(target.transport, { always: true })
    await client[REACH](findServer(target, named) ?? new URL(NAMELESS))
  }
  return send(target, request, { params: args[0] })
}

/** A server that no list of hosts can name, since hosts have no spaces. */
const NAMELESS = 'stdio:(no name)'

/**
 * Puts together what is known of a call that asks to be paid.
 *
 * @throws {@link ConfigurationError} `MCP_SERVER_UNKNOWN` when no one knows which server asks; nothing was signed.
 */
export function toUnpaidCall(door: McpDoor, request: McpRequest, answer: Answer, unpaid: Unpaid): UnpaidCall {
  const server = findServer(door.target, door.named)
  if (server === undefined) throw withResponse(fail(MCP_SERVER_UNKNOWN), answer.native)
  return { ...toCall(door, request, server), answer, unpaid }
}

/** Puts together what is known of a call that goes to a server. */
function toCall({ target, named, repeatable }: McpDoor, request: McpRequest, server: URL): McpCall {
  const isRepeatable = request.call !== 'callTool' || repeatable.has(toAddress(server, request))
  return { target, request, server, named, isRepeatable }
}

/** What is known of a call when it begins. */
type Started = {
  readonly keyedCall: KeyedCall | undefined
  /** The call, where a route names it that may be prepaid. */
  readonly named: McpCall | undefined
}

/** What happens before anything is sent: the one place that knows the server and has asked it nothing yet. */
function start(door: McpDoor, request: McpRequest): Started {
  const { client, target, named } = door
  const server = findServer(target, named)
  if (server === undefined) return { keyedCall: undefined, named: undefined }
  const where = () => ({ method: toMethod(request), url: toAddress(server, request) })
  const isNamed = client[PREPAY]?.names(where()) === true
  return { keyedCall: begin(client, request, where), named: isNamed ? toCall(door, request, server) : undefined }
}

function begin(client: Payer, { options, body }: McpRequest, where: () => NamedCall): KeyedCall | undefined {
  const key = options?.purchase
  if (typeof key === 'string' && key !== '') return client[BEGIN]?.(key)
  const write = () => {
    const { method, url } = where()
    return `${method} ${url}`
  }
  return client[BEGIN]?.(undefined, { options, header: () => null, write, body: () => body })
}

/** @returns What became of it; where refusals are returned, a copy of what the server asked for, with what was refused. */
async function prepay(
  door: McpDoor,
  call: McpCall,
  part: Pick<typeof import('./prepaid-call.js'), 'prepay'>,
): Promise<Prepaid<object>> {
  try {
    return await payWatched(door.gate, call.request, (watch) => part.prepay(door, { ...call, watch }))
  } catch (error) {
    return returnRefusal(error, door)
  }
}

async function pay({ client, gate }: McpDoor, call: UnpaidCall): Promise<object> {
  const isAllowed = gate === undefined || (await gate.ask(call.request, call.unpaid))
  const request = isAllowed
    ? call.request
    : { ...call.request, options: { ...call.request.options, approve: () => false } }
  const pay = (watch: McpCall['watch']) => client[PAY](createExchange({ ...call, request, watch }))
  return handOver(await payWatched(gate, call.request, pay))
}

/** Pays, and shows a gate the payment that was sent last, if one was. */
async function payWatched<Bought>(
  gate: Gate | undefined,
  request: McpRequest,
  pay: (watch: McpCall['watch']) => Promise<Bought>,
): Promise<Bought> {
  if (gate === undefined) return pay(undefined)
  let last: Sent | undefined
  try {
    return await pay((payment, answer) => {
      last = { payment, answer }
    })
  } finally {
    if (last !== undefined) await gate.tell(request, last)
  }
}

/** @throws The error, where it isn't to be returned with what the server asks for. */
function returnRefusal(error: unknown, { refusals }: McpDoor): object {
  if (refusals === 'throw' || !isReturnable(error)) throw error
  return attachRefusal(copyPayment(error.response, { ...error.response }), error)
}

/** An abort is no one's refusal, and an error of JSON-RPC can only be thrown. */
function isReturnable(error: unknown): error is { readonly response: object } & Parameters<typeof attachRefusal>[1] {
  if (!isX402Error(error) || error.code === 'ABORTED') return false
  const { response } = error
  return typeof response === 'object' && response !== null && !(response instanceof Error)
}
