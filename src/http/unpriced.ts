import { isSafeMethod } from './message.js'

/** What a request came to that was sent without a payment, as far as no terms of x402 say more. */
export type Unpriced = {
  /** A 402 that isn't x402 isn't free: a call returns it as it came. An error says nothing about a price. */
  readonly cost: 'free' | 'refused' | 'unknown'
  readonly description: undefined
  readonly offers: []
  readonly taken: undefined
  readonly needsApproval: false
  readonly refusal: undefined
  /**
   * Whether asking may have done what the request says: it changes something (neither `GET` nor `HEAD`), and the response isn't a 402. The
   * response says what became of it.
   */
  readonly carriedOut: boolean
}

/**
 * Describes a response to a request that was sent without a payment. Loaded when a price is first asked.
 *
 * @param status - Of the response.
 * @param method - Of the request, in capitals.
 */
export function toUnpriced(status: number, method: string): Unpriced {
  const isAsking = status === 402
  return {
    cost: isAsking ? 'refused' : status >= 200 && status < 400 ? 'free' : 'unknown',
    description: undefined,
    offers: [],
    taken: undefined,
    needsApproval: false,
    refusal: undefined,
    carriedOut: !isAsking && !isSafeMethod(method),
  }
}
