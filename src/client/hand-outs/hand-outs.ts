import type { ClientExtension, PaymentResponseContext } from '../../hooks/hooks.js'
import type { KeyedCall } from '../../payment/flight/flight.js'
import { loadPart } from '../../payment/part.js'
import type { PaymentRequired } from '../../wire/challenge.js'
import type { StandardPayload } from '../../wire/payload.js'
import type { ClientPorts } from '../ports.js'
import type { BegunPayment } from './begun-payment.js'
import type { CreatePaymentPayloadOptions } from './handed-payload.js'
import type { ReopenOptions } from './reopened-payment.js'

/** Payments that a client hands out and someone else sends: your own code, or a wrapper of `@x402/*`, by the names that it calls. */
export type HandOuts = {
  /**
   * Begins a payment over a transport of your own: signs it for a 402 that you read yourself, under the same limits, and takes note of what came
   * of it. Send `payload`, then call `answered` or `lost`.
   *
   * From then on it counts as sent: anyone who holds it can spend it. What was lost is handed out again for the same purchase, also after a
   * restart where the ledger remembers.
   *
   * @param required - The terms, as the seller wrote them: a PaymentRequired, which is read before anything else.
   * @param options - What it pays for. Without `url` the host is unknown, which a restricted client doesn't pay.
   * @returns The payment that has begun.
   * @throws {@link ChallengeError}, {@link SelectionError} or {@link LimitError}: the money is untouched. {@link SigningError}: nothing
   * left. {@link DeliveryError} when it can't be written down, or an earlier one is in the way: see its `money`.
   */
  begin(required: object, options?: CreatePaymentPayloadOptions): Promise<BegunPayment>
  /**
   * Opens a payment again that another process began, or that `createPaymentPayload` handed out: the same payment, nothing new is signed.
   * Limits, approvals and a freeze hold as for sending it again.
   *
   * @param id - Its id, from the payment that was begun or from `payments()`.
   * @param options - What holds for this time.
   * @returns The payment, to send once more or to say what came of it.
   * @throws {@link ConfigurationError} `CANNOT_REOPEN` when it isn't open or isn't this client's, `PAYMENT_NOT_KEPT`; {@link DeliveryError}
   * `PURCHASE_UNDER_WAY` while another call has it, `PAID_PERHAPS` when it can't be presented anymore; {@link LimitError}. It stays as it is:
   * see `money`.
   */
  begin(id: string, options?: ReopenOptions): Promise<BegunPayment>
  /**
   * Signs a payment for a 402 that you read yourself, under the same limits, and hands it out.
   *
   * From then on it counts as sent: anyone who holds it can spend it. The same `purchase` is handed the same payment again.
   *
   * @param required - The 402, as `getPaymentRequiredResponse` reads it.
   * @param options - What it pays for.
   * @returns The payment, for `encodePaymentSignatureHeader`.
   * @throws {@link ChallengeError}, {@link SelectionError} or {@link LimitError}: the money is untouched. {@link SigningError}: nothing
   * left. {@link DeliveryError} when it can't be written down, or an earlier one under the same key is still open: see its `money`.
   */
  createPaymentPayload(required: PaymentRequired, options?: CreatePaymentPayloadOptions): Promise<StandardPayload>
  /**
   * Shows a 402 to the hooks of `onPaymentRequired`, before a payment is created for it.
   *
   * @param required - The 402.
   * @param requestUrl - The address that asked. Without it hooks are shown an empty one.
   * @returns Headers to ask again with, or `null` when there is still something to pay.
   * @throws {@link SelectionError} `REFUSED_BY_HOOK` when a hook throws; the money is untouched.
   */
  handlePaymentRequired(required: PaymentRequired, requestUrl?: string): Promise<Record<string, string> | null>
  /**
   * Takes note of the response to a payment that was handed out: a good receipt settles it, anything else leaves it in doubt. Hooks of
   * `onPaymentResponse` are shown it. Nothing is thrown: by now the response is paid.
   *
   * @param context - The payment, and what the seller responded.
   * @returns Whether a hook asks for the payment to be sent once more. Creating a payment for the same 402 then hands out the same one.
   */
  handlePaymentResponse(context: PaymentResponseContext): Promise<{ recovered: true } | undefined>
  /** What `registerExtension` added. */
  getExtensions(): ClientExtension[]
}

/** What is loaded with the first hand-out. */
export type KeptHandOuts = Pick<HandOuts, 'handlePaymentRequired' | 'handlePaymentResponse'> & {
  begin(
    asked: object | string,
    options: CreatePaymentPayloadOptions,
    begun: KeyedCall | undefined,
  ): Promise<BegunPayment>
  createPaymentPayload(
    required: PaymentRequired,
    options: CreatePaymentPayloadOptions,
    begun: KeyedCall | undefined,
  ): Promise<StandardPayload>
}

/** Creates the hand-outs of one client. A wrapped `fetch` needs none, so what makes them is loaded with the first. */
export function createHandOuts(ports: ClientPorts): HandOuts {
  let kept: Promise<KeptHandOuts> | undefined
  const load = () => {
    kept ??= loadPart(import('./kept-hand-outs.js')).then(({ keepHandOuts }) => keepHandOuts(ports))
    // What could not be loaded may be, next time.
    kept.catch(() => (kept = undefined))
    return kept
  }
  /** From here on, so that it sees what is bought under its key while its part is loaded and hooks are asked. */
  async function whileBegun<T>(
    options: CreatePaymentPayloadOptions,
    make: (begun: KeyedCall | undefined) => Promise<T>,
  ): Promise<T> {
    const key = options?.purchase
    const begun = key === undefined ? key : ports.flights.begin(key)
    try {
      return await make(begun)
    } finally {
      begun?.end()
    }
  }
  return {
    begin: (asked: object | string, options: CreatePaymentPayloadOptions = {}) =>
      whileBegun(options, async (begun) => (await load()).begin(asked, options, begun)),
    createPaymentPayload: (required, options = {}) =>
      whileBegun(options, async (begun) => (await load()).createPaymentPayload(required, options, begun)),
    handlePaymentRequired: async (...asked) => (await load()).handlePaymentRequired(...asked),
    // Of a payment that left: the part that made it is there.
    handlePaymentResponse: async (...told) => (await load()).handlePaymentResponse(...told),
    getExtensions: () => [...ports.hooks.extensions],
  }
}
