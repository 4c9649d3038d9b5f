import {
  BODY_NOT_REPLAYABLE,
  HOST_HEADER_DIFFERS,
  PAYMENT_HEADER_BY_HOOK,
  PAYMENT_HEADER_PRESENT,
  TRANSPORT_MAY_REDIRECT,
} from '../errors/catalogue/delivery.js'
import { fail } from '../errors/fail.js'
import type { ShownCall } from '../payment/call.js'
import type { Exchange, PayableRequest } from '../payment/exchange.js'
import { noteSender } from '../payment/flight/flight.js'
import { toPaymentHeaders } from '../wire/encoded-payment.js'
import { readUrl } from '../wire/host.js'
import { PAYMENT_HEADERS } from '../wire/payload.js'
import { sendUnpaid } from './door.js'
import { carriesPayment, type HttpRequest, isSafeMethod, type UnansweredRequest } from './message.js'
import { sendPaid } from './paid-request.js'
import { readTerms } from './terms.js'

/** Makes an exchange of a request that got a 402, for the steps of a payment, which know no HTTP. */
export function toExchange<Native>(request: HttpRequest<Native>): Exchange<Native> {
  const { response } = request
  const exchange: Exchange<Native> = {
    native: response.native,
    whole: response.whole,
    lostHint: response.filtered ? CORS : undefined,
    read: (ports, { asItIs } = { asItIs: false }) =>
      readTerms(request, { show: (asked) => (asked === request ? exchange : toExchange(asked)), asItIs }, ports),
    drain: (until) => request.drain(until),
    letGo: () => request.letGo(),
    ...toPayable(request), // late, as CONTRIBUTING.md says
    async askAgain(call, headers) {
      try {
        return await askAgain(request, call, headers)
      } catch (error) {
        // The error is thrown as it is, without the 402, which would hold its connection if it stayed unread.
        request.letGo()
        throw error
      }
    },
  }
  note(exchange, request)
  return exchange
}

/** Shows a request that no one has answered yet to the steps of a payment. */
export function toPayableRequest<Native>(request: UnansweredRequest<Native>): PayableRequest<Native> {
  const payable: PayableRequest<Native> = {
    ...toPayable(request),
    lostHint: isElsewhere(request.url) ? CORS : undefined,
  }
  note(payable, request)
  return payable
}

/** Whether a page asks another origin than its own. Before a response came, nothing else tells whether CORS may be in the way. */
function isElsewhere(url: string): boolean {
  const page = globalThis.location?.href
  return page !== undefined && readUrl(page)?.origin !== readUrl(url, page)?.origin
}

/** Of calls that join others only; most join none. */
function note(payable: PayableRequest, { keyedCall, sender }: UnansweredRequest): void {
  if (keyedCall !== undefined && sender !== undefined) noteSender(payable, sender)
}

function toPayable<Native>(request: UnansweredRequest<Native>): PayableRequest<Native> {
  const { method, url, signal, options, keyedCall, kind, paidTimeoutMs } = request
  return {
    given: {
      method,
      asked: url,
      signal,
      header: (name) => request.header(name),
      digestBody: () => request.digestBody(),
    },
    options,
    readBody: request.replayable ? request.readBody : undefined,
    keyedCall,
    kind,
    isSafe: isSafeMethod(method),
    paidTimeoutMs,
    joinedTimeoutMs: request.joinedTimeoutMs,
    assertRepeatable: (call) => assertRepeatable(request, call),
    askAgain: (call, headers) => askAgain(request, call, headers),
    send: (call, payment, until) => sendPaid(request, call, toPaymentHeaders(payment), until),
    discard: (native) => request.discard(native),
    duplicate: (native) => request.duplicate(native),
    split: (native, split) => request.split?.(native, split),
    abandon: () => request.abandon?.(),
  }
}

async function askAgain<Native>(
  request: UnansweredRequest<Native>,
  call: ShownCall,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly free: Native } | undefined> {
  assertNoPayment(headers, call)
  const again = await sendUnpaid(request, call, headers)
  if (again.status !== 402) return { free: again.native }
  request.discard(again.native)
  return undefined
}

/** A browser doesn't tell a page why a request failed, or whether it ever left. */
const CORS =
  'It never left if the seller’s CORS forbids the header: it has to send `Access-Control-Allow-Headers: PAYMENT-SIGNATURE`.'

function assertRepeatable(request: UnansweredRequest, { resource, url }: ShownCall): void {
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
