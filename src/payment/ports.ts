import type { Envelope } from '../wire/challenge.js'
import type { Network } from '../wire/network.js'
import type { PaymentPayload } from '../wire/payload.js'
import type { SettleResponse } from '../wire/receipt.js'
import type { PaymentRequirements } from '../wire/requirements.js'
import type { X402Version } from '../wire/version.js'
import type { Call } from './call.js'
import type { Clock } from './clock.js'
import type { CallOptions, InFlight } from './exchange.js'
import type { Flights } from './flight/flight.js'
import type { Ledger, Value } from './ledger.js'
import type { Limits, Question } from './limits.js'
import type { Payment } from './payment.js'
import type { UnderWay } from './purchase.js'
import type { RandomBytes } from './random.js'
import type { PublishedScheme, SchemeNetworkClient } from './scheme.js'
import type { Challenge, Delivered, Selected, Signed } from './steps.js'
import type { Emit, Warning } from './stream.js'

/**
 * What the seller's receipt turned out to be.
 *
 * - `verified`: it says success, names a transaction, and fits the terms that were signed. The money is `settled`.
 * - `accepted`: as before, but without a transaction yet, as facilitators write it that settle later.
 * - `mismatch`: it says success and doesn't fit the terms; `problems` says how.
 * - `malformed`: the header isn't a receipt.
 * - `missing`: the response has none.
 * - `failed`: it says that nothing was taken.
 *
 * All of these are the seller's word. With any but `verified`, the money stays in doubt, and counted; `client.verifyReceipt` asks the chain.
 */
export type ReceiptState = 'verified' | 'accepted' | 'mismatch' | 'malformed' | 'missing' | 'failed'

/** The seller's receipt, and what comparing it with the approved terms found. */
export type Receipt = {
  readonly state: ReceiptState
  /** As the seller wrote it; `undefined` when there is none, or none that can be read. */
  readonly response: SettleResponse | undefined
  /** What doesn't fit the terms, one sentence each. */
  readonly problems: readonly string[]
}

/** Which schemes can sign. */
export type Schemes = {
  /** Loads what is known about published schemes if a registered object needs it; called before offers are judged. */
  prepare?(): Promise<void> | undefined
  find(wanted: WantedScheme): Registration | undefined
  /** Every account that can pay. */
  payers(): readonly string[]
  /** Whether any of them may have a chain to ask. @default one may */
  canAskChain?(): boolean
}

/** What an offer asks of the registry. */
export type WantedScheme = {
  readonly scheme: string
  readonly network: Network
  readonly x402Version: X402Version
  /** The network as the seller wrote it. */
  readonly spoken: unknown
  /** The account that paid, when that is known: finds the scheme that signed for it. */
  readonly payer?: string | undefined
}

/** A registered scheme. */
export type Registration = {
  readonly scheme: SchemeNetworkClient
  /** Whether it was written for protocol 1 and takes the seller's entry as it is, not the requirements made from it. */
  readonly takesEntry: boolean
  /** What is known about published schemes of its name, for what it doesn't say itself. */
  readonly published?: PublishedScheme | undefined
  /** Whether to pay even though nothing can read what it signs. @default false */
  readonly trustsPrice?: boolean | undefined
}

/** Filters and reorders offers. It is shown frozen copies; an offer that it changed is dropped. */
export type PaymentPolicy = (
  x402Version: number,
  paymentRequirements: PaymentRequirements[],
) => readonly PaymentRequirements[]

/** Takes one of the offers, in place of the rule that takes the cheapest of the first scheme. Limits still hold. */
export type PaymentRequirementsSelector = (
  x402Version: number,
  paymentRequirements: PaymentRequirements[],
) => PaymentRequirements

