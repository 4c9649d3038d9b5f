import type { Envelope } from '../wire/challenge.js'
import type { Network } from '../wire/network.js'
import type { PaymentPayload } from '../wire/payload.js'
import type { SettleResponse } from '../wire/receipt.js'
import type { PaymentRequirements } from '../wire/requirements.js'
import type { X402Version } from '../wire/version.js'
import type { Clock } from './clock.js'
import type { CallOptions, Flights } from './exchange.js'
import type { Ledger } from './ledger.js'
import type { Limits } from './limits.js'
import type { RandomBytes } from './random.js'
import type { PublishedScheme, SchemeNetworkClient } from './scheme.js'
import type { Challenge, Delivered, Selected, Signed } from './steps.js'
import type { Emit } from './stream.js'

/** What the corridor asks of others. Doors bring an {@link Exchange}; shelves stand behind {@link Limits} and {@link Ledger}. */

/**
 * What the seller's receipt was found to be.
 *
 * - `verified`: it says success, names a transaction, and fits the terms that were signed. The money is `settled`.
 * - `accepted`: as before, but without a transaction yet, as facilitators write it that settle later.
 * - `mismatch`: it says success and doesn't fit the terms; `problems` tell how.
 * - `malformed`: the header is no receipt.
 * - `missing`: the answer has none.
 * - `failed`: it says that nothing was taken.
 *
 * All are the seller's word. But for `verified`, the money stays in doubt, and counted; `client.verifyReceipt` asks the chain.
 */
export type ReceiptState = 'verified' | 'accepted' | 'mismatch' | 'malformed' | 'missing' | 'failed'

/** The seller's receipt, and what comparing it with the approved terms found. */
export type Receipt = {
  readonly state: ReceiptState
  /** As the seller wrote it; `undefined` when there is none that can be read. */
  readonly response: SettleResponse | undefined
  /** What doesn't fit the terms, one sentence each. */
  readonly problems: readonly string[]
}

/** Which schemes can sign. */
export type Schemes = {
  /** Loads what is known of published schemes, where an object needs that; asked before offers are judged. */
  prepare?(): Promise<void> | undefined
  find(wanted: WantedScheme): Registration | undefined
  /** Every account that can pay. */
  payers(): readonly string[]
}

/** What an offer asks of the registry. */
export type WantedScheme = {
  readonly scheme: string
  readonly network: Network
  readonly x402Version: X402Version
  /** The network as the seller wrote it. */
  readonly spoken: unknown
  /** The account that paid, where that is known: then the scheme that signed for it is found. */
  readonly payer?: string | undefined
}

/** A registered scheme. */
export type Registration = {
  readonly scheme: SchemeNetworkClient
  /** It was written for protocol 1 and takes the seller's entry as it stands, not the requirements made of it. */
  readonly takesEntry: boolean
  /** What is known of published schemes of its name, for what it doesn't say itself. */
  readonly published?: PublishedScheme | undefined
  /** Its owner has it paid for though nothing can read what it signs. @default false */
  readonly trustsPrice?: boolean | undefined
}

/** Filters and reorders offers. It is shown frozen copies; an offer that it changed falls out. */
export type PaymentPolicy = (
  x402Version: number,
  paymentRequirements: PaymentRequirements[],
) => readonly PaymentRequirements[]

/** Takes one of the offers, in place of the rule that takes the cheapest of the first scheme. Limits hold all the same. */
export type PaymentRequirementsSelector = (
  x402Version: number,
  paymentRequirements: PaymentRequirements[],
) => PaymentRequirements

/** How offers are ordered before one is taken. */
export type Preferences = {
  readonly policies: readonly PaymentPolicy[]
  readonly selector: PaymentRequirementsSelector | undefined
  /** Networks or namespaces, the most wanted first. */
  readonly networks: readonly string[]
  /** Addresses, the most wanted first. */
  readonly assets: readonly string[]
  readonly cheapest: 'same-network' | 'anywhere'
  /** Leave out what the wallet is known not to hold. */
  readonly funded: boolean
}

/** What is believed of the ways that terms reach the buyer. */
export type Trust = {
  /** Pay over plain HTTP beyond the loopback. */
  readonly allowPlainHttp: boolean
  /** Pay a 402 that another origin answered after a redirect, to that origin. */
  readonly allowRedirectedOrigin: boolean
  /** Refuse terms whose resource is of another host, rather than warn. */
  readonly strictResource: boolean
  /** Values of `extra.paymentFlow` that may be paid. */
  readonly paymentFlows: readonly string[]
}

