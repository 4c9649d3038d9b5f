import type { PaymentRequired } from '../wire/challenge.js'
import { parseJson } from '../wire/json.js'
import type { SettleResponse } from '../wire/receipt.js'
import type { GetHeader, x402HTTPClient } from './x402-http-client.js'

/** A response of any transport. */
export type RawResponse<Body = unknown> = {
  readonly status: number
  /** Reads one header by its name, in any case. */
  readonly getHeader: GetHeader
  readonly body: Body
}

/** What a response says of its payment: `none` when it has neither a receipt nor, with status 402, terms. */
export type HTTPPaymentStatus = 'none' | 'payment_required' | 'settled' | 'settle_failed'

/** What a response says of its payment; all of it is the seller's word. */
export type PaymentResult<Body = unknown> = {
  readonly status: number
  readonly paymentStatus: HTTPPaymentStatus
  readonly body: Body
  /** The receipt, or the 402. */
  readonly header: SettleResponse | PaymentRequired | undefined
}

/** Reads what a response says of its payment. What can't be read says nothing: by now the response may be paid. */
export function readPaymentResult<Body>(
  { status, getHeader, body }: RawResponse<Body>,
  http: Pick<x402HTTPClient, 'getPaymentSettleResponse' | 'getPaymentRequiredResponse'>,
): PaymentResult<Body> {
  const receipt = attempt(() => http.getPaymentSettleResponse(getHeader))
  if (receipt !== undefined) {
    return { status, paymentStatus: receipt.success ? 'settled' : 'settle_failed', body, header: receipt }
  }
  const required = status === 402 ? attempt(() => http.getPaymentRequiredResponse(getHeader, body)) : undefined
  return { status, paymentStatus: required === undefined ? 'none' : 'payment_required', body, header: required }
}

/** Reads the body of a response, too: JSON where it says so and is, else text. */
export async function readResponse(response: Response): Promise<RawResponse> {
  const { status, headers } = response
  const text = await response.text()
  const parsed = /\bjson\b/i.test(headers.get('content-type') ?? '') ? parseJson(text) : undefined
  const body = parsed !== undefined && 'value' in parsed ? parsed.value : text
  return { status, getHeader: (name) => headers.get(name), body }
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
