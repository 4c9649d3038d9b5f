import { MCP_HOOK_STOPPED, PAYMENT_BY_HAND } from '../errors/catalogue/mcp.js'
import { fail } from '../errors/fail.js'
import type { PaymentRequired } from '../wire/challenge.js'
import { copyJson, isJsonObject } from '../wire/json.js'
import { type StandardPayload, toStandardPayload } from '../wire/payload.js'
import type { SettleResponse } from '../wire/receipt.js'
import type { Gate, Sent } from './paid-call.js'
import type { McpRequest } from './request.js'
import { readReceiptMeta, toPaymentRequired, type Unpaid } from './unpaid.js'

/** What a hook is shown of a tool that asks to be paid. These are copies: changing them has no effect. */
export type PaymentRequestedContext = {
  toolName: string
  arguments: Record<string, unknown>
  paymentRequired: PaymentRequired
}

/**
 * Hook for each response that asks to be paid; `{ abort: true }` stops the payment.
 *
 * A `payment` of the hook's own is refused with `PAYMENT_BY_HAND`: no limit has seen it.
 */
export type PaymentRequiredHook = (context: PaymentRequestedContext) => HookResult | Promise<HookResult>

/** What such a hook may return. */
// biome-ignore lint/suspicious/noConfusingVoidType: hooks may return nothing, as in `@x402/mcp`.
type HookResult = { payment?: unknown; abort?: boolean } | undefined | void

/** Hook before a payment is made; a throw stops it. */
export type BeforePaymentHook = (context: PaymentRequestedContext) => Promise<void> | void

/** Hook after a payment was sent and answered. What it throws changes nothing. */
export type AfterPaymentHook = (context: {
  toolName: string
  /** The payment itself, which anyone who holds it can spend: never log it. */
  paymentPayload: StandardPayload
  result: object
  settleResponse: SettleResponse | null
}) => Promise<void> | void

/** The hooks of one client, in the order in which they were added. */
export type GateHooks = {
  readonly required: PaymentRequiredHook[]
  readonly before: BeforePaymentHook[]
  readonly after: AfterPaymentHook[]
}

type Rules = {
  readonly autoPayment: boolean
  readonly onPaymentRequested: ((context: PaymentRequestedContext) => Promise<boolean> | boolean) | undefined
}

/** Makes one gate of the hooks of a client; hooks that are added later are asked, too. */
export function createGate(hooks: GateHooks, { autoPayment, onPaymentRequested }: Rules): Gate {
  return {
    async ask(request, unpaid) {
      // What can't be read is refused with a better reason, unless a payment of before waits to be presented: no one can be asked about that.
      if ('problem' in unpaid.terms) {
        return autoPayment && onPaymentRequested === undefined && hooks.required.length + hooks.before.length === 0
      }
      for (const hook of hooks.required) await askRequired(hook, toContext(request, unpaid))
      if (!autoPayment) throw stoppedBy('`autoPayment: false`')
      if (onPaymentRequested !== undefined && (await onPaymentRequested(toContext(request, unpaid))) !== true) {
        throw stoppedBy('`onPaymentRequested`')
      }
      for (const hook of hooks.before) await hook(toContext(request, unpaid))
      return true
    },
    async tell(request, sent) {
      for (const hook of hooks.after) await tell(hook, request, sent)
    },
  }
}

function stoppedBy(by: string) {
  return fail(MCP_HOOK_STOPPED, { words: { by } })
}

async function askRequired(hook: PaymentRequiredHook, context: PaymentRequestedContext): Promise<void> {
  const said = await hook(context)
  if (said?.abort) throw stoppedBy('`onPaymentRequired`')
  if (said?.payment !== undefined) throw fail(PAYMENT_BY_HAND, { words: { by: 'a hook of `onPaymentRequired`' } })
}

/** The response is paid by now, so what a hook throws changes nothing (R7). */
async function tell(hook: AfterPaymentHook, { name }: McpRequest, { payment, answer }: Sent): Promise<void> {
  const receipt = readReceiptMeta(answer.result?.['_meta'])
  try {
    await hook({
      toolName: name,
      paymentPayload: toStandardPayload(copyJson(payment)),
      result: answer.isThrown ? answer.native : copyJson(answer.native),
      settleResponse: receipt !== undefined && 'value' in receipt ? copyJson(receipt.value) : null,
    })
  } catch {
    return
  }
}

function toContext({ name, params }: McpRequest, unpaid: Unpaid): PaymentRequestedContext {
  const given = params?.['arguments']
  return {
    toolName: name,
    arguments: isJsonObject(given) ? copyJson({ ...given }) : {},
    paymentRequired: toPaymentRequired(unpaid) as PaymentRequired, // terms that can be read, as ask says
  }
}
