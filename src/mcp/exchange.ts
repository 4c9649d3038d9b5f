import { BODY_NOT_REPLAYABLE } from '../errors/catalogue/delivery.js'
import {
  MCP_SERVER_CHANGED,
  MCP_SERVER_REDIRECTED,
  PAID_OVER_HTTP,
  PAYMENT_META_PRESENT,
} from '../errors/catalogue/mcp.js'
import { fail } from '../errors/fail.js'
import { anySignal } from '../payment/abort.js'
import { digestBody } from '../payment/digest.js'
import type { Exchange, PayableRequest } from '../payment/exchange.js'
import { type KeyedCall, noteSender } from '../payment/flight/flight.js'
import { copyPayment } from '../payment/summary.js'
import { toPaymentHeaders } from '../wire/encoded-payment.js'
import { copyJson, isJsonObject } from '../wire/json.js'
import type { PaymentPayload } from '../wire/payload.js'
import { toDisplayUrl } from '../wire/resource-url.js'
import { toPaidResponse } from './paid-answer.js'
import type { McpRequest } from './request.js'
import { type Answer, send } from './sending.js'
import { findServer, type McpTarget, toAddress, toMethod } from './server.js'
import { PAYMENT_META, type Unpaid } from './unpaid.js'
import { addPayment } from './watched-transport.js'

/** One request of an MCP client, and the server that it goes to. */
export type McpCall = {
  readonly target: McpTarget
  readonly request: McpRequest
  readonly server: URL
  /** What a person named it. */
  readonly named: URL | undefined
  /** Whether the request changes nothing, as its method or the tool's own listing says. */
  readonly isRepeatable: boolean
  readonly keyedCall?: KeyedCall | undefined
  /** Told of each payment that is about to be sent, and of what came of it. */
  readonly watch?: ((payment: PaymentPayload, answer: Answer) => void) | undefined
}

/** One request of an MCP client that was answered, and asked to be paid. */
export type UnpaidCall = McpCall & { readonly answer: Answer; readonly unpaid: Unpaid }

/** What is known of the way that a request takes, from its answer or, before that, from its transport. */
export type Way = Pick<Answer, 'isWatched' | 'isElsewhere' | 'isPaidBelow'>

/** Marks the results that this door hands out: those of another are of no use to its callers. */
const KIND = /* @__PURE__ */ Object.freeze({})

/** Where requests over HTTP say in which session they are. Source: MCP, "Transports". */
const SESSION = 'mcp-session-id'

/** Clients of MCP, each with a number: who is signed in on one of them, its calls don't say. */
const sessions = new WeakMap<object, string>()
let opened = 0

function toSession(target: object): string {
  const session = sessions.get(target) ?? String(++opened)
  sessions.set(target, session)
  return session
}

/** Servers that read a payment as base64, by the clients on which they last asked for one so. */
const inBase64 = new WeakMap<object, Set<string>>()

function noteDialect({ target, server }: McpCall, unpaid: Unpaid | undefined): void {
  if (unpaid?.dialect === 'object') inBase64.get(target)?.delete(server.href)
  if (unpaid?.dialect === 'base64') inBase64.set(target, (inBase64.get(target) ?? new Set()).add(server.href))
}

/** How a server last asked for a payment on a client; by default, as the specification says. */
export function dialectOf({ target, server }: McpCall): Unpaid['dialect'] {
  return inBase64.get(target)?.has(server.href) === true ? 'base64' : 'object'
}

/** What the SDK threw and the caller is to be thrown, although it was paid for. */
const thrown = new WeakSet<object>()

/**
 * Makes an exchange of an MCP request that asks to be paid, for the steps of a payment, which know no MCP.
 *
 * @param call - The request, its answer, and the server that it came from.
 */
export function createExchange(call: UnpaidCall): Exchange<object> {
  const { answer, unpaid } = call
  noteDialect(call, unpaid)
  const payable = toPayable(call, answer, () => unpaid.dialect)
  const exchange: Exchange<object> = {
    ...payable,
    native: answer.native,
    read: () => ({ url: payable.given.asked, terms: unpaid.terms, exchange }),
    drain: async () => undefined,
    letGo: () => undefined,
  }
  noteCaller(exchange, call)
  return exchange
}

/** Notes on whose client a call is made that others may join. One with a schema of its own isn't shared: that may make up what the server said. */
export function noteCaller(payable: PayableRequest<object>, { target, request, keyedCall }: McpCall): void {
  if (keyedCall !== undefined && (request.optionsAt === 1 || request.args[1] === undefined)) noteSender(payable, target)
}

