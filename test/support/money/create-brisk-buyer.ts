import type { ClientOptions } from '../../../src/client/options.js'
import type { PaidRequestInit } from '../../../src/fetch/exchange.js'
import type { WrapFetchOptions } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import type { CallOptions } from '../../../src/payment/exchange.js'
import { createBuyer } from '../create-buyer.js'
import { createBriskClock } from './create-brisk-clock.js'

/** A buyer whose clock and ledger are turned by hand. */
export function createBriskBuyer(options: ClientOptions = {}, wrap: WrapFetchOptions = {}) {
  const clock = createBriskClock()
  return { ...createBuyer({ clock, ledger: createMemoryLedger({ clock }), ...options }, wrap), clock }
}

/** What a call says for itself, as a wrapped fetch takes it. */
export function calling(x402: CallOptions, init: RequestInit = {}): PaidRequestInit {
  return { ...init, x402 }
}
