import type {
  AfterPaymentCreationHook,
  BeforePaymentCreationHook,
  ClientExtension,
  PaymentCreationFailureHook,
  PaymentRequiredHook,
  PaymentResponseHook,
} from '../flow/hooks.js'

/** The lists of one client's hooks, which grow as hooks are added. */
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
