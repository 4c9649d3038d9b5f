import type { Clock } from '../clock.js'
import type { MoneyState } from '../errors.js'
import type { Network } from '../protocol/network.js'
import type { SettleResponse } from '../protocol/receipt.js'
import type { PaymentRequirements } from '../protocol/requirements.js'
import type { X402Version } from '../protocol/version.js'
import type { RandomBytes } from '../random.js'
import type { Funding, SchemeNetworkClient } from '../scheme.js'
import type { Emit } from './events.js'
import type { Hooks } from './hooks.js'
import type {
  Cap,
  Charge,
  Delivery,
  Facts,
  Filter,
  Ledger,
  LedgerRecord,
  NewRecord,
  Presentation,
  Reservation,
  Scope,
  State,
  Unit,
} from './ledger-port.js'
import type {
  Allowance,
  Approach,
  Approval,
  ApprovalRequest,
  Approve,
  AskApproval,
  Assessment,
  AssetAmount,
  CapFilter,
  LimitRefusal,
  Limits,
  MoneyInput,
  Terms,
  Verdict,
  Watch,
} from './limits-port.js'

/** What the corridor asks of others. Doors bring an {@link Exchange}; shelves stand behind {@link Limits} and {@link Ledger}. */

/** One answer of a seller, as a door shows it to the corridor. */
export type Answer<Native = unknown> = {
  readonly status: number
  /** Where the answer came from, after redirects that the platform followed; `undefined` when it doesn't say. */
  readonly url: string | undefined
  /** The platform hid a redirect (a browser's opaque answer, status 0). */
  readonly hidden: boolean
  header(name: string): string | null
  /** Its body as text, as {@link Exchange.readBody} reads that of the 402; doors that can't leave it out. */
  readBody?(maxBytes: number): Promise<string | undefined>
  /** What the caller of the door is given. */
  readonly native: Native
}

/** One request that was answered with 402, and the means to send it again. */
export type Exchange<Native = unknown> = {
  readonly method: string
  /** Absolute, as the caller asked. */
  readonly url: string
  readonly signal: AbortSignal | undefined
  readonly options: CallOptions | undefined
  /** The call as {@link Flights.begin} noted it when it began; `undefined` without a key, and from doors that don't. */
  readonly keyedCall?: KeyedCall | undefined
  /** The 402. */
  readonly answer: Answer<Native>
  /** A header of the request. */
  header(name: string): string | null
  /** Whether the same body can be sent a second time. */
  readonly replayable: boolean
  /** SHA-256 of the body as it will be sent again, in hex; empty when there is none. */
  digestBody(): Promise<string>
  /** The 402's body as text, without taking it from the caller; `undefined` when it is longer than `maxBytes` or too slow. */
  readBody(maxBytes: number): Promise<string | undefined>
  /** Lets go of an answer that nobody will read. */
  discard(native: Native): void
  /** A second copy of an answer, for another who asked for the same purchase. */
  duplicate(native: Native): Native
  /**
   * How long the paid part of the call may take, in milliseconds, however often the payment is sent; `undefined` means as long as
   * the payment lives.
   */
  readonly paidTimeoutMs: number | undefined
  /** Reads the 402's body to its end, so that its connection can be used again; stops when `until` is over. */
  drain(until: Promise<unknown>): Promise<void>
  /** Sends the request again to `url` with these headers beside its own, following no redirect. */
  send(url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal | undefined): Promise<Answer<Native>>
}

/** What one call may say for itself. It can only tighten what the client allows. */
export type CallOptions = {
  /**
   * Names the purchase: the same key is the same purchase, whatever the request looks like.
   *
   * @default the header `Idempotency-Key`, else method, address, body and the headers `Authorization`, `Cookie` and `Range`
   */
  purchase?: string | undefined
  /** Labels that limits and reports can be scoped to. None may start with `client/`. @default none */
  tags?: readonly string[] | undefined
  /** Most that this call may cost, below what the limits allow. What it can't price is refused. @default what the limits allow */
  max?: MoneyInput | undefined
  /** Asked before anything is signed for this call, beside the `approve` of the limits. @default nobody is asked */
  approve?: Approve | undefined
  /**
   * Whether the same payment is presented again by itself when its answer is lost or the seller says "not now": for GET and HEAD
   * and where the seller offers `payment-identifier` (`'safe'`), for every method, or never.
   *
   * @default 'safe'
   */
  redeliver?: 'safe' | 'always' | 'never' | undefined
}

/** What the seller's receipt was found to be. */
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
}

/** A registered scheme. */
export type Registration = {
  readonly scheme: SchemeNetworkClient
  /** It was written for protocol 1 and takes the seller's entry as it stands, not the requirements made of it. */
  readonly takesEntry: boolean
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

/** Origins that took money and delivered nothing. */
export type Circuit = {
  /** For how many seconds further purchases are refused; 0 when they aren't. */
  openFor(origin: string): number
  /** What came of a payment; however often it is presented, it counts once. */
  note(origin: string, payment: string, isDelivered: boolean): void
  /** Allows one origin again, or all. */
  reset(origin?: string): void
}

/** Purchases under way under a key of the caller's. */
export type Flights = {
  /** Notes that a call under this key begins. What is bought under it until this call's own 402 arrives is this call's, too. */
  begin(key: string): KeyedCall
  /** What another call buys, or bought while this one waited for its 402; `undefined` when it's this one's to buy. */
  join(flight: Flight): Joined | undefined
  /** Buys. Whoever joins meanwhile is given a copy of the answer, or the same error. */
  run<T extends object>(flight: Flight, start: () => Promise<T>): Promise<T>
}

/** A call under a key, from when it begins. Whoever began it ends it, whatever became of it. */
export type KeyedCall = { end(): void }

/** One call that was asked to pay under a key. */
export type Flight = {
  readonly purchase: string
  /** As the caller wrote it. */
  readonly key: string
  readonly exchange: Exchange<object>
}

/** The answer of another call of this client; or where the money is, when the other belongs to somebody else. */
export type Joined = { readonly answer: Promise<object> } | { readonly money: MoneyState }

/** Something that went on, but that the user should know. Codes are never renamed; one anchor each in `docs/errors.md`. */
export type Warning = { readonly code: WarningCode; readonly message: string; readonly cause?: unknown }

/** Codes of {@link Warning}. */
export type WarningCode = 'HOOK_FAILED' | 'LEDGER_BEHIND' | 'LEDGER_NOT_COMPACTED' | 'LEDGER_TORN_LINE'

/** Everything that the corridor is handed, once per client. */
export type Ports = {
  readonly schemes: Schemes
  readonly preferences: Preferences
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
  /** Whether a payment that can no longer be presented may be replaced once the chain proves that it was not spent. */
  readonly resign: 'never' | 'when-proven-unspent'
  /** Only payments with this label are presented again; `undefined` for a client that is nobody's part. */
  readonly ownTag: string | undefined
  readonly hooks: Hooks
  readonly emit: Emit
  warn(warning: Warning): void
}

export type {
  Allowance,
  Approach,
  Approval,
  ApprovalRequest,
  Approve,
  AskApproval,
  Assessment,
  AssetAmount,
  Cap,
  CapFilter,
  Charge,
  Delivery,
  Facts,
  Filter,
  Funding,
  Ledger,
  LedgerRecord,
  LimitRefusal,
  Limits,
  MoneyInput,
  NewRecord,
  Presentation,
  Reservation,
  Scope,
  State,
  Terms,
  Unit,
  Verdict,
  Watch,
}
