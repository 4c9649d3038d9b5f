import type { PaymentRequired } from '../wire/challenge.js'
import type { StandardPayload } from '../wire/payload.js'
import type { SettleResponse } from '../wire/receipt.js'
import type { PaymentRequirements } from '../wire/requirements.js'

/** What a hook may return; usually nothing. */
// biome-ignore lint/suspicious/noConfusingVoidType: hooks written without a return must fit
type HookResult<T> = Promise<T | undefined | void> | T | undefined | void

/** What a hook is shown before a payment is signed: deep-frozen copies. */
export type PaymentCreationContext = {
  /** Hooks of `onBeforePaymentCreation` may add to its `extensions`, and what they add is sent; what the seller wrote there must stay. */
  readonly paymentRequired: PaymentRequired
  readonly selectedRequirements: PaymentRequirements
  /** The address that asked, empty when it is unknown; `paymentRequired.resource.url` is only what the seller says. */
  readonly requestUrl: string
  /** The seller wasn't asked: `paymentRequired` is what this client remembers, or was told ahead. */
  readonly remembered?: true
}

/** Called after an offer was selected and before it is checked against the limits. May stop the payment. */
export type BeforePaymentCreationHook = (context: PaymentCreationContext) => HookResult<{ abort: true; reason: string }>

/** What a hook is shown after the payment was signed. */
export type PaymentCreatedContext = PaymentCreationContext & { readonly paymentPayload: StandardPayload }

/** Called after signing and before anything is sent. A throw stops the payment. */
export type AfterPaymentCreationHook = (context: PaymentCreatedContext) => HookResult<never>

/** What a hook is shown when the signer failed. */
export type PaymentCreationFailureContext = PaymentCreationContext & { readonly error: Error }

/**
 * Called when the signer failed. It may supply a payload from elsewhere, which is presented only if the scheme reads exactly the
 * approved terms from it.
 */
export type PaymentCreationFailureHook = (
  context: PaymentCreationFailureContext,
) => HookResult<{ recovered: true; payload: StandardPayload }>

/** What a hook is shown after the paid request: a receipt, or a new 402, or neither. */
export type PaymentResponseContext = {
  readonly paymentPayload: StandardPayload
  readonly requirements: PaymentRequirements
  readonly settleResponse?: SettleResponse
  readonly paymentRequired?: PaymentRequired
}

/**
 * Called after the paid request. `{ recovered: true }` asks for the same payload to be presented once more; it never makes a
 * second authorization.
 */
export type PaymentResponseHook = (context: PaymentResponseContext) => HookResult<{ recovered: true }>

/** What a hook is shown of a 402, before anything else is done about it. */
export type PaymentRequiredContext = Pick<PaymentCreationContext, 'paymentRequired' | 'requestUrl' | 'remembered'>

/**
 * Called when a 402 arrives, or is remembered. If it returns headers, the request is sent once more with them before anything is paid: a seller may
 * recognize the caller by them, and ask for nothing.
 */
export type PaymentRequiredHook = (context: PaymentRequiredContext) => HookResult<{ headers: Record<string, string> }>

/** The hooks of a scheme or of an extension. */
export type CreationHooks = {
  onBeforePaymentCreation?: BeforePaymentCreationHook | undefined
  onAfterPaymentCreation?: AfterPaymentCreationHook | undefined
  onPaymentCreationFailure?: PaymentCreationFailureHook | undefined
  onPaymentResponse?: PaymentResponseHook | undefined
}

type Declared<Hook> = Hook extends (context: infer Context) => infer Result
  ? (declaration: unknown, context: Context) => Result
  : never

/** Hooks of an extension, each with what the seller declared for it. */
export type ClientExtensionHooks = {
  [Name in keyof CreationHooks]?: Declared<NonNullable<CreationHooks[Name]>> | undefined
}

/** Hooks of an extension over HTTP. */
export type HTTPClientExtensionHooks = { onPaymentRequired?: Declared<PaymentRequiredHook> | undefined }

/** Hooks of an extension by transport; only those over HTTP are called. */
export type ClientTransportExtensionHooks = {
  readonly http?: HTTPClientExtensionHooks | undefined
  readonly [transport: string]: unknown
}

/** Adds to the `extensions` of a payment; the field's own interface. */
export type ClientExtension = {
  /** The key under `extensions` that it is responsible for. */
  readonly key: string
  /** Returns the payload with its own entry under `extensions`; whatever else it changes is dropped. */
  enrichPaymentPayload?(payload: StandardPayload, required: PaymentRequired): Promise<StandardPayload>
  /** Hooks that are called only if the seller declares the extension, with what it declared. */
  readonly hooks?: ClientExtensionHooks | undefined
  readonly transportHooks?: ClientTransportExtensionHooks | undefined
}

/** The hooks of one client, in the order in which they were added. */
export type Hooks = {
  readonly paymentRequired: readonly PaymentRequiredHook[]
  readonly beforePaymentCreation: readonly BeforePaymentCreationHook[]
  readonly afterPaymentCreation: readonly AfterPaymentCreationHook[]
  readonly paymentCreationFailure: readonly PaymentCreationFailureHook[]
  readonly paymentResponse: readonly PaymentResponseHook[]
  readonly extensions: readonly ClientExtension[]
}

/** The same lists while they grow, as hooks are added. */
export type OwnHooks = {
  readonly paymentRequired: PaymentRequiredHook[]
  readonly beforePaymentCreation: BeforePaymentCreationHook[]
  readonly afterPaymentCreation: AfterPaymentCreationHook[]
  readonly paymentCreationFailure: PaymentCreationFailureHook[]
  readonly paymentResponse: PaymentResponseHook[]
  readonly extensions: ClientExtension[]
}

/** Creates the empty lists. */
export function createHooks(): OwnHooks {
  return {
    paymentRequired: [],
    beforePaymentCreation: [],
    afterPaymentCreation: [],
    paymentCreationFailure: [],
    paymentResponse: [],
    extensions: [],
  }
}
