import { asPageSees } from './answer.js'
import { type AskFault, assertFaults, type PayFault } from './fault.js'
import { createSellerFetch } from './fetch.js'
import type { SellerPayment } from './payment-book.js'
import { readScript, type Script } from './script.js'
import { type Listening, listen } from './server.js'
import { createService, type SellerRequest } from './service.js'

/** A seller that a test scripts, without a chain. */
export type Seller = {
  /** Its origin, as the script says. */
  readonly url: string
  /** Every request that it received, in order, without the preflights of browsers. */
  readonly requests: readonly SellerRequest[]
  /** Every payment that it was handed, each once, and what became of it. */
  readonly payments: readonly SellerPayment[]
  /** A `fetch` that reaches this seller and no other, without a network, whatever the address. */
  readonly fetch: typeof globalThis.fetch
  /**
   * Makes request handlers of msw, which answer at the seller's `url`: `setupServer(...seller.handlers(http))`. msw is yours, so `pay402/testing`
   * doesn't need it.
   *
   * @param http - The `http` of msw.
   */
  handlers<Handler>(http: Msw<Handler>): Handler[]
  /**
   * Starts a server on the loopback, for whatever isn't `fetch`; for Node, Bun and Deno.
   *
   * @param options - `port`, where it mustn't be any free one.
   * @returns Its address, and what stops it.
   */
  listen(options?: { readonly port?: number | undefined }): Promise<Listening>
  /** Adds faults for its next requests without a payment, one for each. */
  whenAsked(...faults: readonly AskFault[]): void
  /** Adds faults for its next paid requests, one for each. */
  whenPaid(...faults: readonly PayFault[]): void
  /** Forgets requests, payments, raised prices, and faults that weren't met; those of the script aren't met again. */
  reset(): void
}

/** What is used of msw: its `http`, from version 2.10 on. */
export type Msw<Handler> = {
  all(path: string, resolver: (info: { readonly request: Request }) => Promise<Response>): Handler
}

/**
 * Creates a seller for tests: it asks for payments, checks what it is paid as a facilitator does, refuses a payment that it took before, and
 * sends true receipts. There is no chain, so nothing is moved, and balances aren't asked for.
 *
 * @example
 * ```ts
 * const seller = createSeller({ price: '$0.01', answer: { temperature: 21 }, whenPaid: ['loses-response'], redelivers: true })
 * const buyer = new x402Client().register('eip155:*', new TestScheme())
 * const response = await wrapFetchWithPayment(seller.fetch, buyer)('https://seller.example/weather')
 * await response.json() //=> { temperature: 21 }
 * seller.payments.length //=> 1
 * ```
 *
 * @param script - What is sold, for how much, and which faults are met.
 * @returns The seller; it listens nowhere yet.
 * @throws {@link ConfigurationError} `UNKNOWN_OPTION`, `INVALID_OPTION` or `INVALID_MONEY`.
 */
export function createSeller(script: Script = {}): Seller {
  const read = readScript(script)
  const service = createService(read)
  service.whenAsked.push(...(script.whenAsked ?? []))
  service.whenPaid.push(...(script.whenPaid ?? []))
  return {
    url: read.url,
    requests: service.requests,
    payments: service.payments,
    fetch: createSellerFetch(service),
    handlers: (http) => [
      http.all(`${read.url}/*`, async ({ request }) => {
        const answered = await service.answer(request)
        return answered === 'closed' ? Response.error() : asPageSees(answered)
      }),
    ],
    listen: ({ port } = {}) => listen(service, port),
    whenAsked(...faults) {
      assertFaults('whenAsked', faults)
      service.whenAsked.push(...faults)
    },
    whenPaid(...faults) {
      assertFaults('whenPaid', faults)
      service.whenPaid.push(...faults)
    },
    reset: () => service.reset(),
  }
}
