import type { ClientConfig } from '../client/config.js'
import { assertPayer, PAY, type Payer } from '../client/payer.js'
import { x402Client } from '../client/x402-client.js'
import { WRAPPER_NEEDS } from '../errors/catalogue/configuration.js'
import { fail } from '../errors/fail.js'
import { assertOptions, invalidOption } from '../errors/options.js'
import { isX402Error, withResponse, type X402Error } from '../errors/x402-error.js'
import { assertTimeouts, isByXhr } from '../http/door.js'
import type { Exchange, Prepaid } from '../payment/exchange.js'
import type { KeyedCall } from '../payment/flight/flight.js'
import type { Job, SavedJob } from '../payment/job/job.js'
import { loadPart } from '../payment/part.js'
import { attachRefusal, paymentOf } from '../payment/summary.js'
import { beginKeyedCall } from './begun-call.js'
import { type AnsweredCall, createExchange, type FetchCall, type PaidRequestInit, toOwn } from './exchange.js'
import { prepareCall, sendFirst } from './first-request.js'
import type { AcceptedCall } from './job.js'
import type { FetchQuote } from './quoting.js'
import { copyInit, copyInput, keepRequestBody } from './request-init.js'

/** Options of {@link wrapFetchWithPayment}. */
export type WrapFetchOptions = {
  /**
   * What becomes of a payment that is refused, by us or by the seller: `'throw'` rejects with our error; `'return'` resolves to
   * the seller's own 402, with our error at `paymentOf(response).error`.
   *
   * Of a 402 whose body is longer than 64 KiB, and which was refused only by the wallet, the first part can be read.
   *
   * Libraries that retry take a thrown error for a broken connection and ask again; give them `'return'`.
   * @default 'throw'
   */
  refusals?: 'throw' | 'return' | undefined
  /**
   * Whether the body of a `Request` object is kept so that it can be sent again: `'never'` saves the copy, and a 402 to such a
   * request is refused. Bodies in `init` are never copied before a 402 arrives, unless the route is prepaid.
   * @default 'request'
   */
  replay?: 'request' | 'never' | undefined
  /**
   * Your word on a fetch that is made of XMLHttpRequest, as React Native's own is, and follows redirects by itself, whatever it is told:
   * `'never-followed'` says that your sellers' addresses don't redirect. If one does, your payment goes along, also to another origin.
   * Without that word such a fetch doesn't pay.
   * @default 'unknown'
   */
  redirects?: 'unknown' | 'never-followed' | undefined
  /**
   * How long to wait for the head of a response; its body is yours to wait for. Your own `signal` ends either wait, too.
   * @default no timeout for the unpaid request; for the paid one, as long as the payment can still be taken
   * @example `{ unpaidMs: 5_000, paidMs: 60_000 }`
   */
  timeouts?:
    | {
        /** For the unpaid request, in milliseconds. @default no timeout */
        unpaidMs?: number | undefined
        /**
         * For all of the paid part, in milliseconds: from when the payment first leaves, however often it is presented, with the
         * pauses between. When it is over the money is in doubt, and the same call presents the same payment.
         * @default as long as the payment can still be taken, and at most 10 minutes each time that it is presented
         */
        paidMs?: number | undefined
      }
    | undefined
}

/**
 * Wraps `fetch` so that a `402` is paid once and the request is sent again.
 *
 * A free answer is handed on as it came. A body that can be read only once is refused before anything is signed. If the answer
 * is lost after the payment left, the promise rejects with {@link DeliveryError} whose `money` is `'in-doubt'`; calling again
 * presents the same payment.
 *
 * @example
 * ```ts
 * const paidFetch = wrapFetchWithPayment(fetch, client)
 * const response = await paidFetch('https://api.example.com/weather')
 * response.status //=> 200
 * ```
 *
 * @param fetch - Sends the requests; usually the global one. It is called as you call the wrapped one, so that what a runtime
 * adds to `init` (`next`, `cf`, `dispatcher`) reaches it.
 * @param client - Decides what may be paid, and signs.
 * @param options - See {@link WrapFetchOptions}.
 * @returns A function with the shape of `fetch`.
 * @throws {@link LimitError} when a limit refuses, {@link SelectionError} when no offer can be paid, {@link ChallengeError} when
 * the 402 can't be read, {@link SigningError} when the wallet fails: nothing left the process. {@link DeliveryError} when the
 * request can't be sent twice: the money is untouched. {@link DeliveryError} when the answer is lost and
 * {@link PaymentRejectedError} when the seller answers 402 again: the money is in doubt, or settled where a receipt came.
 * {@link ConfigurationError} for an unknown option.
 */