/** How offers are ordered before one is taken. */
export type Preferences = {
  readonly policies: readonly PaymentPolicy[]
  readonly selector: PaymentRequirementsSelector | undefined
  /** Networks or namespaces, the preferred ones first. */
  readonly networks: readonly string[]
  /** Addresses, the preferred ones first. */
  readonly assets: readonly string[]
  readonly cheapest: 'same-network' | 'anywhere'
  /** Skip offers for which the wallet is known to hold too little. */
  readonly funded: boolean
}

/** Which ways for terms to reach the buyer are trusted. */
export type Trust = {
  /** Pay over plain HTTP beyond the loopback. */
  readonly allowPlainHttp: boolean
  /** Pay a 402 that came from another origin after a redirect, to that origin. */
  readonly allowRedirectedOrigin: boolean
  /** Refuse terms whose resource is on another host, instead of warning. */
  readonly strictResource: boolean
  /** Values of `extra.paymentFlow` that may be paid. */
  readonly paymentFlows: readonly string[]
  /** What becomes of a request that the seller's own schema forbids. */
  readonly sellerSchema: 'refuse' | 'warn'
}

/** How calls become purchases. */
export type PurchaseRules = {
  /** Whether all callers are one buyer, so that tokens and cookies don't matter, or many, told apart by theirs. */
  readonly buyers: 'one' | 'many' | undefined
  /** Headers that say who the caller is, in lower case: the well-known ones, and those that the client adds. */
  readonly credentialHeaders: readonly string[]
  /** Statuses that deliver what was bought, in addition to any 2xx. */
  readonly delivers: readonly number[]
  /**
   * The lasting name of the client, or of the nearest one above it that has one: a purchase of one name is never that of another.
   *
   * @default that of the client that no `restrict` named
   */
  readonly space?: string | undefined
  /** How long a key doesn't buy again after it was paid for, in seconds. */
  readonly purchaseForSeconds?: number | undefined
}

/** Origins that took money and delivered nothing. */
export type Circuit = {
  /** How long further purchases are refused, in seconds; 0 when they aren't. */
  openFor(origin: string): number
  /** Notes the outcome of a payment, which counts once however often it is presented. */
  note(origin: string, payment: string, isDelivered: boolean): void
  /** Takes a payment for delivered until its body was read; to be told what that turned out to be, at most once. */
  presume(origin: string, payment: string): (isMissing: boolean) => void
  /** Allows purchases from one origin again, or from all. */
  reset(origin?: string): void
  /** How often purchases were allowed again, here or above. */
  resets(): number
  /**
   * The circuit of a restricted client: what this one refuses is refused there, too, and what fails there is none of this one's business, since
   * the seller may be made up. The same name has the same one; without a name each call makes another.
   */
  below(name: string | undefined): Circuit
}

/** What came back for a payment: its receipt, and the terms when the seller asked for money again. */
export type Responded = { readonly receipt: Receipt; readonly asked: Envelope | undefined }

/** Shows a payment to your hooks and extensions, step by step, and returns what they decide. They are shown copies. */
export type HookRunner = {
  /**
   * Shows the 402.
   *
   * @returns Headers to send the request with once more, unpaid; `undefined` for none.
   * @throws {@link SelectionError} when a hook throws, {@link DeliveryError} when one returns a payment's header; nothing was signed.
   */
  askHeaders(challenge: Challenge): Promise<Readonly<Record<string, string>> | undefined>
  /**
   * Shows the selected offer, before the limits are checked.
   *
   * @throws {@link SelectionError} `REFUSED_BY_HOOK`, or {@link SigningError} `ABORTED`; nothing was signed.
   */
  announceSelected(selected: Selected): Promise<void>
  /** Shows a failure of the signer, and returns the first payload that a hook supplies. It isn't trusted: `sign` reads it back. */
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
   * Shows what came back. A hook that throws causes a warning: the response is paid by now, so it is handed over no matter what (R7).
   *
   * @returns Whether a hook asks for the same payment to be presented once more.
   */
  announceResponse(delivered: Delivered, responded: Responded): Promise<boolean>
}

