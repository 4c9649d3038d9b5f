import { decodeJsonHeader } from '../../wire/header-codec.js'
import { isJsonObject } from '../../wire/json.js'
import { PAYMENT_HEADERS, type PaymentPayload } from '../../wire/payload.js'
import { type Answered, askFor, askWith, finish, hideHeaders, preflight, toResponse } from './answer.js'
import { createCheckout, type Visit } from './checkout.js'
import { type AskFault, hostileTerms, meetAny, type PayFault } from './fault.js'
import { toV1Entry } from './offer.js'
import { createPaymentBook, type SellerPayment } from './payment-book.js'
import type { OpenRoute, ReadScript } from './script.js'

/** A request as a seller received it. */
export type SellerRequest = {
  readonly method: string
  readonly url: string
  readonly headers: Headers
  /** The body as text; empty where there is none. */
  readonly body: string
  /** The payment that it carried. */
  readonly payment: PaymentPayload | undefined
  /** What it was answered with; `undefined` where the connection was closed instead, and until then. */
  readonly status: number | undefined
}

/** What answers the requests of a seller, however they reach it. */
export type Service = {
  /** In the order in which they came, without the preflights of browsers. */
  readonly requests: readonly SellerRequest[]
  readonly payments: readonly SellerPayment[]
  readonly whenAsked: AskFault[]
  readonly whenPaid: PayFault[]
  answer(request: Request): Promise<Answered>
  reset(): void
}

/** Creates what a script describes. */
export function createService(script: ReadScript): Service {
  const { x402Version, extensions } = script
  const requests: SellerRequest[] = []
  const book = createPaymentBook()
  const whenAsked: AskFault[] = []
  const whenPaid: PayFault[] = []
  const raised = new Map<string, OpenRoute>()
  const hostile = { turn: 0 }

  const open = (request: Request, name: string, route: OpenRoute): Visit => {
    const { description } = route
    const entries =
      x402Version === 2 ? route.entries : route.entries.map((entry) => toV1Entry(entry, request.url, description))
    return {
      request,
      route,
      entries,
      ask: (error) => finish(askFor({ x402Version, error, entries, extensions, description }, request)),
      raise(price) {
        raised.set(name, script.reprice(name, price))
        return open(request, name, script.reprice(name, price))
      },
    }
  }

  const checkout = createCheckout(script, book, whenPaid)

  async function meetUnpaid({ request, route, ask }: Visit): Promise<Answered> {
    const fault = whenAsked.shift()
    const met = await meetAny(fault, request)
    if (met !== undefined) return met
    if (fault === 'hostile-terms') return finish(askWith(hostileTerms(hostile.turn++), x402Version))
    const answered = route.isFree ? finish(await toResponse(route.answer, request)) : ask('Payment required')
    return fault === 'hides-headers' ? hideHeaders(answered) : answered
  }

  async function meet(request: Request, payment: PaymentPayload | undefined): Promise<Answered> {
    const found = script.find(request.method, new URL(request.url).pathname)
    if (found === undefined) return finish(new Response('not sold here', { status: 404 }))
    const visit = open(request, found.name, raised.get(found.name) ?? found.route)
    return payment === undefined || visit.route.isFree ? meetUnpaid(visit) : checkout(visit, payment)
  }

  return {
    requests,
    payments: book.payments,
    whenAsked,
    whenPaid,
    async answer(request) {
      if (request.method === 'OPTIONS' && request.headers.has('access-control-request-method')) return preflight()
      const body = await request.clone().text()
      const { method, url, headers } = request
      const payment = decodePayment(headers.get(PAYMENT_HEADERS[x402Version === 1 ? 1 : 0]))
      const entry = { method, url, headers: new Headers(headers), body, payment, status: undefined }
      requests.push(entry)
      const answered = await meet(request, payment)
      if (answered !== 'closed') Object.assign(entry, { status: answered.response.status })
      return answered
    },
    reset() {
      for (const list of [requests, whenAsked, whenPaid]) list.length = 0
      raised.clear()
      book.clear()
      hostile.turn = 0
    },
  }
}

/** The payment of a header; one that can't be decoded is a payment all the same, and fits nothing. */
function decodePayment(header: string | null): PaymentPayload | undefined {
  if (header === null) return undefined
  const decoded = decodeJsonHeader(header)
  if ('problem' in decoded) return { x402Version: 0, payload: {} }
  const { x402Version, payload, ...rest } = decoded.value
  return { ...rest, x402Version: Number(x402Version), payload: isJsonObject(payload) ? { ...payload } : {} }
}
