import type { Quote } from '../desk/quote.js'
import { CLIENT_OF_ANOTHER_PACKAGE, WALLET_AS_CLIENT, WRAPPER_NEEDS } from '../errors/catalogue/configuration.js'
import { fail } from '../errors/fail.js'
import type { MaybePromise } from '../payment/digest.js'
import type { CallOptions, Exchange, PayableRequest, Prepaid } from '../payment/exchange.js'
import type { KeyedCall } from '../payment/flight/flight.js'
import type { AskJob, Job, JobStart } from '../payment/job/job.js'
import { readUrl } from '../wire/host.js'
import { ALL_OF_FAMILY } from '../wire/v1-networks.js'

/**
 * The methods of a client that wrappers call. They are found by registered symbols, so that a wrapper from one copy of the package works
 * with a client from another, and every step runs in the copy that made the client.
 */
export const PAY: unique symbol = Symbol.for('pay402.pay') as never // `Symbol.for` has no unique type of its own
/** Like {@link PAY}, for the price alone. */
export const QUOTE: unique symbol = Symbol.for('pay402.quote') as never // as above

/** Like {@link PAY}, for a call that may join an equal one, when it begins. */
export const BEGIN: unique symbol = Symbol.for('pay402.begin') as never // as above

/** Like {@link PAY}, for what was paid for and comes later. */
export const JOB: unique symbol = Symbol.for('pay402.job') as never // as above

/** Like {@link PAY}, for requests that no one has asked to pay yet; clients without `prepay` have none. */
export const PREPAY: unique symbol = Symbol.for('pay402.prepay') as never // as above

/** Like {@link PAY}, for where the client may ask at all; clients without bounds have none. */
export const REACH: unique symbol = Symbol.for('pay402.reach') as never // as above

/** Anything that can pay a 402 for a wrapper: an `x402Client` or an `x402HTTPClient`. */
export type Payer = {
  [PAY]<Native extends object>(exchange: Exchange<Native>): Promise<Native>
  [PREPAY]?: Prepayer
  [QUOTE](exchange: Exchange): Promise<Quote | undefined>
  [BEGIN]?(key: string | undefined, begun?: BegunCall): KeyedCall | undefined
  [JOB]?<Native extends object>(start: JobStart, ask: AskJob<Native>): Promise<Job<Native>>
  /**
   * Asserts that an address may be asked; called before each request and for each place that a redirect leads to. It's there only in a client
   * with bounds.
   *
   * @returns Whether the host is listed: one that isn't may be asked only while all its addresses are public.
   * @throws {@link LimitError} `HOST_OUT_OF_REACH`; the money is untouched.
   */
  [REACH]?(url: URL): MaybePromise<boolean>
}

/** What a client with `prepay` does before a request is sent. */
export type Prepayer = {
  /**
   * Whether a route names a call: asked before its body is copied, and without a wait, so that all others are sent as they would be without `prepay`.
   */
  names(call: NamedCall): boolean
  /** Pays with the first request, where the price is known. */
  pay<Native extends object>(request: PayableRequest<Native>): Promise<Prepaid<Native>>
}

/** A call as the caller wrote it. */
export type NamedCall = { readonly method: string; readonly url: string }

/**
 * Pays for a request that no one has asked to pay yet, where its price is known and its host is listed: one that isn't listed may be asked only where
 * its addresses are public, which the first request finds out.
 *
 * @returns What became of it.
 * @throws {@link LimitError} `HOST_OUT_OF_REACH`, and what the client throws.
 */
export async function prepayListed<Native extends object>(
  client: Payer,
  request: PayableRequest<Native>,
): Promise<Prepaid<Native>> {
  const url = readUrl(request.given.asked ?? '')
  if (client[REACH] !== undefined && (url === undefined || (await client[REACH](url)) !== true)) return undefined
  return client[PREPAY]?.pay(request)
}

/** A call without a key, as far as a client has to know it to tell whether it may join others. */
export type BegunCall = {
  /** What the call says for itself. */
  readonly options: Pick<CallOptions, 'inFlight' | 'tags'> | undefined
  /** A header of the request. */
  header(name: string): string | null
  /** Method and address as one text, in one spelling; asked for only where calls join. */
  write(): string
  /** The body, where it's known to be a text or nothing: calls with another one aren't equal. `undefined` where only reading it would tell. */
  body?(): string | undefined
}

/**
 * Asserts that a wrapper is given something that can pay. If it is given something else that buyers have at hand, the error says so: the
 * client of another package would sign without a budget, and a wallet has none either.
 *
 * @param client - What the caller gave.
 * @param wrapper - Its name, and how to call it.
 * @throws {@link ConfigurationError} `INVALID_OPTION`; nothing was sent.
 */
export function assertPayer(client: unknown, { name, hint }: { name: string; hint: string }): asserts client is Payer {
  const given: object = new Object(client)
  if (has(given, PAY)) return
  if (has(given, 'createPaymentPayload')) throw fail(CLIENT_OF_ANOTHER_PACKAGE, { words: { wrapper: name } })
  const wallet = WALLETS.find(({ signs, key }) =>
    [given, new Object(Reflect.get(given, key))].some((one) => signs.some((method) => has(one, method))),
  )
  if (wallet !== undefined) {
    const { key, scheme } = wallet
    throw fail(WALLET_AS_CLIENT, { words: { wrapper: name, family: ALL_OF_FAMILY[key], scheme, key } })
  }
  throw fail(WRAPPER_NEEDS, { words: { wrapper: name, what: 'an x402Client' }, hint })
}

/** How wallets are known, also in the pair of both that `x402-fetch` 1.x took, and what to make of them. */
const WALLETS = [
  { key: 'evm', signs: ['signTypedData'], scheme: 'ExactEvmScheme' },
  { key: 'svm', signs: ['signTransaction', 'signTransactions'], scheme: 'ExactSvmScheme' },
] as const

function has(given: object, method: PropertyKey): boolean {
  return typeof Reflect.get(given, method) === 'function'
}
