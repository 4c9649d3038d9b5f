import { invalidOption } from '../errors/options.js'
import type { ResourceInfo } from './challenge.js'
import { encodeJsonHeader } from './header-codec.js'
import type { JsonObject } from './json.js'
import type { Network } from './network.js'
import type { PaymentRequirements } from './requirements.js'

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
 * A {@link PaymentPayload} in the specification's own type, as callers are handed it and as `@x402/*` 2.27 writes it: what the seller wrote is
 * taken for well formed. Protocol 1 has no `accepted`.
 */
export type StandardPayload = Pick<PaymentPayload, 'x402Version' | 'payload'> & {
  scheme?: string
  network?: string
  extensions?: Record<string, unknown>
  resource?: ResourceInfo
  accepted: Omit<PaymentRequirements, 'amount'> & { amount: string }
}

/** A payment of protocol 1, which says the scheme and the network as the seller wrote them, and nothing else. Source: `@x402/core` 2.27. */
export type PaymentPayloadV1 = { x402Version: 1; scheme: string; network: Network; payload: Record<string, unknown> }

/** Hands a payment to a caller. */
export function toStandardPayload(payload: PaymentPayload): StandardPayload {
  return payload as StandardPayload // what the seller wrote is taken for well formed, as the type says
}

/**
 * Writes a payment as the value of the header that the seller reads: `PAYMENT-SIGNATURE`, or `X-PAYMENT` in protocol 1. The method of the
 * same name of {@link x402HTTPClient} answers the header with its name.
 *
 * @example
 * ```ts
 * const http = new x402HTTPClient(client)
 * const url = 'https://api.example.com/weather'
 * const unpaid = await fetch(url)
 * const required = http.getPaymentRequiredResponse((name) => unpaid.headers.get(name))
 * const payload = await client.createPaymentPayload(required, { url })
 * const paid = await fetch(url, { headers: { 'PAYMENT-SIGNATURE': encodePaymentSignatureHeader(payload) } })
 * paid.status //=> 200
 * ```
 *
 * @param payload - A signed payment.
 * @returns The header's value: base64 over JSON.
 * @throws {@link ConfigurationError} `INVALID_OPTION` for a payment of another protocol than 1 and 2.
 */
export function encodePaymentSignatureHeader(payload: StandardPayload): string {
  return encodeAs(payload).value
}

/** Writes a payment as one header, by its name. */
export function toSignatureHeaders(payload: StandardPayload): Record<string, string> {
  const { name, value } = encodeAs(payload)
  return { [name]: value }
}

function encodeAs(payload: StandardPayload): { readonly name: string; readonly value: string } {
  const x402Version = payload?.x402Version
  if (x402Version !== 1 && x402Version !== 2) throw invalidOption('payload.x402Version', '1 or 2')
  return { name: PAYMENT_HEADERS[x402Version === 2 ? 0 : 1], value: encodeJsonHeader(payload) }
}
