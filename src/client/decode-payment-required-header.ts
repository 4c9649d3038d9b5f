import { ChallengeError } from '../flow/challenge-error.js'
import { decodeEnvelope, type Envelope, type PaymentRequired } from '../protocol/challenge.js'
import type { Decoded } from '../protocol/json.js'

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
  return toPaymentRequired(decodeEnvelope(header))
}

/**
 * Gives a 402 that was read the field's own type.
 *
 * @throws {@link ChallengeError} when it couldn't be read; the money is untouched.
 */
export function toPaymentRequired(decoded: Decoded<Envelope>): PaymentRequired {
  if ('problem' in decoded) {
    throw new ChallengeError(`The 402 can't be read, since ${decoded.problem}.`, {
      code: 'CHALLENGE_MALFORMED',
      money: 'untouched',
    })
  }
  const present = Object.entries(decoded.value).filter(([, value]) => value !== undefined)
  return Object.fromEntries(present) as PaymentRequired // entries are still the seller's, as the type's page says
}
