import {
  BODY_NOT_REPLAYABLE,
  HOST_HEADER_DIFFERS,
  PAYMENT_HEADER_BY_HOOK,
  PAYMENT_HEADER_PRESENT,
  TRANSPORT_MAY_REDIRECT,
} from '../errors/catalogue/delivery.js'
import { fail } from '../errors/fail.js'
import type { ShownCall } from '../payment/call.js'
import type { Exchange } from '../payment/exchange.js'
import { noteSender } from '../payment/flight/flight.js'
import { toPaymentHeaders } from '../wire/encoded-payment.js'
import { readUrl } from '../wire/host.js'
import { PAYMENT_HEADERS } from '../wire/payload.js'
import { sendUnpaid } from './door.js'
import { carriesPayment, type HttpRequest, isSafeMethod } from './message.js'
import { sendPaid } from './paid-request.js'
import { readTerms } from './terms.js'

/** Makes an exchange of a request that got a 402, for the steps of a payment, which know no HTTP. */
export function toExchange<Native>(request: HttpRequest<Native>): Exchange<Native> {
  const { method, url, signal, options, keyedCall, kind, paidTimeoutMs, response } = request
  const exchange: Exchange<Native> = {
    given: {
      method,
      asked: url,
      signal,
      header: (name) => request.header(name),
      digestBody: () => request.digestBody(),
    },
    options,
    readBody: request.replayable ? request.readBody : undefined,
    get native() {
      return response.native
    },
    keyedCall,
    kind,
    isSafe: isSafeMethod(method),
    paidTimeoutMs,
    joinedTimeoutMs: request.joinedTimeoutMs,
    lostHint: response.filtered ? CORS : undefined,
    read: (ports, { asItIs } = { asItIs: false }) =>
      readTerms(request, { show: (asked) => (asked === request ? exchange : toExchange(asked)), asItIs }, ports),
    assertRepeatable: (call) => assertRepeatable(request, call),
    async askAgain(call, headers) {
      assertNoPayment(headers, call)
      const again = await sendUnpaid(request, call, headers)
      if (again.status !== 402) return { free: again.native }
      request.discard(again.native)
      return undefined
    },
    send: (call, payment, until) => sendPaid(request, call, toPaymentHeaders(payment), until),
    drain: (until) => request.drain(until),
    letGo: () => request.letGo(),
    discard: (native) => request.discard(native),
    duplicate: (native) => request.duplicate(native),
    split: (native, split) => request.split?.(native, split),
    abandon: () => request.abandon?.(),
  }
  // Of calls that join others only; most join none.
  if (keyedCall !== undefined && request.sender !== undefined) noteSender(exchange, request.sender)
  return exchange
}

/** A browser doesn't tell a page why a request failed, or whether it ever left. */
const CORS =
  'It never left if the seller’s CORS forbids the header: it has to send `Access-Control-Allow-Headers: PAYMENT-SIGNATURE`.'

function assertRepeatable(request: HttpRequest, { resource, url }: ShownCall): void {
  if (!request.replayable) throw fail(BODY_NOT_REPLAYABLE, { facts: { resource } })
  if (carriesPayment(request)) throw fail(PAYMENT_HEADER_PRESENT, { facts: { resource } })
  if (request.mayRedirect) throw fail(TRANSPORT_MAY_REDIRECT, { facts: { resource } })
  const host = request.header('host')
  if (host !== null && url !== undefined && !isHost(host, new URL(url))) {
    throw fail(HOST_HEADER_DIFFERS, { facts: { resource, 'host header': host } })
  }
}

/** Whether a `Host` header names the host of an address, and nothing else: several hosts may share one address of the network. */
function isHost(header: string, { protocol, host }: URL): boolean {
  return /^[^@/?#\\\s]+$/.test(header) && readUrl(`${protocol}//${header}`)?.host === host
}

/** A hook's headers may say who is asking, but a payment is made only by the steps. */
function assertNoPayment(headers: Readonly<Record<string, string>>, call: ShownCall): void {
  const header = Object.keys(headers).find((name) =>
    PAYMENT_HEADERS.some((one) => one.toLowerCase() === name.toLowerCase()),
  )
  if (header === undefined) return
  throw fail(PAYMENT_HEADER_BY_HOOK, { words: { header }, facts: { resource: call.resource } })
}
