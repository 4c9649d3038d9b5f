export { decodePaymentResponseHeader } from './client/decode-payment-response-header.js'
export { type ClientOptions, type CreatePaymentPayloadOptions, x402Client } from './client/x402-client.js'
export { type GetHeader, x402HTTPClient } from './client/x402-http-client.js'
export type { Clock } from './clock.js'
export {
  ConfigurationError,
  type ConfigurationErrorCode,
  type ErrorFacts,
  isX402Error,
  type MoneyState,
  X402Error,
} from './errors.js'
export { ChallengeError, type ChallengeErrorCode } from './flow/challenge-error.js'
export { DeliveryError, type DeliveryErrorCode } from './flow/delivery-error.js'
export type {
  AfterPaymentCreationHook,
  BeforePaymentCreationHook,
  PaymentCreatedContext,
  PaymentCreationContext,
  PaymentResponseContext,
  PaymentResponseHook,
} from './flow/hooks.js'
export { LimitError, type LimitErrorCode } from './flow/limit-error.js'
export { type PaidTerms, type Payment, paymentOf } from './flow/payment.js'
export { PaymentRejectedError, type PaymentRejectedErrorCode } from './flow/payment-rejected-error.js'
export type { CallOptions, Delivery, Receipt, ReceiptState, Warning, WarningCode } from './flow/ports.js'
export { ReceiptError, type ReceiptErrorCode } from './flow/receipt-error.js'
export { SelectionError, type SelectionErrorCode } from './flow/selection-error.js'
export { SigningError, type SigningErrorCode } from './flow/signing-error.js'
export type { Considered } from './flow/steps.js'
export { encodePaymentRequiredHeader, type PaymentRequired, type ResourceInfo } from './protocol/challenge.js'
export type { Network } from './protocol/network.js'
export { encodePaymentSignatureHeader, type PaymentPayload } from './protocol/payload.js'
export { encodePaymentResponseHeader, type SettleResponse } from './protocol/receipt.js'
export type { PaymentRequirements } from './protocol/requirements.js'
export type { RandomBytes } from './random.js'
export type {
  DefaultAsset,
  Described,
  PaymentPayloadResult,
  SchemeContext,
  SchemeNetworkClient,
} from './scheme.js'