/**
 * Shows a request to the steps of a payment, whether it was answered or not.
 *
 * @param way - How it went, or is expected to go.
 * @param readDialect - How the server reads a payment, asked whenever one is sent.
 */
export function toPayable(call: McpCall, way: Way, readDialect: () => Unpaid['dialect']): PayableRequest<object> {
  const { target, request, server, named, isRepeatable, keyedCall } = call
  const url = toAddress(server, request)
  const method = toMethod(request)
  const isMoved = () => findServer(target, named)?.href !== server.href
  const showServer = () => {
    const now = findServer(target, named)
    return now && toDisplayUrl(now)
  }
  let giveUp: AbortController | undefined
  return {
    given: {
      method,
      asked: url,
      signal: request.signal,
      header: (name) => (name === SESSION ? toSession(target) : readCredential(target.transport, name)),
      digestBody: () => digestBody(request.body),
    },
    options: request.options,
    keyedCall,
    kind: KIND,
    isSafe: isRepeatable,
    paidTimeoutMs: undefined,
    assertRepeatable({ resource }) {
      const facts = { resource }
      if (request.params === undefined) throw fail(BODY_NOT_REPLAYABLE, { facts, hint: NOT_JSON })
      if (hasPayment(request)) throw fail(PAYMENT_META_PRESENT, { facts })
      if (way.isElsewhere) throw fail(MCP_SERVER_REDIRECTED, { facts })
      if (way.isPaidBelow) throw fail(PAID_OVER_HTTP, { facts })
      if (isMoved()) throw fail(MCP_SERVER_CHANGED, { facts })
    },
    findMove: ({ resource }) =>
      isMoved() ? fail(MCP_SERVER_CHANGED, { money: 'released', facts: { resource } }) : undefined,
    // No header goes with a request of MCP, so what hooks return of them changes nothing.
    askAgain: async () => undefined,
    async send(_, payment, until) {
      if (isMoved()) return { elsewhere: showServer() }
      giveUp = new AbortController()
      const { params = {} } = request // asserted above
      const written = writePayment(payment, readDialect())
      const parts = way.isWatched ? { params, payment: written } : { params: addPayment(params, written) }
      const paid = await send(target, request, { ...parts, signal: anySignal(until, giveUp.signal) })
      noteDialect(call, paid.unpaid)
      // Connected to another server while the SDK waited: the request went there, the payment didn't.
      if (way.isWatched && !paid.isWatched && isMoved()) return { elsewhere: showServer() }
      const response = toPaidResponse(toOwn(paid), request, isRepeatable)
      if (paid.isThrown) thrown.add(response.native)
      call.watch?.(payment, paid)
      return response
    },
    discard: () => undefined,
    duplicate: (native) => (thrown.has(native) ? native : copyPayment(native, copyJson(native))),
    abandon: () => giveUp?.abort(),
  }
}

const NOT_JSON = 'Give arguments that can be written as JSON.'

/**
 * Hands over what a call bought.
 *
 * @throws What the SDK threw although the server answered; `paymentOf` reads its payment.
 */
export function handOver(native: object): object {
  if (thrown.has(native)) throw native
  return native
}

/** A copy of the result: the SDK may keep the one that it returned, and hand it out again for nothing. */
function toOwn(answer: Answer): Answer {
  return answer.isThrown ? answer : { ...answer, native: { ...answer.native } }
}

function hasPayment({ params }: McpRequest): boolean {
  const meta = params?.['_meta']
  return isJsonObject(meta) && Object.hasOwn(meta, PAYMENT_META)
}

function writePayment(payment: PaymentPayload, dialect: Unpaid['dialect']): unknown {
  return dialect === 'base64' ? Object.values(toPaymentHeaders(payment))[0] : copyJson(payment)
}

/** A header of all requests of a transport over HTTP, if it shows them. A key of a single request isn't among them. */
function readCredential(transport: unknown, name: string): string | null {
  if (name === 'idempotency-key' || name === 'range' || typeof transport !== 'object' || transport === null) return null
  const init: unknown = Reflect.get(transport, '_requestInit')
  const headers = isJsonObject(init) ? init['headers'] : undefined
  return typeof headers === 'object' && headers !== null ? new Headers(headers as HeadersInit).get(name) : null
}
