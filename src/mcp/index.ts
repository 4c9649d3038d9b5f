export { x402Client } from '../client/x402-client.js'
export type { CallOptions } from '../payment/exchange.js'
export { type PaymentSummary, paymentOf } from '../payment/summary.js'
export type { McpQuote } from './quoting.js'
export {
  type MCPClientLike,
  type PaidMCPClient,
  type WrapMCPOptions,
  wrapMCPClientWithPayment,
  wrapMCPClientWithPaymentFromConfig,
} from './wrap-mcp-client-with-payment.js'
