export { x402Client } from '../client/x402-client.js'
export type { CallOptions } from '../payment/exchange.js'
export { type PaymentSummary, paymentOf } from '../payment/summary.js'
export type { PaymentRequired } from '../wire/challenge.js'
export { type AnnouncedPrice, announcedPriceOf } from './announced-price.js'
export type { AfterPaymentHook, BeforePaymentHook, PaymentRequestedContext, PaymentRequiredHook } from './gate.js'
export type { McpQuote } from './quoting.js'
export {
  type MCPClientLike,
  type PaidMCPClient,
  type WrapMCPOptions,
  wrapMCPClientWithPayment,
  wrapMCPClientWithPaymentFromConfig,
} from './wrap-mcp-client-with-payment.js'
export {
  createx402MCPClient,
  x402MCPClient,
  type x402MCPClientConfig,
  type x402MCPClientOptions,
  type x402MCPToolCallResult,
} from './x402-mcp-client.js'
