export type { ClientConfig as x402ClientConfig, SchemeRegistration } from '../client/config.js'
export { decodePaymentResponseHeader } from '../client/payment-headers.js'
export type { PaymentResult as HTTPResourceResponse } from '../client/payment-result.js'
export { x402Client } from '../client/x402-client.js'
export { x402HTTPClient } from '../client/x402-http-client.js'
export type { CallOptions } from '../payment/exchange.js'
export type { Job, SavedJob, WaitOptions } from '../payment/job/job.js'
export type { PaymentPolicy, PaymentRequirementsSelector as SelectPaymentRequirements } from '../payment/ports.js'
export type { SchemeNetworkClient } from '../payment/scheme.js'
export { type PaidTerms, type PaymentSummary, paymentOf } from '../payment/summary.js'
export type { PaymentRequired } from '../wire/challenge.js'
export type { Network } from '../wire/network.js'
export type { StandardPayload as PaymentPayload } from '../wire/payload.js'
export type { PaymentRequirements } from '../wire/requirements.js'
export type { PaidRequestInit } from './exchange.js'
export type { FetchQuote } from './quoting.js'
export {
  type PaidFetch,
  type WrapFetchOptions,
  wrapFetchWithPayment,
  wrapFetchWithPaymentFromConfig,
} from './wrap-fetch-with-payment.js'
