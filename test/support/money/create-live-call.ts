import { toExchange } from '../../../src/http/exchange.js'
import type { HttpResponse } from '../../../src/http/message.js'
import type { CallOptions, Exchange } from '../../../src/payment/exchange.js'
import type { KeyedCall } from '../../../src/payment/flight/flight.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import type { Nature } from './create-process.js'
import type { Authorization, Wanted } from './create-truth.js'
import type { LocalAnswer } from './reactions.js'

/** Where a call waits for the test to move it on. */
export type Phase = 'asking' | 'approving' | 'signing' | 'sent'

/** What somebody wants to buy, as a story tells it. */
export type Order = {
  readonly purchase: number
  /** Which of two clients asks. */
  readonly buyer: number
  /** What the seller asks for it, in cents. */
  readonly cents: number
  /** Which of its tokens the buyer asks with, and in which tenant's name. */
  readonly token: number
  readonly tenant: number
  readonly body: number
  /** The seller moves the request to an address of its own before it asks to be paid. */
  readonly isRedirected: boolean
  /** The call itself may cost nothing. */
  readonly isFree: boolean
}

/** Purchases from this one on are made under a key; of each kind every other one is a POST. */
const FIRST_KEYED = 2

/** The key under which a purchase is made. */
export const nameKey = (purchase: number) => `order ${purchase}`

/** The names under which the rules know what is wanted. */
export function nameOrder(
  { purchase, tenant, body, token, buyer }: Order,
  { buyers, second }: Pick<Nature, 'buyers' | 'second'>,
): Pick<Wanted, 'request' | 'exact' | 'coarse' | 'isKeyed' | 'method'> {
  // What one name buys is never what another one does.
  const space = second === 'stranger' ? `${buyer}: ` : ''
  const request = `${space}${purchase} for ${tenant} with ${body}`
  const method = purchase % 2 === 0 ? 'GET' : 'POST'
  if (purchase >= FIRST_KEYED) {
    const key = `${space}${nameKey(purchase)}`
    const exact = buyers === 'many' ? `${key} by ${token} for ${tenant}` : key
    return { request, exact, coarse: undefined, isKeyed: true, method }
  }
  const exact = buyers === 'one' ? request : `${request} by ${token}`
  return { request, exact, coarse: buyers === 'many' ? undefined : request, isKeyed: false, method }
}

/** One answer to who may be asked whether a payment may be made or presented. */
export type Said = {
  readonly yes: boolean
  /** The payment that is presented again. */
  readonly resumed: string | undefined
}

/** One call of a buyer that a test moves on, one step at a time. */
export type LiveCall = {
  readonly id: number
  readonly order: Order
  readonly wanted: Wanted
  /** It may neither make nor present a payment. */
  readonly isPoor: boolean
  readonly abort: AbortController
  phase: Phase | 'working'
  /** What it presented last, or is about to. */
  authorization: Authorization | undefined
  /** What it was signed itself. */
  own: Authorization | undefined
  /** Whoever approves was asked, and said so. */
  readonly said: Said[]
  /** How often it presented a payment. */
  sends: number
  resolve(value: unknown): void
  reject(error: unknown): void
}

/** Stops a call where it is, until the test moves it on. */
export function reach<T>(call: LiveCall, phase: Phase): Promise<T> {
  return new Promise((resolve, reject) => {
    call.resolve = resolve as (value: unknown) => void // the test answers what the phase asks for
    call.reject = reject
    call.phase = phase
  })
}

/** Begins a call. */
export function createLiveCall(facts: Pick<LiveCall, 'id' | 'order' | 'wanted' | 'isPoor'>): LiveCall {
  const nothing = () => undefined
  return {
    ...facts,
    abort: new AbortController(),
    phase: 'working',
    authorization: undefined,
    own: undefined,
    said: [],
    sends: 0,
    resolve: nothing,
    reject: nothing,
  }
}

/** What a call that is over leaves behind. */
export function letGo({ own, authorization }: LiveCall): void {
  if (own?.hasLeft === false) own.isOver = true
  if (authorization?.hasLeft && authorization.delivery === 'none') authorization.delivery = 'lost'
}

/** What the caller of a local door is given. */
export type LocalNative = { readonly status: number; readonly request: string }

/**
 * A door without a platform, for tests that make more calls than a machine has sockets.
 *
 * @param required - The 402.
 * @param options - What the call says for itself.
 * @param send - Presents a payment.
 */
export function createLocalExchange(
  { id, order, wanted, abort }: LiveCall,
  required: object,
  options: CallOptions,
  keyedCall: KeyedCall | undefined,
  send: (payment: string) => Promise<LocalAnswer>,
): Exchange<LocalNative> {
  const url = `https://seller.example/${order.purchase}`
  const headers: Readonly<Record<string, string>> = {
    authorization: `Bearer ${order.token}`,
    'x-api-key': `tenant ${order.tenant}`,
  }
  const toResponse = ({ status, headers = {} }: LocalAnswer, from: string | undefined): HttpResponse<LocalNative> => ({
    status,
    url: from,
    hidden: false,
    header: (name) => headers[name.toLowerCase()] ?? null,
    readBody: async () => undefined,
    native: { status, request: wanted.request },
  })
  const asks = { status: 402, headers: { 'payment-required': encodeJsonHeader(required) } }
  return toExchange({
    method: wanted.method,
    url,
    signal: abort.signal,
    options,
    keyedCall,
    response: toResponse(asks, order.isRedirected ? `${url}?sid=${id}` : url),
    header: (name) => headers[name.toLowerCase()] ?? null,
    replayable: true,
    digestBody: async () => String(order.body),
    discard: () => undefined,
    letGo: () => undefined,
    duplicate: (native) => ({ ...native }),
    paidTimeoutMs: undefined,
    drain: async () => undefined,
    send: async (_url, sent) => toResponse(await send(sent['PAYMENT-SIGNATURE'] ?? ''), undefined),
  })
}
