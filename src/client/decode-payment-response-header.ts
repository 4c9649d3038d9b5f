import { ReceiptError } from '../flow/receipt-error.js'
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
  throw new ReceiptError(`The receipt can't be read, since ${decoded.problem}.`, {
    code: 'RECEIPT_MALFORMED',
    money: 'in-doubt',
    hint: 'An unreadable receipt proves nothing: the payment may have been taken.',
  })
}
