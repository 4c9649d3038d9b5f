import { encodeJsonHeader } from './header-codec.js'
import type { JsonObject } from './json.js'

/** Headers that carry a payment: protocol 2, then protocol 1; `@x402/*` 2.27. */
export const PAYMENT_HEADERS = ['PAYMENT-SIGNATURE', 'X-PAYMENT'] as const

/**
 * A signed payment. It is a bearer cheque until its nonce is used or its time is over: never log it.
 *
 * Source: x402 specification v2, "PaymentPayload".
 */
export type PaymentPayload = {
  x402Version: number
  /** In protocol 1, the scheme and the network as the seller wrote them. */
  scheme?: string | undefined
  network?: string | undefined
  /** What the scheme signed. */
  payload: Record<string, unknown>
  /** Echo of what the seller declared. */
  extensions?: Record<string, unknown> | undefined
  resource?: JsonObject | undefined
  /** The chosen entry of `accepts`, exactly as offered: sellers compare it key by key. */
  accepted?: JsonObject | undefined
}

/**
 * Writes a payment as the header that the seller reads: `PAYMENT-SIGNATURE`, or `X-PAYMENT` in protocol 1.
 *
 * @param payload - A signed payment.
 * @returns One header, by its name.
 */
export function encodePaymentSignatureHeader(payload: PaymentPayload): Record<string, string> {
  return { [payload.x402Version === 1 ? PAYMENT_HEADERS[1] : PAYMENT_HEADERS[0]]: encodeJsonHeader(payload) }
}
