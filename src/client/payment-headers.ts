import { CHALLENGE_UNREADABLE, RECEIPT_MALFORMED } from '../errors/catalogue/challenge.js'
import { fail } from '../errors/fail.js'
import { decodeEnvelope, type Envelope, type PaymentRequired } from '../wire/challenge.js'
import type { Decoded } from '../wire/json.js'
import { decodeReceipt, type SettleResponse } from '../wire/receipt.js'

/**
 * Reads the `PAYMENT-RESPONSE` header of a paid answer.
 *
 * `paymentOf(response)` has it already, compared with what was signed.
 *
 * @example
 * ```ts
 * const response = await paidFetch('https://api.example.com/weather')
 * const header = response.headers.get('PAYMENT-RESPONSE') ?? ''
 * decodePaymentResponseHeader(header).success //=> true
 * ```
 *
 * @param header - The header's value: base64 over JSON.
 * @returns The seller's word on the settlement.
 * @throws {@link ReceiptError} when it isn't a receipt; the money is in doubt.
 */
export function decodePaymentResponseHeader(header: string): SettleResponse {
  const decoded = decodeReceipt(header)
  if ('value' in decoded) return decoded.value
  throw fail(RECEIPT_MALFORMED, { words: decoded })
}

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

/**
 * Gives a 402 that was read the field's own type.
 *
 * @throws {@link ChallengeError} when it couldn't be read; the money is untouched.
 */
export function unwrapPaymentRequired(decoded: Decoded<Envelope>): PaymentRequired {
  if ('problem' in decoded) throw fail(CHALLENGE_UNREADABLE, { words: decoded })
  const present = Object.entries(decoded.value).filter(([, value]) => value !== undefined && value !== null)
  return Object.fromEntries(present) as PaymentRequired // entries are still the seller's, as the type's page says
}
