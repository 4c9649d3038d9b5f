import type { Signed } from '../../payment/steps.js'
import type { PaymentSummary } from '../../payment/summary.js'
import { copyJson } from '../../wire/json.js'
import { type StandardPayload, toStandardPayload } from '../../wire/payload.js'
import type { ResponseFacts } from './response-facts.js'

/**
 * A payment that you send yourself, over any transport: send {@link BegunPayment.payload}, then say what came of it.
 *
 * Until you do it counts as in doubt. Saying it twice is harmless, and so is `lost` after `answered`: what was delivered stays delivered.
 *
 * @example
 * ```ts
 * const url = 'https://api.example.com/weather'
 * const required = decodePaymentRequiredHeader((await fetch(url)).headers.get('PAYMENT-REQUIRED') ?? '')
 * const open = await client.begin(required, { url })
 * // Send `open.payload` to the seller, and wait for the response.
 * const { money, delivery } = await open.answered()
 * money //=> 'in-doubt'
 * delivery //=> 'delivered'
 * ```
 */
export type BegunPayment = {
  /** The ledger's id. `client.begin(id)` opens the payment again, also in another process on the same ledger. */
  readonly id: string
  /**
   * What the seller is sent, as your transport carries it; a copy, which you may change. Anyone who holds it can spend it, so it isn't printed
   * with the rest.
   */
  readonly payload: StandardPayload
  /** What was approved and signed, and where the money is, without anything that could be spent: for logs. */
  readonly payment: PaymentSummary
  /**
   * Says that a response came. Without facts, what was bought is here and nothing says that the money was taken.
   *
   * A receipt is compared with what was signed: one that fits settles the payment. Hooks of `onPaymentResponse` are shown the response, and one
   * that brings nothing counts against the seller, as over HTTP. Nothing that a seller writes is thrown: the response is paid.
   *
   * @param facts - What your transport tells. @default what was bought is here
   * @returns Where the money is, what was delivered, what the receipt is worth, and in `error` why the seller rejected the payment. The next
   * `begin` for the same purchase hands out the same payment unless it was delivered.
   * @throws {@link ConfigurationError} `UNKNOWN_OPTION` or `INVALID_OPTION` for what is no fact: nothing was noted, and the money is in doubt.
   */
  answered(facts?: ResponseFacts): Promise<PaymentSummary>
  /**
   * Says that no response came: the connection broke, or you waited long enough. The payment stays in doubt, and the next `begin` for the same
   * purchase hands out the same one.
   *
   * @param cause - What your transport threw. @default unknown
   * @returns Where the money is; `error` says so in words, with the cause.
   */
  lost(cause?: unknown): Promise<PaymentSummary>
}

/** What is done with a response, or without one. */
type Telling = Pick<BegunPayment, 'answered' | 'lost'>

/** Makes what a caller is handed of a payment that has left. */
export function toBegun(
  { payment, presentation }: Signed,
  summary: PaymentSummary,
  { answered, lost }: Telling,
): BegunPayment {
  const payload = toStandardPayload(copyJson(presentation.payload))
  const shown = { id: payment.id, payment: Object.freeze(summary), answered, lost }
  // Not enumerable, so that to log it prints nothing that could be spent.
  return Object.freeze(Object.defineProperty(shown, 'payload', { value: payload })) as BegunPayment // with what was just defined
}
