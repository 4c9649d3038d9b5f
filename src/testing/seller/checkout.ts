import { encodeJsonHeader } from '../../wire/header-codec.js'
import { isSameJson, type JsonObject } from '../../wire/json.js'
import type { PaymentPayload } from '../../wire/payload.js'
import { type PaymentRequirements, readRequirements, toLasting } from '../../wire/requirements.js'
import { type Answered, finish, hideHeaders, toResponse, withReceipt } from './answer.js'
import { meetAny, type PayFault, valueIn } from './fault.js'
import { toUnits } from './offer.js'
import type { PaymentBook, SellerPayment } from './payment-book.js'
import type { OpenRoute, ReadScript } from './script.js'
import { verify } from './verification.js'

/** One request, and what it asks for. */
export type Visit = {
  readonly request: Request
  readonly route: OpenRoute
  /** The entries of its `accepts`, as they are written. */
  readonly entries: readonly JsonObject[]
  /** Answers 402. */
  ask(error: string): Answered
  /** The same request, from now on at another price. */
  raise(price: string): Visit
}

/** Answers one paid request. */
export type Checkout = (visit: Visit, payment: PaymentPayload) => Promise<Answered>

/** A plain refusal, as a 402 without a payment has it. */
const PLAIN = 'Payment required'

/** Faults by which the money is taken. */
const TAKING: readonly unknown[] = ['takes-and-asks-again', 'takes-and-fails', 'loses-response', 'hostile-receipt']

/**
 * Creates what checks payments, takes them once, and serves what was bought.
 *
 * @param book - Where payments are written down.
 * @param faults - What the next good payments meet, one each.
 */
export function createCheckout(script: ReadScript, book: PaymentBook, faults: PayFault[]): Checkout {
  const { x402Version, redelivers, clock } = script

  async function check(payload: PaymentPayload, entries: readonly JsonObject[]) {
    const terms = findTerms(payload, entries, x402Version)
    const verified =
      terms === undefined
        ? { reason: 'No matching payment requirements' }
        : await verify(payload.payload, terms, clock.nowSeconds())
    return { verified, payment: book.enter(payload, terms, verified) }
  }

  /** Serves what was bought, with a true receipt. As with the official sellers nothing is taken for a failure. */
  async function serve({ request, route, ask }: Visit, payment: SellerPayment, used: string): Promise<Answered> {
    const response = await toResponse(route.answer, request)
    if (response.status >= 400) return finish(response)
    // Another request may have brought the same payment meanwhile.
    if (payment.state === 'settled' && !redelivers) return ask(used)
    book.settle(payment, takenOf(payment, route))
    return finish(withReceipt(response, x402Version, encodeJsonHeader(toReceipt(payment, x402Version))))
  }

  async function misserve(fault: PayFault | undefined, visit: Visit): Promise<Answered | undefined> {
    if (fault === 'hostile-receipt') {
      const response = await toResponse(visit.route.answer, visit.request)
      return finish(withReceipt(response, x402Version, '{"not":"base64"}'))
    }
    return typeof fault === 'string' ? MISSERVED[fault]?.(visit) : refuse(fault, visit)
  }

  return async (visit, payload) => {
    const { verified, payment } = await check(payload, visit.entries)
    if ('reason' in verified) return visit.ask(verified.reason)
    if (payment.state === 'settled' && !redelivers) return visit.ask(verified.used)
    const fault = faults.shift()
    const met = await meetAny(fault, visit.request)
    if (met !== undefined) return met
    if (TAKING.includes(fault)) book.settle(payment, takenOf(payment, visit.route))
    const answered = (await misserve(fault, visit)) ?? (await serve(visit, payment, verified.used))
    return fault === 'hides-headers' ? hideHeaders(answered) : answered
  }
}

/** What a good payment meets instead of what was bought. */
const MISSERVED: { readonly [Fault in PayFault & string]?: (visit: Visit) => Answered } = {
  'asks-again': ({ ask }) => ask(PLAIN),
  'takes-and-asks-again': ({ ask }) => ask(PLAIN),
  'loses-response': () => 'closed',
  'takes-and-fails': () => finish(new Response('sorry', { status: 500 })),
  accepts: () => finish(new Response(null, { status: 202, headers: { 'retry-after': '1' } })),
}

function refuse(fault: PayFault | undefined, visit: Visit): Answered | undefined {
  const reason = valueIn(fault, 'refuses')
  if (typeof reason === 'string') return visit.ask(reason)
  const price = valueIn(fault, 'raisesTo')
  return typeof price === 'string' ? visit.raise(price).ask(PLAIN) : undefined
}

/** The terms that a payment was made for: in protocol 2 they are echoed, except for what was for one request alone; in protocol 1 they are named. */
function findTerms(
  payment: PaymentPayload,
  entries: readonly JsonObject[],
  version: 1 | 2,
): PaymentRequirements | undefined {
  if (payment.x402Version !== version) return undefined
  const entry = entries.find((one) =>
    version === 2
      ? isSameJson(toLasting(one), toLasting(payment.accepted))
      : one['scheme'] === payment.scheme && one['network'] === payment.network,
  )
  const read = entry && readRequirements(entry, version)
  return read !== undefined && 'value' in read ? read.value : undefined
}

function takenOf({ terms, amount }: SellerPayment, { takes }: OpenRoute): bigint {
  if (takes === undefined || terms?.scheme !== 'upto') return amount
  const taken = toUnits(takes, terms)
  return taken < amount ? taken : amount
}

function toReceipt({ payload, terms, payer, taken, transaction }: SellerPayment, version: 1 | 2) {
  const network = version === 1 ? payload.network : terms?.network
  return { success: true, transaction, network, payer, ...(terms?.scheme === 'upto' && { amount: String(taken) }) }
}
