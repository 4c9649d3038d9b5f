import { type Payer, QUOTE } from '../client/payer.js'
import type { Quote } from '../desk/quote.js'
import { toUnpriced, type Unpriced } from '../http/unpriced.js'
import { createExchange, type PaidRequestInit } from './exchange.js'

/** What a request would cost; without offers when there is nothing to pay. */
export type FetchQuote = Omit<Quote, 'resource'> &
  Pick<Unpriced, 'carriedOut'> & {
    /** The answer to the unpaid request, unread. */
    readonly response: Response
  }

/** A call of fetch that was answered, and isn't going to be paid. */
export type QuotedCall = {
  readonly fetch: typeof globalThis.fetch
  readonly input: RequestInfo | URL
  readonly init: PaidRequestInit | undefined
  readonly response: Response
}

/**
 * Says what the answer to an unpaid call asks for. Loaded when a price is first asked.
 *
 * @param call - Its arguments as they were when it was made, and its answer.
 * @param client - Says what it would do about it.
 * @throws {@link ChallengeError} when the 402 can't be read; nothing was signed.
 */
export async function quoteCall(call: QuotedCall, client: Payer): Promise<FetchQuote> {
  const { input, init, response } = call
  const method = init?.method ?? (input instanceof Request ? input.method : 'GET')
  const unpriced = toUnpriced(response.status, method.toUpperCase())
  if (response.status !== 402) return { response, ...unpriced }
  return { response, ...unpriced, ...(await client[QUOTE](createExchange(call))) }
}