export function wrapFetchWithPayment(
  fetch: typeof globalThis.fetch,
  client: Payer,
  options: WrapFetchOptions = {},
): PaidFetch {
  const hint = 'Write `wrapFetchWithPayment(fetch, client)`.'
  if (typeof fetch !== 'function') {
    throw fail(WRAPPER_NEEDS, { words: { wrapper: 'wrapFetchWithPayment', what: 'a fetch function' }, hint })
  }
  // Before the options: in 1.x a wallet came here, and a bigint in their place.
  assertPayer(client, { name: 'wrapFetchWithPayment', hint })
  assertOptions(options, 'wrapFetchWithPayment', ['redirects', 'refusals', 'replay', 'timeouts'])
  const { redirects = 'unknown', refusals = 'throw', replay = 'request', timeouts = {} } = options
  assertTimeouts(timeouts, ['unpaidMs', 'paidMs'])
  if (refusals !== 'throw' && refusals !== 'return') throw invalidOption('refusals', "'throw' or 'return'")
  if (replay !== 'request' && replay !== 'never') throw invalidOption('replay', "'request' or 'never'")
  if (redirects !== 'unknown' && redirects !== 'never-followed') {
    throw invalidOption('redirects', "'unknown' or 'never-followed'")
  }
  const mayRedirect = redirects === 'unknown' && isByXhr(fetch)
  let watch: AnsweredCall['watch']
  /** What the seller only accepted can be waited for. */
  const accept = async (bought: Response, call: AcceptedCall): Promise<void> => {
    try {
      await (await import('./job.js')).attachJob(bought, call, client)
    } catch {
      // Without that part no one can wait for it; it is handed over all the same (R7).
    }
  }
  const prepay = async (call: FetchCall): Promise<Prepaid<Response>> => {
    try {
      const part = await loadPart(import('./prepaid-call.js'))
      const bought = await part.prepay(client, call)
      if (isX402Error(bought) && refusals === 'throw') throw bought
      if (isBought(bought) && bought.status === 202) await accept(bought, { ...call, paidFetch })
      return bought
    } catch (error) {
      return returnRefusal(error, refusals === 'return')
    }
  }
  const { paidMs: paidTimeoutMs, unpaidMs: unpaidTimeoutMs } = timeouts
  const paidFetch = async (input: RequestInfo | URL, init?: PaidRequestInit): Promise<Response> => {
    // The paid request is the call that was made, whatever becomes of the caller's object meanwhile.
    const asked = copyInit(init)
    const where = copyInput(input)
    const kept = replay === 'never' ? undefined : keepRequestBody(input, init)
    let keyedCall: KeyedCall | undefined
    let exchange: Exchange<Response> | undefined
    try {
      keyedCall = beginKeyedCall(client, input, asked)
      const given = { fetch, input: where, init: asked, kept, paidTimeoutMs, unpaidTimeoutMs, keyedCall, mayRedirect }
      const { call, first, isNamed } = prepareCall(client, given, { input, init, kept, replay })
      const prepaid = isNamed ? await prepay(call) : undefined
      if (isBought(prepaid)) return prepaid
      const response = await sendFirst(fetch, client, first, unpaidTimeoutMs)
      const settled = findSettled(response, prepaid)
      if (settled !== undefined) return settled
      watch ??= (await loadPart(import('./watched-response.js'))).watchResponse
      exchange = createExchange({ response, watch, ...call })
      const bought = await client[PAY](exchange)
      if (bought.status === 202) await accept(bought, { ...call, paidFetch })
      return toOwn(bought, exchange.given.signal)
    } catch (error) {
      return returnRefusal(error, exchange !== undefined && refusals === 'return')
    } finally {
      keyedCall?.end()
      kept?.cancel()
    }
  }
  return Object.assign(paidFetch, {
    async quote(input: RequestInfo | URL, init?: PaidRequestInit): Promise<FetchQuote> {
      const where = copyInput(input)
      const sending = sendFirst(fetch, client, { input, init, replay }, timeouts.unpaidMs)
      const [{ quoteCall }, response] = await Promise.all([loadPart(import('./quoting.js')), sending])
      return quoteCall({ fetch, input: where, init, response }, client)
    },
    async job(saved: SavedJob, init?: RequestInit): Promise<Job<Response>> {
      return (await loadPart(import('./job.js'))).takeJob(fetch, client, saved, init)
    },
  })
}

