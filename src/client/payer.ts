import type { Exchange, KeyedCall } from '../flow/ports.js'
import type { Quote } from '../flow/quote.js'

/**
 * The methods of a client that doors call. They are found by registered symbols, so that a door of one copy of the package works
 * with a client of another, and the corridor runs wholly in the copy that made the client.
 */
export const PAY: unique symbol = Symbol.for('pay402.pay') as never // `Symbol.for` has no unique type of its own
/** Like {@link PAY}, for the price alone. */
export const QUOTE: unique symbol = Symbol.for('pay402.quote') as never // as above

/** Like {@link PAY}, for a call under a key of the caller's, when it begins. */
export const BEGIN: unique symbol = Symbol.for('pay402.begin') as never // as above

/** Anything that can pay a 402 for a door: an `x402Client` or an `x402HTTPClient`. */
export type Payer = {
  [PAY]<Native extends object>(exchange: Exchange<Native>): Promise<Native>
  [QUOTE](exchange: Exchange): Promise<Quote | undefined>
  [BEGIN]?(key: string): KeyedCall
}
