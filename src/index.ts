export type { CircuitOptions } from './client/circuit.js'
export type {
  ClientConfig,
  ClientConfig as x402ClientConfig,
  RegisterOptions,
  SchemeRegistration,
} from './client/config.js'
export type { Drained, Drainer, DrainOptions, LeftPayment } from './client/drain.js'
export type { BegunPayment } from './client/hand-outs/begun-payment.js'
export type { HandOuts } from './client/hand-outs/hand-outs.js'
export type { CreatePaymentPayloadOptions } from './client/hand-outs/handed-payload.js'
export type { ReopenOptions } from './client/hand-outs/reopened-payment.js'
export type { ResponseFacts } from './client/hand-outs/response-facts.js'
export type { ClientOptions, PreferOptions } from './client/options.js'
export { type PayerRule, payFrom } from './client/pay-from.js'
export { decodePaymentRequiredHeader, decodePaymentResponseHeader } from './client/payment-headers.js'
export type {
  HTTPPaymentStatus,
  PaymentResult,
  PaymentResult as HTTPResourceResponse,
  RawResponse,
} from './client/payment-result.js'
export { readable } from './client/readable.js'
export type { RestrictedClient } from './client/restricted-client.js'
export { x402Client } from './client/x402-client.js'
export { type GetHeader, x402HTTPClient } from './client/x402-http-client.js'
export type { CancelPaymentOptions } from './desk/cancellation.js'
export type { PaymentEntry, PaymentFilter, PaymentList } from './desk/payments.js'
export type { Quote, QuotedOffer } from './desk/quote.js'
export type { ReceiptCheck, VerifyReceiptOptions } from './desk/receipt-check.js'
export type { Reconciled } from './desk/reconciliation.js'
export type { Spending, SpendingFilter } from './desk/spending.js'
export type { DiagnoseOptions, Diagnosis } from './diagnosis/diagnosis.js'
export type { Finding } from './diagnosis/finding.js'
export type { ProposeOptions } from './diagnosis/proposing.js'
export {
  ChallengeError,
  type ChallengeErrorCode,
  type Considered,
  DeliveryError,
  type DeliveryErrorCode,
  LimitError,
  type LimitErrorCode,
  PaymentRejectedError,
  type PaymentRejectedErrorCode,
  ReceiptError,
  type ReceiptErrorCode,
  SelectionError,
  type SelectionErrorCode,
  SigningError,
  type SigningErrorCode,
} from './errors/step-errors.js'
export { describeForPerson } from './errors/text-for-person.js'
export {
  ConfigurationError,
  type ConfigurationErrorCode,
  type ErrorFacts,
  isX402Error,
  type MoneyState,
  X402Error,
} from './errors/x402-error.js'
export type {
  AfterPaymentCreationHook,
  BeforePaymentCreationHook,
  ClientExtension,
  ClientExtensionHooks,
  ClientTransportExtensionHooks,
  HTTPClientExtensionHooks,
  PaymentCreatedContext,
  PaymentCreationContext,
  PaymentCreationFailureContext,
  PaymentCreationFailureHook,
  PaymentCreationFailureHook as OnPaymentCreationFailureHook,
  PaymentRequiredContext,
  PaymentRequiredHook,
  PaymentResponseContext,
  PaymentResponseHook,
  PaymentResponseHook as OnPaymentResponseHook,
} from './hooks/hooks.js'
export type { Clock } from './payment/clock.js'
export type { Proposal, ProposalState } from './payment/desk/proposal.js'
export type { CallOptions } from './payment/exchange.js'
export type { Job, SavedJob, WaitOptions } from './payment/job/job.js'
export type { Approach, ApprovalRequest, Approve } from './payment/limits.js'
export type { Delivery, PaymentApproval } from './payment/payment.js'
export type {
  PaymentPolicy,
  PaymentRequirementsSelector,
  PaymentRequirementsSelector as SelectPaymentRequirements,
  Receipt,
  ReceiptState,
} from './payment/ports.js'
export type { RandomBytes } from './payment/random.js'
export type {
  CancelOptions,
  ChainVerdict,
  DefaultAsset,
  Describe,
  Described,
  FindDefaultAsset,
  Funding,
  PaymentPayloadResult,
  ReceiptVerdict,
  SchemeContext,
  SchemeContext as PaymentPayloadContext,
  SchemeHooks as SchemeClientHooks,
  SchemeNetworkClient,
  TokenAllowance,
} from './payment/scheme.js'
export type { ClientEvent, Warning, WarningCode } from './payment/stream.js'
export { type PaidTerms, type PaymentSummary, paymentOf } from './payment/summary.js'
export type { PrepayOptions } from './prices/rules.js'
export {
  encodePaymentRequiredHeader,
  type PaymentRequired,
  type PaymentRequiredV1,
  type ResourceInfo,
} from './wire/challenge.js'
export type { Network } from './wire/network.js'
export {
  encodePaymentSignatureHeader,
  type PaymentPayloadV1,
  type StandardPayload as PaymentPayload,
} from './wire/payload.js'
export { encodePaymentResponseHeader, type SettleResponse } from './wire/receipt.js'
export type { PaymentRequirements, PaymentRequirementsV1 } from './wire/requirements.js'
export { x402Version } from './wire/version.js'
