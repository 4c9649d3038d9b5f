export type { CancelPaymentOptions } from './client/cancel-payment.js'
export type { ClientConfig, RegisterOptions, SchemeRegistration } from './client/client-config.js'
export type { ClientOptions, PreferOptions } from './client/client-options.js'
export type { CircuitOptions } from './client/create-circuit.js'
export type { HandOuts } from './client/create-hand-outs.js'
export type { CreatePaymentPayloadOptions } from './client/create-payload.js'
export { decodePaymentRequiredHeader } from './client/decode-payment-required-header.js'
export { decodePaymentResponseHeader } from './client/decode-payment-response-header.js'
export type { PaymentEntry, PaymentFilter } from './client/list-payments.js'
export { type PayerRule, payFrom } from './client/pay-from.js'
export type { PaymentResult, RawResponse } from './client/read-payment-result.js'
export { readable } from './client/readable.js'
export type { RestrictedClient } from './client/restricted-client.js'
export type { Spending } from './client/spending.js'
export type { ReceiptCheck, VerifyReceiptOptions } from './client/verify-receipt.js'
export { x402Client } from './client/x402-client.js'
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
export type { PaymentEvent } from './flow/events.js'
export type {
  AfterPaymentCreationHook,
  BeforePaymentCreationHook,
  ClientExtension,
  PaymentCreatedContext,
  PaymentCreationContext,
  PaymentCreationFailureContext,
  PaymentCreationFailureHook,
  PaymentRequiredContext,
  PaymentRequiredHook,
  PaymentResponseContext,
  PaymentResponseHook,
} from './flow/hooks.js'
export { LimitError, type LimitErrorCode } from './flow/limit-error.js'
export { type PaidTerms, type Payment, paymentOf } from './flow/payment.js'
export { PaymentRejectedError, type PaymentRejectedErrorCode } from './flow/payment-rejected-error.js'
export type {
  Approach,
  ApprovalRequest,
  Approve,
  CallOptions,
  Delivery,
  PaymentPolicy,
  PaymentRequirementsSelector,
  Receipt,
  ReceiptState,
  Warning,
  WarningCode,
} from './flow/ports.js'
export type { Quote, QuotedOffer } from './flow/quote.js'
export { ReceiptError, type ReceiptErrorCode } from './flow/receipt-error.js'
export type { Reconciled } from './flow/reconcile.js'
export { SelectionError, type SelectionErrorCode } from './flow/selection-error.js'
export { SigningError, type SigningErrorCode } from './flow/signing-error.js'
export type { Considered } from './flow/steps.js'
export type { RandomBytes } from './random.js'
export type {
  CancelOptions,
  ChainVerdict,
  DefaultAsset,
  Describe,
  Described,
  Funding,
  PaymentPayloadResult,
  ReceiptVerdict,
  SchemeContext,
  SchemeNetworkClient,
  TokenAllowance,
} from './scheme.js'
export { encodePaymentRequiredHeader, type PaymentRequired, type ResourceInfo } from './wire/challenge.js'
export type { Network } from './wire/network.js'
export { encodePaymentSignatureHeader, type PaymentPayload } from './wire/payload.js'
export { encodePaymentResponseHeader, type SettleResponse } from './wire/receipt.js'
export type { PaymentRequirements } from './wire/requirements.js'
