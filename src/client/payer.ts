import type { Quote } from '../desk/quote.js'
import { CLIENT_OF_ANOTHER_PACKAGE, DOOR_NEEDS, WALLET_AS_CLIENT } from '../errors/catalogue/configuration.js'
import { fail } from '../errors/fail.js'
import type { Exchange, KeyedCall } from '../payment/exchange.js'

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

/**
 * Asserts that a door is given what can pay for it. Where it is given something else that buyers have at hand, it says so by name: the
 * client of another package would sign without a budget, and a wallet has none either.
 *
 * @param client - What the caller gave.
 * @param door - Its name, and the call that is right.
 * @throws {@link ConfigurationError} `INVALID_OPTION`; nothing was sent.
 */
export function assertPayer(client: unknown, { name, hint }: { name: string; hint: string }): asserts client is Payer {
  const given: object = new Object(client)
  if (has(given, PAY)) return
  if (has(given, 'createPaymentPayload')) throw fail(CLIENT_OF_ANOTHER_PACKAGE, { words: { door: name } })
  const isWallet = ['signTypedData', 'signTransaction', 'signTransactions'].some((method) => has(given, method))
  if (isWallet) throw fail(WALLET_AS_CLIENT, { words: { door: name } })
  throw fail(DOOR_NEEDS, { words: { door: name, what: 'an x402Client' }, hint })
}

function has(given: object, method: PropertyKey): boolean {
  return typeof Reflect.get(given, method) === 'function'
}
