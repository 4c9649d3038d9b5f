import { decodeEnvelope, type PaymentRequired } from '../wire/challenge.js'
import { unwrapPaymentRequired } from './unwrap-payment-required.js'

/**
 * Reads the `PAYMENT-REQUIRED` header of a 402.
 *
 * @example
 * ```ts
 * const response = await fetch('https://api.example.com/weather')
 * const required = decodePaymentRequiredHeader(response.headers.get('PAYMENT-REQUIRED') ?? '')
 * required.accepts.length //=> 1
 * ```
 *
 * @param header - The header's value: base64 over JSON.
 * @returns What the seller wrote; its offers are judged when a payment is created.
 * @throws {@link ChallengeError} when it can't be read; the money is untouched.
 */
export function decodePaymentRequiredHeader(header: string): PaymentRequired {
  return unwrapPaymentRequired(decodeEnvelope(header))
}
