import type { AxiosAdapter, AxiosRequestConfig, AxiosResponse } from 'axios'
import { type Payer, QUOTE } from '../client/payer.js'
import type { Quote } from '../desk/quote.js'
import { isX402Error } from '../errors/x402-error.js'
import { toUnpriced, type Unpriced } from '../http/unpriced.js'
import { type Asked, askUnpaid, readCall } from './asked.js'
import { readData } from './data.js'
import { createExchange } from './exchange.js'
import { holdBody } from './held-body.js'
import { linkSignal } from './linked-signal.js'
import { toRefusal } from './refusal.js'

/** What a request would cost; without offers when there is nothing to pay. */
export type AxiosQuote = Omit<Quote, 'resource'> &
  Pick<Unpriced, 'carriedOut'> & {
    /** The answer to the unpaid request. Whatever its status, it isn't an error. */
    readonly response: AxiosResponse
  }

/** An adapter that asks for the price and pays nothing. */
export type QuotingAdapter = {
  readonly adapter: AxiosAdapter
  /** What it found; an interceptor may have answered in its place. */
  result(response: AxiosResponse): AxiosQuote
}

/**
 * Creates the adapter of one quote: the request walks through the interceptors as it would to be paid for.
 *
 * @param given - What the caller's config names: it sends.
 */
export function createQuotingAdapter(client: Payer, given: AxiosRequestConfig['adapter']): QuotingAdapter {
  let found: AxiosQuote | undefined
  return {
    async adapter(config) {
      const asked = await askUnpaid(await readCall(given, config, client, true)) // nothing is going to be paid
      const { response } = asked.answer
      const quote = asked.isPriced ? await quoteAsked(asked, client) : undefined
      await readData(asked.answer, config, false)
      found = { response, ...toUnpriced(response.status, (config.method ?? 'get').toUpperCase()), ...quote }
      return response
    },
    result: (response) =>
      found ?? { response, ...toUnpriced(response.status, (response.config.method ?? 'get').toUpperCase()) },
  }
}

async function quoteAsked({ call, answer }: Asked, client: Payer): Promise<Quote | undefined> {
  const { config } = call
  const held = holdBody(answer.response.data)
  const { signal, unlink } = linkSignal(config)
  try {
    const onAnswer = () => undefined
    const exchange = createExchange({
      call,
      answer,
      held,
      signal,
      paidTimeoutMs: undefined,
      watch: undefined,
      onAnswer,
    })
    const quote = await client[QUOTE](exchange)
    // Once there are offers the body says nothing more that is worth a long wait; who asked for a stream reads it as it comes.
    const isBounded = quote !== undefined && config.responseType !== 'stream'
    answer.response.data = isBounded ? await held.releaseBounded() : held.release()
    return quote
  } catch (error) {
    if (!isX402Error(error)) throw error
    throw await toRefusal(error, { answer, last: answer, held }, config)
  } finally {
    unlink()
  }
}
