import { RECEIPT_MISSING } from '../errors/catalogue/challenge.js'
import { fail } from '../errors/fail.js'
import type { ClientExtension, PaymentRequiredHook, PaymentResponseContext } from '../hooks/hooks.js'
import { PAYMENT_REQUIRED_HEADER, type PaymentRequired, readEnvelope } from '../wire/challenge.js'
import { mergeExtensions } from '../wire/extensions.js'
import { isJsonObject, isTooDeep } from '../wire/json.js'
import { type StandardPayload, toSignatureHeaders } from '../wire/payload.js'
import { RECEIPT_HEADERS, type SettleResponse } from '../wire/receipt.js'
import type { PaymentRequirements } from '../wire/requirements.js'
import type { HandOuts } from './hand-outs/hand-outs.js'
import type { CreatePaymentPayloadOptions } from './hand-outs/handed-payload.js'
import { assertPayer, BEGIN, JOB, PAY, type Payer, PREPAY, QUOTE, REACH } from './payer.js'
import { decodePaymentRequiredHeader, decodePaymentResponseHeader, unwrapPaymentRequired } from './payment-headers.js'
import { type PaymentResult, type RawResponse, readPaymentResult, readResponse } from './payment-result.js'
import type { DoorVerbs } from './ports.js'
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
export class x402HTTPClient implements HandOuts {
  readonly #client: x402Client
  /** For wrappers. */
  declare readonly [PAY]: DoorVerbs[typeof PAY]
  /** For wrappers. */
  declare readonly [QUOTE]: DoorVerbs[typeof QUOTE]
  /** For wrappers. */
  declare readonly [BEGIN]: DoorVerbs[typeof BEGIN]
  /** For wrappers. */
  declare readonly [JOB]: DoorVerbs[typeof JOB]
  /** See {@link x402Client.begin}. */
  declare readonly begin: HandOuts['begin']

  /**
   * @param client - Decides and signs.
   * @throws {@link ConfigurationError} for the client of another package.
   */
  constructor(client: x402Client) {
    assertPayer(client, { name: 'x402HTTPClient', hint: 'Write `new x402HTTPClient(client)`.' })
    this.#client = client
    // A class with computed names is kept by bundlers, also where nothing uses it.
    const { begin: beginByHand, [PAY]: pay, [QUOTE]: quote, [BEGIN]: begin, [JOB]: job } = client
    Object.assign(this, {
      begin: beginByHand,
      [PAY]: pay,
      [QUOTE]: quote,
      [BEGIN]: begin,
      [JOB]: job,
    } satisfies DoorVerbs & Pick<HandOuts, 'begin'>)
    const { [PREPAY]: prepay, [REACH]: reach } = client as Payer
    Object.assign(this, prepay && { [PREPAY]: prepay }, reach && { [REACH]: reach })
  }

  /**
   * Reads what a 402 asks for, from its header, else from its body. Extensions that only the body declares are added to those of the header.
   *
   * @param getHeader - Reads a header of the 402.
   * @param body - The parsed body, where the terms stand in protocol 1 and with many sellers of protocol 2.
   * @returns What the seller wrote; its offers are judged when a payment is created.
   * @throws {@link ChallengeError} when there is nothing to read; the money is untouched.
   */
  getPaymentRequiredResponse(getHeader: GetHeader, body?: unknown): PaymentRequired {
    const header = getHeader(PAYMENT_REQUIRED_HEADER)
    if (header === null || header === undefined || header === '') return unwrapPaymentRequired(readEnvelope(body))
    const required = decodePaymentRequiredHeader(header)
    const more = isJsonObject(body) && body['x402Version'] === 2 ? body['extensions'] : undefined
    const extensions = isJsonObject(more) && !isTooDeep(more) ? mergeExtensions(required.extensions, more) : undefined
    return extensions === undefined || required.x402Version === 1 ? required : { ...required, extensions }
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
  createPaymentPayload(required: PaymentRequired, options: CreatePaymentPayloadOptions = {}): Promise<StandardPayload> {
    return this.#client.createPaymentPayload(required, options)
  }

  /**
   * Writes a payment as the header that the seller reads.
   *
   * @param payload - A signed payment.
   * @returns One header, by its name.
   * @throws {@link ConfigurationError} `INVALID_OPTION` for a payment of another protocol than 1 and 2.
   */
  encodePaymentSignatureHeader(payload: StandardPayload): Record<string, string> {
    return toSignatureHeaders(payload)
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
    throw fail(RECEIPT_MISSING, { words: { header: RECEIPT_HEADERS[0] } })
  }

  /**
   * Shows a 402 to the hooks of the client, before a payment is created for it.
   *
   * @param required - The 402.
   * @param requestUrl - The address that asked.
   * @returns Headers to ask again with, or `null` when there is still something to pay.
   * @throws {@link SelectionError} `REFUSED_BY_HOOK` when a hook throws; the money is untouched.
   */
  handlePaymentRequired(required: PaymentRequired, requestUrl?: string): Promise<Record<string, string> | null> {
    return this.#client.handlePaymentRequired(required, requestUrl)
  }

  /**
   * Takes note of the response to a payment that was handed out: a good receipt settles it. Nothing is thrown.
   *
   * @param payload - The payment that was sent.
   * @param getHeader - Reads a header of the response.
   * @param status - Of the response.
   * @returns The receipt, where there is one, and whether a hook asks for the same payment to be sent once more:
   * {@link x402HTTPClient.createPaymentPayload} then hands out the same one for the same 402.
   */
  async processPaymentResult(
    payload: StandardPayload,
    getHeader: GetHeader,
    status: number,
  ): Promise<{ recovered: boolean; settleResponse: SettleResponse | undefined }> {
    const { header } = readPaymentResult({ status, getHeader, body: undefined }, this)
    const settleResponse = header !== undefined && 'success' in header ? header : undefined
    const paymentRequired = header !== undefined && 'accepts' in header ? header : undefined
    // Protocol 1 carries no terms, and hooks of `@x402/core` aren't shown it either.
    if (payload?.accepted === undefined) return { recovered: false, settleResponse }
    const requirements = payload.accepted as PaymentRequirements // what was selected, sent back as it was offered
    const answer = await this.#client.handlePaymentResponse({
      paymentPayload: payload,
      requirements,
      ...(settleResponse && { settleResponse }),
      ...(paymentRequired && { paymentRequired }),
    })
    return { recovered: answer?.recovered === true, settleResponse }
  }

  /**
   * Reads what a response says of a payment.
   *
   * @param response - Its status, a reader of its headers, and its body.
   * @returns The status and body as they are, with the receipt or the new 402 in `header`.
   */
  parsePaymentResult<Body>(response: RawResponse<Body>): PaymentResult<Body> {
    return readPaymentResult(response, this)
  }

  /**
   * Reads a response with its body: JSON where it says so and is, else text. What it says of the payment is the seller's word; of a
   * wrapped fetch, `paymentOf(response)` tells more.
   *
   * @param response - Unread.
   * @returns See {@link x402HTTPClient.parsePaymentResult}.
   */
  async processResponse(response: Response): Promise<PaymentResult<unknown>> {
    return readPaymentResult(await readResponse(response), this)
  }

  /** For wrappers of `@x402/*`; see {@link x402Client}. */
  handlePaymentResponse(context: PaymentResponseContext): Promise<{ recovered: true } | undefined> {
    return this.#client.handlePaymentResponse(context)
  }

  /** For wrappers of `@x402/*`: what `registerExtension` of the client added. */
  getExtensions(): ClientExtension[] {
    return this.#client.getExtensions()
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
}
