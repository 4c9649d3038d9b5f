import type { PaymentRequiredHook } from '../flow/hooks.js'
import type { Exchange, KeyedCall } from '../flow/ports.js'
import type { Quote } from '../flow/quote.js'
import { ReceiptError } from '../flow/receipt-error.js'
import { PAYMENT_REQUIRED_HEADER, type PaymentRequired, readEnvelope } from '../protocol/challenge.js'
import { encodePaymentSignatureHeader, type PaymentPayload } from '../protocol/payload.js'
import { RECEIPT_HEADERS, type SettleResponse } from '../protocol/receipt.js'
import type { CreatePaymentPayloadOptions } from './create-payload.js'
import { decodePaymentRequiredHeader } from './decode-payment-required-header.js'
import { decodePaymentResponseHeader } from './decode-payment-response-header.js'
import { BEGIN, PAY, QUOTE } from './payer.js'
import { unwrapPaymentRequired } from './unwrap-payment-required.js'
import type { x402Client } from './x402-client.js'

/** Reads one header of an answer by its name, in any case. */
export type GetHeader = (name: string) => string | null | undefined

/**
 * The pieces of a payment over HTTP, for callers that send the requests themselves.
 *
 * The money rules can't follow a request that pay402 doesn't send: what {@link x402HTTPClient.createPaymentPayload} hands out
 * counts as sent. Where you can, use a wrapped fetch instead.
 *
 * @example
 * ```ts
 * const http = new x402HTTPClient(client)
 * const url = 'https://api.example.com/weather'
 * const unpaid = await fetch(url)
 * const required = http.getPaymentRequiredResponse((name) => unpaid.headers.get(name))
 * const payload = await http.createPaymentPayload(required, { url })
 * const paid = await fetch(url, { headers: http.encodePaymentSignatureHeader(payload) })
 * http.getPaymentSettleResponse((name) => paid.headers.get(name)).success //=> true
 * ```
 */
export class x402HTTPClient {
  readonly #client: x402Client

  /** @param client - Decides and signs. */
  constructor(client: x402Client) {
    this.#client = client
  }

  /**
   * Reads what a 402 asks for, from its header, else from its body.
   *
   * @param getHeader - Reads a header of the 402.
   * @param body - The parsed body, where the terms stand in protocol 1 and with many sellers of protocol 2.
   * @returns What the seller wrote; its offers are judged when a payment is created.
   * @throws {@link ChallengeError} when there is nothing to read; the money is untouched.
   */
  getPaymentRequiredResponse(getHeader: GetHeader, body?: unknown): PaymentRequired {
    const header = getHeader(PAYMENT_REQUIRED_HEADER)
    if (header !== null && header !== undefined && header !== '') return decodePaymentRequiredHeader(header)
    return unwrapPaymentRequired(readEnvelope(body))
  }

  /**
   * Signs a payment; see {@link x402Client.createPaymentPayload}.
   *
   * @param required - The 402, as {@link x402HTTPClient.getPaymentRequiredResponse} reads it.
   * @param options - What it pays for.
   * @returns The payment, which counts as sent from then on.
   * @throws {@link ChallengeError}, {@link SelectionError} or {@link LimitError}: the money is untouched. {@link SigningError}: nothing left.
   * {@link DeliveryError} when the payment can't be written down, or an earlier one under the same key is still open.
   */
  createPaymentPayload(required: PaymentRequired, options: CreatePaymentPayloadOptions = {}): Promise<PaymentPayload> {
    return this.#client.createPaymentPayload(required, options)
  }

  /**
   * Writes a payment as the header that the seller reads.
   *
   * @param payload - A signed payment.
   * @returns One header, by its name.
   */
  encodePaymentSignatureHeader(payload: PaymentPayload): Record<string, string> {
    return encodePaymentSignatureHeader(payload)
  }

  /**
   * Reads the receipt of a paid answer.
   *
   * @param getHeader - Reads a header of the answer.
   * @returns The seller's word on the settlement.
   * @throws {@link ReceiptError} when there is none that can be read; the money is in doubt.
   */
  getPaymentSettleResponse(getHeader: GetHeader): SettleResponse {
    for (const name of RECEIPT_HEADERS) {
      const header = getHeader(name)
      if (header !== null && header !== undefined && header !== '') return decodePaymentResponseHeader(header)
    }
    throw new ReceiptError(`The answer has no ${RECEIPT_HEADERS[0]} header.`, {
      code: 'RECEIPT_MISSING',
      money: 'in-doubt',
      hint: 'A missing receipt proves nothing: the payment may have been taken.',
    })
  }

  /**
   * Adds a hook to the client; see {@link x402Client.onPaymentRequired}.
   *
   * @param hook - May answer headers to ask again with.
   * @returns This client.
   */
  onPaymentRequired(hook: PaymentRequiredHook): this {
    this.#client.onPaymentRequired(hook)
    return this
  }

  /** For doors. */
  [QUOTE](exchange: Exchange): Promise<Quote | undefined> {
    return this.#client[QUOTE](exchange)
  }

  /** For doors. */
  [BEGIN](key: string): KeyedCall {
    return this.#client[BEGIN](key)
  }

  /** For doors. */
  [PAY]<Native extends object>(exchange: Exchange<Native>): Promise<Native> {
    return this.#client[PAY](exchange)
  }
}