/** How calls become purchases. */
export type PurchaseRules = {
  /** Whether all callers are one buyer, so that tokens and cookies name nothing, or many, each known by theirs. */
  readonly buyers: 'one' | 'many' | undefined
  /** Headers that say who the caller is, in lower case: the known ones, and the client's own. */
  readonly credentialHeaders: readonly string[]
  /** Statuses beyond a 2xx that deliver what is bought. */
  readonly delivers: readonly number[]
}

/** Origins that took money and delivered nothing. */
export type Circuit = {
  /** For how many seconds further purchases are refused; 0 when they aren't. */
  openFor(origin: string): number
  /** What came of a payment; however often it is presented, it counts once. */
  note(origin: string, payment: string, isDelivered: boolean): void
  /** Allows one origin again, or all. */
  reset(origin?: string): void
}

/** Something that went on, but that the user should know. Codes are never renamed; one anchor each in `docs/errors.md`. */
export type Warning = { readonly code: WarningCode; readonly message: string; readonly cause?: unknown }

/** Codes of {@link Warning}. */
export type WarningCode =
  | 'HOOK_FAILED'
  | 'LEDGER_BEHIND'
  | 'LEDGER_NOT_COMPACTED'
  | 'LEDGER_TORN_LINE'
  | 'RECEIPT_MISMATCH'
  | 'RESOURCE_ELSEWHERE'
  | 'TERMS_HIDDEN_BY_CORS'

/** What the seller responded, as hooks are shown it beside its receipt. */
export type Responded = { readonly receipt: Receipt; readonly asked: Envelope | undefined }

/** What hooks and extensions of the caller's are shown of a payment, and what comes of it. What they are shown is a copy. */
export type HookRunner = {
  /**
   * Shows the 402.
   *
   * @returns Headers to ask once more with; `undefined` for none.
   * @throws {@link SelectionError} when a hook throws, {@link DeliveryError} when one returns a payment's header; nothing was signed.
   */
  askHeaders(challenge: Challenge): Promise<Readonly<Record<string, string>> | undefined>
  /**
   * Shows the selected offer, before the limits are checked.
   *
   * @throws {@link SelectionError} `REFUSED_BY_HOOK`, or {@link SigningError} `ABORTED`; nothing was signed.
   */
  announceSelected(selected: Selected): Promise<void>
  /** Shows a failure of the signer, and answers the first payload that a hook supplies: untrusted, so `sign` reads it back. */
  announceFailure(selected: Selected, error: Error): Promise<PaymentPayload | undefined>
  /**
   * Lets the client's extensions add to the `extensions` of a payment, and to nothing else.
   *
   * @throws {@link SigningError} when an extension throws or the call is aborted; the signature is dropped.
   */
  enrichPayload(payload: PaymentPayload, challenge: Challenge): Promise<PaymentPayload>
  /**
   * Shows the signed payment, before it is sent.
   *
   * @throws {@link SigningError} `REFUSED_BY_HOOK` when one throws, or `ABORTED`; the signature is dropped.
   */
  announceCreated(selected: Selected, signed: Signed): Promise<void>
  /**
   * Shows what came back. A hook that throws is a warning: by now the response is paid, and it is handed over whatever happens (R7).
   *
   * @returns Whether a hook asks for the same payment to be presented once more.
   */
  announceResponse(delivered: Delivered, responded: Responded): Promise<boolean>
}

/** Everything that the corridor is handed, once per client. */
export type Ports = {
  readonly schemes: Schemes
  readonly preferences: Preferences
  readonly trust: Trust
  /** The limits that hold for one call: the client's, and what the call tightens. */
  limitsFor(options: CallOptions | undefined): Limits
  readonly ledger: Ledger
  readonly clock: Clock
  readonly random: RandomBytes
  /** Asks the chain about one payment in doubt; tells whether it was released, so that its purchase may be made anew. */
  proveReleased(id: string): Promise<boolean>
  /**
   * Asks the chain about all payments in doubt, where it can be asked; tells whether any budget got something back. Asked again too
   * soon, it gives the earlier answer.
   */
  reconcile(): Promise<boolean>
  /** Waits; ends early, without an error, when the signal fires. */
  wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void>
  readonly circuit: Circuit
  readonly flights: Flights
  readonly purchases: PurchaseRules
  /** Whether a payment that can no longer be presented may be replaced: never, once the chain proves it unspent, or once its purchase is over. */
  readonly resign: 'never' | 'when-proven-unspent' | 'when-over'
  /** The client was made by `restrict`: whoever uses it can't change what its operator set. */
  readonly isRestricted: boolean
  /**
   * Loads what shows payments to hooks; before anything is signed, since nothing after that may need to be loaded.
   *
   * @param scheme - May bring hooks of its own.
   * @returns `undefined` where nobody has a hook.
   */
  loadHooks(scheme?: SchemeNetworkClient): Promise<HookRunner> | undefined
  readonly emit: Emit
  warn(warning: Warning): void
}
