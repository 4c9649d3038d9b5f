import type { Clock } from '../clock.js'
import type { JsonObject } from '../protocol/json.js'
import type { Network } from '../protocol/network.js'
import type { PaymentPayload } from '../protocol/payload.js'
import type { SettleResponse } from '../protocol/receipt.js'
import type { PaymentRequirements } from '../protocol/requirements.js'
import type { X402Version } from '../protocol/version.js'
import type { RandomBytes } from '../random.js'
import type { DefaultAsset, Funding, SchemeNetworkClient } from '../scheme.js'
import type { Emit } from './events.js'
import type { Hooks } from './hooks.js'

/** What the corridor asks of others. Doors bring an {@link Exchange}; shelves stand behind {@link Limits} and {@link Ledger}. */

/** One answer of a seller, as a door shows it to the corridor. */
export type Answer<Native = unknown> = {
  readonly status: number
  /** Where the answer came from, after redirects that the platform followed; `undefined` when it doesn't say. */
  readonly url: string | undefined
  /** The platform hid a redirect (a browser's opaque answer, status 0). */
  readonly hidden: boolean
  header(name: string): string | null
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
  /** Reads the 402's body to its end, so that its connection can be used again; stops when `until` is over. */
  drain(until: Promise<unknown>): Promise<void>
  /** Sends the request again to `url` with these headers beside its own, following no redirect. */
  send(url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal | undefined): Promise<Answer<Native>>
}

/** What one call may say for itself. It can only tighten what the client allows. */
export type CallOptions = {
  /** Names the purchase: the same key is the same purchase, whatever the request looks like. */
  purchase?: string | undefined
  /** Labels that limits and reports can be scoped to. */
  tags?: readonly string[] | undefined
}

/** What a charge is counted in: 10^-18 dollars, atomic units of `network/asset`, or 10^-18 units of `symbol/USDC`. */
export type Unit = 'usd' | `${string}/${string}`

/** What one payment adds to the running sums. */
export type Charge = { readonly unit: Unit; readonly amount: bigint }

/** Which payments a cap counts: those with all of these. */
export type Scope = {
  readonly host?: string | undefined
  readonly payee?: string | undefined
  readonly tag?: string | undefined
}

/** One limit as data, so that any engine can check it in the same atomic step in which it reserves. */
export type Cap = {
  /** The option that it comes from, such as `perDay`. */
  readonly name: string
  readonly unit: Unit
  readonly scope: Scope
  /** How far back payments count; `undefined` means for ever. */
  readonly windowSeconds: number | undefined
  /** Most that may be counted, the new payment included. */
  readonly amount?: bigint | undefined
  /** Most payments that may be counted, the new one included. */
  readonly count?: number | undefined
}

/** How far a payment has come; decisions.md 2. Users see `sent` as `in-doubt`. */
export type State = 'reserved' | 'signed' | 'sent' | 'settled' | 'released'

/** What became of the answer to the paid request. */
export type Delivery = 'none' | 'answered' | 'lost'

/** A payment as it is written down before the signer is asked. */
export type NewRecord = {
  /** Name of the purchase: the caller's key or a digest of the request. */
  readonly purchase: string
  /** The origin that asked to be paid. */
  readonly origin: string
  readonly host: string
  readonly method: string
  /** The resource, without credentials, query and fragment. */
  readonly resource: string
  readonly payer: string | undefined
  readonly scheme: string
  readonly network: Network
  readonly asset: string
  readonly payee: string
  /** Atomic units. */
  readonly amount: bigint
  readonly symbol: string | undefined
  readonly decimals: number | undefined
  readonly tags: readonly string[]
  readonly charges: readonly Charge[]
}

/** What was learned since; later facts replace earlier ones of the same name. */
export type Facts = {
  readonly delivery?: Delivery | undefined
  /** The signed payment with the headers that carry it; kept only while it may have to be presented again. */
  readonly presentation?: Presentation | undefined
  /** When the authorization dies by itself, in seconds since 1970. */
  readonly validUntilSeconds?: number | undefined
  readonly nonce?: string | undefined
  /** What a verified receipt says was charged; replaces the reserved charges. */
  readonly charges?: readonly Charge[] | undefined
  readonly transaction?: string | undefined
  /** The seller's word on why it didn't deliver; changes no budget (R2). */
  readonly sellerSaid?: string | undefined
}

