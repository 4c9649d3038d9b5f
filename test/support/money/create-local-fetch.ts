import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { createRequired, NETWORK, TRANSACTION } from '../offers.js'

/** A request as it reaches a seller without a socket. */
export type LocalRequest = {
  readonly url: string
  /** The payment header. */
  readonly payment: string | undefined
  readonly signal: AbortSignal | undefined
}

/** A `fetch` whose seller lives in this process, for tests that make more calls than a machine has sockets. */
export function createLocalFetch(answer: (request: LocalRequest) => Response | Promise<Response>): typeof fetch {
  return async (input, init) => {
    const url = String(input)
    const payment = new Headers(init?.headers).get('payment-signature') ?? undefined
    const response = await answer({ url, payment, signal: init?.signal ?? undefined })
    Object.defineProperty(response, 'url', { value: url })
    return response
  }
}

/** Asks to be paid. */
export function localTerms(required: object = createRequired()): Response {
  return new Response('{}', { status: 402, headers: { 'payment-required': encodeJsonHeader(required) } })
}

/** Delivers, with a good receipt. */
export function localDelivery(): Response {
  const receipt = { success: true, transaction: TRANSACTION, network: NETWORK }
  return new Response('bought', { headers: { 'payment-response': encodeJsonHeader(receipt) } })
}
