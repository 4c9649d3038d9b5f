import type { x402ResourceServer } from '@x402/core/server'
import type { PaymentPayload, PaymentRequired, PaymentRequirements } from '@x402/core/types'
import type { ToolResult } from './goods.js'

/** Where a call holds its payment. */
export const MCP_PAYMENT_META_KEY = 'x402/payment'
/** Where a result holds its receipt. */
export const MCP_PAYMENT_RESPONSE_META_KEY = 'x402/payment-response'

type Meta = { readonly [key: string]: unknown } | undefined

type Config = {
  readonly accepts: readonly PaymentRequirements[]
  readonly resource: { readonly url: string; readonly description?: string; readonly mimeType?: string }
}

/** What came of a payment: the terms once more, or what it bought. */
export type Bought<Result> =
  | { readonly unpaid: PaymentRequired }
  | { readonly result: Result; readonly receipt?: { readonly [key: string]: unknown } }

/** Sells one thing, in the order of the specification: verify, run, settle. */
export async function sellOnce<Result extends { isError?: boolean }>(
  server: x402ResourceServer,
  { accepts, resource }: Config,
  payment: unknown,
  run: () => Promise<Result>,
): Promise<Bought<Result>> {
  const ask = async (error: string) => ({
    unpaid: await server.createPaymentRequiredResponse([...accepts], { ...resource }, error),
  })
  if (!isPayload(payment)) return ask('Payment required to access this resource')
  const matching = server.findMatchingRequirements([...accepts], payment)
  if (matching === undefined) return ask('No matching payment requirements found')
  const verified = await server.verifyPayment(payment, matching)
  if (!verified.isValid) return ask(verified.invalidReason ?? 'Payment verification failed')
  const result = await run()
  // What failed is not charged for.
  if (result.isError) return { result }
  const settled = await server.settlePayment(payment, matching).catch((cause: unknown) => String(cause))
  if (typeof settled === 'string') return ask(settled)
  return settled.success ? { result, receipt: settled } : ask(settled.errorReason ?? 'Settlement failed')
}

/**
 * Puts a price on tools, in the tool-result binding of `transports-v2/mcp.md`.
 *
 * Written from the specification, with the names of `@x402/mcp`, which isn't installed here: mppx builds on it, too.
 */
export function createPaymentWrapper(server: x402ResourceServer, config: Config) {
  return <Args>(run: (args: Args) => Promise<ToolResult>) =>
    async (args: Args, extra: { readonly _meta?: Meta } | undefined): Promise<ToolResult> => {
      const bought = await sellOnce(server, config, extra?._meta?.[MCP_PAYMENT_META_KEY], () => run(args))
      if ('unpaid' in bought) return toToolResult(bought.unpaid)
      return withReceipt(bought)
    }
}

/** Puts the receipt beside what was bought. */
export function withReceipt<Result extends { _meta?: { [key: string]: unknown } }>({
  result,
  receipt,
}: Extract<Bought<Result>, { result: unknown }>): Result {
  if (receipt === undefined) return result
  return { ...result, _meta: { ...result._meta, [MCP_PAYMENT_RESPONSE_META_KEY]: receipt } }
}

/** Terms as a failed tool: whole as an object, and as text. */
export function toToolResult(unpaid: object): ToolResult {
  return {
    isError: true,
    structuredContent: { ...unpaid },
    content: [{ type: 'text', text: JSON.stringify(unpaid) }],
  }
}

function isPayload(value: unknown): value is PaymentPayload {
  return typeof value === 'object' && value !== null && 'payload' in value
}