/** A signed payment as it goes out. Whoever holds it can spend it. */
export type Presentation = {
  readonly headers: Readonly<Record<string, string>>
  readonly payload: PaymentPayload
  /** The terms that were signed. */
  readonly requirements: PaymentRequirements
  /** The offer as the seller wrote it. */
  readonly entry: JsonObject
}

/** A payment as the ledger holds it. */
export type LedgerRecord = NewRecord &
  Facts & {
    readonly id: string
    readonly state: State
    readonly delivery: Delivery
    /** When it was reserved: the later of the clock and the newest record, so that a clock set back frees nothing. */
    readonly atSeconds: number
    /** This process (or another on the same ledger) is presenting it right now. */
    readonly claimed: boolean
  }

/** Which records to list. */
export type Filter = {
  readonly states?: readonly State[] | undefined
  readonly delivery?: Delivery | undefined
  readonly host?: string | undefined
}

/** What a reservation came to. */
export type Reservation =
  | { readonly id: string }
  | { readonly refusedBy: Cap; readonly held: bigint; readonly spent: bigint }

/**
 * Where every payment is written before it leaves.
 *
 * What any implementation must hold is `test/contracts/ledger.ts`. Amounts that are reserved or sent are *held*, settled
 * ones are *spent*; both count against every cap until the record is `released`.
 */
export type Ledger = {
  /** How far its promises reach: this process, this machine across restarts, or a whole fleet. */
  readonly guarantee: 'process' | 'machine' | 'fleet'
  /** Checks all caps and writes the record, in one atomic step. */
  reserve(record: NewRecord, caps: readonly Cap[]): Promise<Reservation>
  /** Compare and set. `sent` is durable before it resolves. */
  move(id: string, from: readonly State[], to: State, facts: Facts): Promise<void>
  /** Takes the one payment of this purchase that was sent and whose answer is lost; nobody else gets it until it moves. */
  claim(purchase: string, payers: readonly string[]): Promise<LedgerRecord | undefined>
  /** Newest first. */
  list(filter: Filter): AsyncIterable<LedgerRecord>
  /** What counts against a cap now. */
  spent(cap: Cap): Promise<{ held: bigint; spent: bigint; count: number }>
}

/** What limits are asked about one offer. */
export type Terms = {
  readonly network: Network
  readonly asset: string
  readonly amount: bigint
  readonly payee: string
  readonly host: string
  readonly tags: readonly string[]
  /** The scheme's own knowledge of the asset. */
  readonly known: DefaultAsset | undefined
}

/** Why limits refuse an offer whatever was spent before. */
export type LimitRefusal = {
  readonly code: 'LIMIT_PER_PAYMENT' | 'ASSET_NOT_ALLOWED'
  /** The end of "Refused to pay 2.50 USDC: …". */
  readonly because: string
  readonly hint: string
}

/** What limits say to one offer: refused as it stands, or what to count and which caps to check while reserving. */
export type Assessment = {
  /** How the asset is written for a person, where anybody knows it. */
  readonly symbol: string | undefined
  readonly decimals: number | undefined
  /** The price in 10^-18 dollars; `undefined` when the asset isn't known to be worth a dollar. */
  readonly dollars: bigint | undefined
} & ({ readonly refusal: LimitRefusal } | { readonly charges: readonly Charge[]; readonly caps: readonly Cap[] })

/** What may be spent. Pure: what was spent before is the ledger's to know. */
export type Limits = {
  assess(terms: Terms): Assessment
  /** Writes a cap's numbers as a person reads them. */
  format(unit: Unit, amount: bigint): string
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

/** Something that went on, but that the user should know. Codes are never renamed; one anchor each in `docs/errors.md`. */
export type Warning = { readonly code: WarningCode; readonly message: string; readonly cause?: unknown }

/** Codes of {@link Warning}. */
export type WarningCode = 'HOOK_FAILED' | 'LEDGER_BEHIND' | 'RECEIPT_DOUBTFUL'

/** Everything that the corridor is handed, once per client. */
export type Ports = {
  readonly schemes: Schemes
  readonly preferences: Preferences
  readonly limits: Limits
  readonly ledger: Ledger
  readonly clock: Clock
  readonly random: RandomBytes
  readonly hooks: Hooks
  readonly emit: Emit
  warn(warning: Warning): void
}

export type { Funding }