/** Whether a prepaid call has come to a response. */
function isBought(prepaid: Prepaid<Response>): prepaid is Response {
  return prepaid !== undefined && !isX402Error(prepaid)
}

/**
 * Finds out whether there is nothing to pay. A response that carries a payment was judged by a wrapped fetch inside this one: wrapping twice pays once.
 * What was refused at a price that was known is shown the seller's own 402.
 */
function findSettled(response: Response, refused: X402Error | undefined): Response | undefined {
  if (response.status !== 402 || paymentOf(response) !== undefined) return response
  return refused && attachRefusal(response, withResponse(refused, response))
}

/** @throws The error, where it isn't to be returned with the 402 that it refused. */
function returnRefusal(error: unknown, isReturned: boolean): Response {
  if (!isReturned || !isRefusal(error)) throw error
  return attachRefusal(error.response, error)
}

/** An abort is no one's refusal, and where the answer is lost there is none to return. */
function isRefusal(error: unknown): error is X402Error & { readonly response: Response } {
  return isX402Error(error) && error.code !== 'ABORTED' && typeof error.response === 'object' && error.response !== null
}

/** `fetch` that pays, and tells prices. */
export type PaidFetch = ((input: RequestInfo | URL, init?: PaidRequestInit) => Promise<Response>) & {
  /**
   * Sends the request without paying, and says what it would cost. No signer is needed for that.
   *
   * The request is really sent: if the seller asks for no money, a `POST` is carried out, and `carriedOut` says so. To only learn a price,
   * ask with `GET` or `HEAD` if the seller takes them.
   *
   * @param input - As for `fetch`.
   * @param init - As for `fetch`.
   * @returns The offers in dollars, which one would be taken, why not the others, and whether the limits allow it now. No one is
   * asked to approve and nothing is reserved: the price and the limits may have changed when the call is made.
   * @throws {@link ChallengeError} when the 402 can't be read; nothing was signed.
   */
  quote(input: RequestInfo | URL, init?: PaidRequestInit): Promise<FetchQuote>
  /**
   * Takes up a job that another process kept: what was paid for there and comes later.
   *
   * @param saved - What `JSON.stringify(paymentOf(response).job)` wrote, parsed.
   * @param init - Headers that say who asks, if the seller wants any; a kept job has none.
   * @returns The job; nothing was asked yet.
   * @throws {@link ConfigurationError} `INVALID_OPTION` for what isn't one.
   */
  job(saved: SavedJob, init?: RequestInit): Promise<Job<Response>>
}

/**
 * Wraps `fetch` with a client written down as one object; see {@link wrapFetchWithPayment}.
 *
 * @example
 * ```ts
 * const paidFetch = wrapFetchWithPaymentFromConfig(fetch, {
 *   schemes: [{ network: 'eip155:*', client: new ExactEvmScheme(account) }],
 *   limits: { perPayment: '$0.10' },
 * })
 * const response = await paidFetch('https://api.example.com/weather')
 * response.status //=> 200
 * ```
 *
 * @param fetch - Sends the requests; usually the global one.
 * @param config - Schemes, policies and limits.
 * @param options - See {@link WrapFetchOptions}.
 * @returns A function with the shape of `fetch`; it throws as {@link wrapFetchWithPayment} says.
 * @throws {@link ConfigurationError} for an unknown key, and `USE_LIMITS` for `spendControls`.
 */
export function wrapFetchWithPaymentFromConfig(
  fetch: typeof globalThis.fetch,
  config: ClientConfig,
  options: WrapFetchOptions = {},
): PaidFetch {
  return wrapFetchWithPayment(fetch, x402Client.fromConfig(config), options)
}
