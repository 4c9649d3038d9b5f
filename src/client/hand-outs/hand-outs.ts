import type { ClientExtension, PaymentResponseContext } from '../../hooks/hooks.js'
import type { KeyedCall } from '../../payment/exchange.js'
import { loadPart } from '../../payment/part.js'
import type { PaymentRequired } from '../../wire/challenge.js'
import type { StandardPayload } from '../../wire/payload.js'
import type { ClientPorts } from '../ports.js'
import type { CreatePaymentPayloadOptions } from './handed-payload.js'

/** Payments that a client hands out and someone else sends: your own code, or a wrapper of `@x402/*`, by the names that it calls. */
export type HandOuts = {
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
export type KeptHandOuts = Omit<HandOuts, 'getExtensions' | 'createPaymentPayload'> & {
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
  return {
    async createPaymentPayload(required, options = {}) {
      const key = options?.purchase
      // From here on, so that it sees what is bought under its key while this part is loaded and hooks are asked.
      const begun = key === undefined ? key : ports.flights.begin(key)
      try {
        return await (await load()).createPaymentPayload(required, options, begun)
      } finally {
        begun?.end()
      }
    },
    handlePaymentRequired: async (...asked) => (await load()).handlePaymentRequired(...asked),
    // Of a payment that left: the part that made it is there.
    handlePaymentResponse: async (...told) => (await load()).handlePaymentResponse(...told),
    getExtensions: () => [...ports.hooks.extensions],
  }
}