/** Terms that a call may be paid at before it's asked. */
export type Recalled = {
  readonly envelope: Envelope
  /** What becomes of the call if the seller asks for other terms; see `PrepayOptions`. */
  readonly onChange: 'refuse' | 'pay-new'
}

/** What this buyer remembers of the prices of routes that may be prepaid. */
export type Prices = {
  /**
   * Recalls what a call will cost.
   *
   * @returns `undefined` when the seller has to be asked.
   */
  recall(call: Pick<Call, 'method'> & { readonly url: string | undefined }): Recalled | undefined
  /** Remembers the terms at which something was delivered. */
  remember(call: Pick<Call, 'method' | 'url' | 'asked'>, envelope: Envelope): void
  /** Forgets the price of a route, and of the one that a redirect led to: the seller is asked until a price has held twice. */
  forget(call: Pick<Call, 'method' | 'url' | 'asked'>): void
  /** Forgets the price of a route whose seller is asked all the same: whatever comes of that, the next call is prepaid only after a new delivery. */
  setAside(call: Pick<Call, 'asked'>): void
}

/** Everything that the steps of a payment are handed, once per client. */
export type Ports = {
  readonly schemes: Schemes
  readonly preferences: Preferences
  readonly trust: Trust
  /** The limits that hold for one call: the client's, and what the call tightens. */
  limitsFor(options: CallOptions | undefined): Limits
  readonly ledger: Ledger
  /**
   * Takes limits of the ledger's register in place of the client's own, unless they are known.
   *
   * @param value - What the register holds under `LIMITS`.
   * @returns Whether they can be read; where they can't, the client keeps those that it had.
   */
  followLimits(value: Value | undefined): Promise<boolean>
  readonly clock: Clock
  readonly random: RandomBytes
  /** What routes cost that may be prepaid; `undefined` where none may. */
  readonly prices?: Prices | undefined
  /** Asks the chain about one payment in doubt. Resolves to whether it was released, so that its purchase may be made again. */
  proveReleased(id: string): Promise<boolean>
  /**
   * Asks the chain about a few payments in doubt, the oldest first, where it can be asked. Resolves to whether any budget got something back.
   * Called again too soon, it resolves to the earlier result.
   */
  reconcile(): Promise<boolean>
  /** Waits; ends early, without an error, when the signal fires. */
  wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void>
  readonly circuit: Circuit
  readonly flights: Flights
  readonly underWay: UnderWay
  /** What whoever approves was asked of late, oldest first: the same for a client and all that it restricts. */
  readonly questions: Set<Question>
  /** What restricted clients presented that others had made, by id, as it counts against theirs: the same for a client and all that it restricts. */
  readonly presented: Map<string, Payment>
  /** What restricted clients are reserving: what they present waits for that, so that both are counted. */
  readonly reserving: Set<Promise<unknown>>
  /** What becomes of equal calls in flight, where the client says; see {@link CallOptions.inFlight}. */
  readonly inFlight: InFlight | undefined
  readonly purchases: PurchaseRules
  /** Whether a payment that can no longer be presented may be replaced: never, once the chain proves it unspent, or once its purchase is over. */
  readonly resign: 'never' | 'when-proven-unspent' | 'when-over'
  /** Whether the client was made by `restrict`: its user can't change what its operator set. */
  readonly isRestricted: boolean
  /** What all payments of a restricted client are labeled with, and those of no other; with a lasting name those below it are, too. */
  readonly label?: string | undefined
  /**
   * Loads the runner of hooks. Always before anything is signed: after that, nothing may depend on loading a file.
   *
   * @param scheme - May bring hooks of its own.
   * @returns The runner; `undefined` when there are no hooks.
   */
  loadHooks(scheme?: SchemeNetworkClient): Promise<HookRunner> | undefined
  readonly emit: Emit
  warn(warning: Warning): void
}
