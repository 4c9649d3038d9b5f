export { decodePaymentResponseHeader } from '../client/decode-payment-response-header.js'
export { x402Client } from '../client/x402-client.js'
export { x402HTTPClient } from '../client/x402-http-client.js'
export { type PaidTerms, type Payment, paymentOf } from '../flow/payment.js'
export type { CallOptions } from '../flow/ports.js'
export type { PaidRequestInit } from './create-exchange.js'
export {
  type FetchQuote,
  type PaidFetch,
  type WrapFetchOptions,
  wrapFetchWithPayment,
} from './wrap-fetch-with-payment.js'
export { wrapFetchWithPaymentFromConfig } from './wrap-fetch-with-payment-from-config.js'
