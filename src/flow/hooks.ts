import type { PaymentRequired } from '../protocol/challenge.js'
import type { PaymentPayload } from '../protocol/payload.js'
import type { SettleResponse } from '../protocol/receipt.js'
import type { PaymentRequirements } from '../protocol/requirements.js'

/** What a hook is shown before a payment is signed: deep-frozen copies. */
export type PaymentCreationContext = {
  readonly paymentRequired: PaymentRequired
  readonly selectedRequirements: PaymentRequirements
  /** The address that is really asked; `paymentRequired.resource.url` is only what the seller says. */
  readonly requestUrl: string
}

/** Called after an offer was selected and before it is checked against the limits. May stop the payment. */
export type BeforePaymentCreationHook = (
  context: PaymentCreationContext,
) => Promise<undefined | { abort: true; reason: string }> | Promise<void> | undefined | { abort: true; reason: string }

/** What a hook is shown after the signer answered. */
export type PaymentCreatedContext = PaymentCreationContext & { readonly paymentPayload: PaymentPayload }

/** Called after signing and before anything is sent. A throw stops the payment. */
export type AfterPaymentCreationHook = (context: PaymentCreatedContext) => Promise<void> | undefined

/** What a hook is shown after the paid request: a receipt, or a new 402, or neither. */
export type PaymentResponseContext = {
  readonly paymentPayload: PaymentPayload
  readonly requirements: PaymentRequirements
  readonly settleResponse?: SettleResponse | undefined
  readonly paymentRequired?: PaymentRequired | undefined
  readonly error?: Error | undefined
}

/**
 * Called after the paid request. `{ recovered: true }` asks for the same payload to be presented once more; it never makes a
 * second authorization.
 */
export type PaymentResponseHook = (
  context: PaymentResponseContext,
) => Promise<undefined | { recovered: true }> | Promise<void> | undefined | { recovered: true }

/** The hooks of one client, in the order in which they were added. */
export type Hooks = {
  readonly beforePaymentCreation: readonly BeforePaymentCreationHook[]
  readonly afterPaymentCreation: readonly AfterPaymentCreationHook[]
  readonly paymentResponse: readonly PaymentResponseHook[]
}
