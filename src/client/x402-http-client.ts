import { ChallengeError } from '../flow/challenge-error.js'
import type { Exchange } from '../flow/ports.js'
import { ReceiptError } from '../flow/receipt-error.js'
import { decodeEnvelope, PAYMENT_REQUIRED_HEADER, type PaymentRequired } from '../protocol/challenge.js'
import { encodePaymentSignatureHeader, type PaymentPayload } from '../protocol/payload.js'
import { RECEIPT_HEADERS, type SettleResponse } from '../protocol/receipt.js'
import { decodePaymentResponseHeader } from './decode-payment-response-header.js'
import { PAY } from './payer.js'
import type { CreatePaymentPayloadOptions, x402Client } from './x402-client.js'

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
   * Reads what a 402 asks for.
   *
   * @param getHeader - Reads a header of the 402.
   * @returns What the seller wrote; its offers are judged when a payment is created.
   * @throws {@link ChallengeError} when there is nothing to read; the money is untouched.
   */
  getPaymentRequiredResponse(getHeader: GetHeader): PaymentRequired {
    const header = getHeader(PAYMENT_REQUIRED_HEADER) ?? undefined
    const decoded = header === undefined ? { problem: `it has no ${PAYMENT_REQUIRED_HEADER} header` } : decodeEnvelope(header)
    if ('value' in decoded) return decoded.value as PaymentRequired // entries are still the seller's, as the type's page says
    throw new ChallengeError(`The 402 can't be read, since ${decoded.problem}.`, {
      code: 'CHALLENGE_MALFORMED',
      money: 'untouched',
    })
  }

  /**
   * Signs a payment; see {@link x402Client.createPaymentPayload}.
   *
   * @throws {@link ChallengeError}, {@link SelectionError}, {@link LimitError} or {@link SigningError}; the money is untouched.
   */
  createPaymentPayload(required: PaymentRequired, options: CreatePaymentPayloadOptions = {}): Promise<PaymentPayload> {
    return this.#client.createPaymentPayload(required, options)
  }

  /** Writes a payment as the header that the seller reads. */
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

  /** For doors. */
  [PAY]<Native extends object>(exchange: Exchange<Native>): Promise<Native> {
    return this.#client[PAY](exchange)
  }
}
