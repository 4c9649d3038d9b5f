import { assertKnownOptions } from '../assert-known-options.js'
import { type Clock, systemClock } from '../clock.js'
import { createCall } from '../flow/create-call.js'
import { recordAsSent } from '../flow/deliver.js'
import type { AfterPaymentCreationHook, BeforePaymentCreationHook, PaymentResponseHook } from '../flow/hooks.js'
import { approve, pay, signOrRelease } from '../flow/pay.js'
import type { Exchange, Ledger, Limits, Ports, Warning } from '../flow/ports.js'
import { readPaymentRequired } from '../flow/read-challenge.js'
import { createMemoryLedger } from '../ledger/create-memory-ledger.js'
import { createLimits, type LimitsOptions } from '../limits/create-limits.js'
import type { PaymentRequired } from '../protocol/challenge.js'
import type { Network } from '../protocol/network.js'
import type { PaymentPayload } from '../protocol/payload.js'
import { type RandomBytes, systemRandomBytes } from '../random.js'
import type { SchemeNetworkClient } from '../scheme.js'
import { createSchemeRegistry, type SchemeRegistry } from './create-scheme-registry.js'
import { PAY } from './payer.js'

/** Options of {@link x402Client}. */
export type ClientOptions = {
  /**
   * What may be spent. What you leave out keeps its default.
   *
   * @default { perPayment: '$1', perDay: '$10' }, in assets known to be worth a dollar
   */
  limits?: LimitsOptions | Limits | undefined
  /**
   * Where payments are written down before they leave.
   *
   * @default a ledger in memory: its limits hold in this process and start anew with it
   */
  ledger?: Ledger | undefined
  /** Called with what went on all the same but is worth knowing. Nothing is ever written to the console. */
  onWarning?: ((warning: Warning) => void) | undefined
  /** The time; for tests. */
  clock?: Clock | undefined
  /** Random bytes; for tests with known answers. */
  random?: RandomBytes | undefined
}

/** How {@link x402Client.createPaymentPayload} is told what it pays for. */
export type CreatePaymentPayloadOptions = {
  /** The address that asked. Without it the seller's own word in `resource.url` decides which host's limits count. */
  url?: string | undefined
  /** @default 'GET' */
  method?: string | undefined
  signal?: AbortSignal | undefined
}

/**
 * Decides what may be paid, and signs: schemes by network, limits, a ledger, hooks.
 *
 * @example
 * ```ts
 * const client = new x402Client({ limits: { perPayment: '$0.10', perDay: '$5' } })
 *   .register('eip155:*', new ExactEvmScheme(account))
 * ```
 */
export class x402Client {
  readonly #schemes: SchemeRegistry = createSchemeRegistry()
  readonly #before: BeforePaymentCreationHook[] = []
  readonly #after: AfterPaymentCreationHook[] = []
  readonly #response: PaymentResponseHook[] = []
  readonly #ports: Ports

  /**
   * @param options - Limits, ledger and ports; see {@link ClientOptions}.
   * @throws {@link ConfigurationError} for an unknown option or money that isn't written as money.
   */
  constructor(options: ClientOptions = {}) {
    assertKnownOptions('x402Client', options, ['limits', 'ledger', 'onWarning', 'clock', 'random'])
    const { limits, clock = systemClock, random = systemRandomBytes, onWarning } = options
    this.#ports = {
      schemes: this.#schemes,
      limits: limits !== undefined && 'assess' in limits ? limits : createLimits(limits),
      ledger: options.ledger ?? createMemoryLedger({ clock, random }),
      clock,
      random,
      hooks: {
        beforePaymentCreation: this.#before,
        afterPaymentCreation: this.#after,
        paymentResponse: this.#response,
      },
      warn: (warning) => onWarning?.(Object.freeze(warning)),
    }
  }

  /**
   * Adds a scheme.
   *
   * @param network - One network (`eip155:8453`) or all of a namespace (`eip155:*`), as CAIP-2 names them.
   * @param scheme - Signs there. Schemes written for `@x402/core` register unchanged.
   * @returns This client.
   * @throws {@link ConfigurationError} `DUPLICATE_SCHEME` when the same scheme is registered there already.
   */
  register(network: Network, scheme: SchemeNetworkClient): this {
    this.#schemes.register(network, scheme)
    return this
  }

  /**
   * Adds a hook that is called after an offer was selected and before the limits are checked.
   *
   * @param hook - May answer `{ abort: true, reason }`, or throw, to stop the payment.
   * @returns This client.
   */
  onBeforePaymentCreation(hook: BeforePaymentCreationHook): this {
    this.#before.push(hook)
    return this
  }

  /**
   * Adds a hook that is called after signing and before sending.
   *
   * @param hook - A throw stops the payment; the signature is dropped.
   * @returns This client.
   */
  onAfterPaymentCreation(hook: AfterPaymentCreationHook): this {
    this.#after.push(hook)
    return this
  }

  /**
   * Adds a hook that is called after the answer to a paid request.
   *
   * @param hook - May answer `{ recovered: true }` to have the same payment presented once more.
   * @returns This client.
   */
  onPaymentResponse(hook: PaymentResponseHook): this {
    this.#response.push(hook)
    return this
  }

  /**
   * Signs a payment for a 402 that you read yourself, under the same limits, and hands it out.
   *
   * From then on it counts as sent: whoever holds it can spend it.
   *
   * @param required - The 402, as `getPaymentRequiredResponse` reads it.
   * @param options - What it pays for.
   * @returns The payment, for `encodePaymentSignatureHeader`.
   * @throws {@link ChallengeError}, {@link SelectionError}, {@link LimitError} or {@link SigningError}; the money is untouched.
   */
  async createPaymentPayload(
    required: PaymentRequired,
    options: CreatePaymentPayloadOptions = {},
  ): Promise<PaymentPayload> {
    assertKnownOptions('createPaymentPayload', options, ['url', 'method', 'signal'])
    const url = options.url ?? required.resource?.url ?? ''
    const call = createCall({ method: options.method ?? 'GET', url, signal: options.signal })
    const authorized = await approve(readPaymentRequired(required, call), this.#ports)
    const signed = await signOrRelease(authorized, this.#ports)
    await recordAsSent(signed, this.#ports)
    return structuredClone(signed.presentation.payload)
  }

  /** For doors. */
  [PAY]<Native extends object>(exchange: Exchange<Native>): Promise<Native> {
    return pay(exchange, this.#ports)
  }
}
