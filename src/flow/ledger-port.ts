import type { Claim, Claimant, OpenPurchase } from '../payment/purchase.js'
import type { TokenAllowance } from '../payment/scheme.js'
import type { JsonObject } from '../wire/json.js'
import type { Network } from '../wire/network.js'
import type { PaymentPayload } from '../wire/payload.js'
import type { PaymentRequirements } from '../wire/requirements.js'

/**
 * What a charge is counted in: 10^-18 dollars, atomic units of `network/asset`, 10^-18 units of `symbol/USDC`, or payments
 * (`payments/all`).
 */
export type Unit = 'usd' | `${string}/${string}`

/** What one payment adds to the running sums. */
export type Charge = { readonly unit: Unit; readonly amount: bigint }

/** Which payments a cap counts: those with all of these. */
export type Scope = {
  readonly host?: string | undefined
  readonly payTo?: string | undefined
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
  /**
   * Who asks to buy: counts what {@link findOpen} finds of the purchase, and nothing else. Unit, scope and window play no part; one is one
   * too many.
   */
  readonly purchase?: Claimant | undefined
  /** What the caller of a refused payment can do. */
  readonly hint?: string | undefined
}

/** How far a payment has come. Users see `sent` as `in-doubt`. */
export type State = 'reserved' | 'signed' | 'sent' | 'settled' | 'released'

/**
 * What became of the response to the paid request.
 *
 * - `none`: nothing came yet.
 * - `delivered`: what was bought: a 2xx, a redirect that isn't followed, or a status that the caller lists in `delivers`. Final.
 * - `answered`: a 4xx that was handed to the caller. The same purchase presents the same payment.
 * - `lost`: nothing, or a response that delivers nothing, such as a 5xx or another 402. The same purchase presents the same payment.
 */
export type Delivery = 'none' | 'delivered' | 'answered' | 'lost'

/** A payment as it is written down before the signer is asked. */
export type NewRecord = {
  /** Exact name of the purchase: the caller's key or a digest of the request. */
  readonly purchase: string
  /** Name of the request without what changes between tries; `undefined` where buyers are told apart by each header. */
  readonly coarse: string | undefined
  /** The caller named the purchase by a key. */
  readonly isKeyed: boolean
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
  readonly payTo: string
  /** Atomic units. */
  readonly amount: bigint
  readonly symbol: string | undefined
  readonly decimals: number | undefined
  readonly tags: readonly string[]
  readonly charges: readonly Charge[]
  /** Nothing could read what was signed: the price was trusted. */
  readonly unread?: true | undefined
}

/** What was learned since; later facts replace earlier ones of the same name. */
export type Facts = {
  readonly delivery?: Delivery | undefined
  /** Another exact name of its purchase: that of the credential with which it is presented after a 401 refused an earlier one. */
  readonly purchase?: string | undefined
  /** The status of the last response to it. */
  readonly status?: number | undefined
  /** Its purchase was given up or bought again: it counts, and is never presented again. */
  readonly forgotten?: true | undefined
  /** The signed payment with the headers that carry it; kept only while it may have to be presented again. */
  readonly presentation?: Presentation | undefined
  /** When the authorization dies by itself, in seconds since 1970. */
  readonly validUntilSeconds?: number | undefined
  readonly nonce?: string | undefined
  /** What counts, where the chain says that less was taken; replaces the reserved charges. A receipt is the seller's word and proves nothing. */
  readonly charges?: readonly Charge[] | undefined
  /** What the chain says was taken, in atomic units. */
  readonly charged?: bigint | undefined
  readonly transaction?: string | undefined
  /** The transaction that this ledger's client sent to cancel it. */
  readonly cancellation?: string | undefined
  /** What was signed beside the payment and sent with it. */
  readonly allowances?: readonly TokenAllowance[] | undefined
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
  | {
      readonly refusedBy: Cap
      readonly held: bigint
      readonly spent: bigint
      /** What is open, where a cap on one purchase refuses. */
      readonly open?: OpenPurchase | undefined
    }

/**
 * Where every payment is written before it leaves.
 *
 * What any implementation must hold are the cases of `ledgerContract` (`pay402/testing`). Amounts that are reserved or sent are *held*, settled
 * ones are *spent*; both count against every cap until the record is `released`.
 */
export type Ledger = {
  /** How far its promises reach: this process, this machine across restarts, or a whole fleet. */
  readonly guarantee: 'process' | 'machine' | 'fleet'
  /** Checks all caps and writes the record, in one atomic step. */
  reserve(record: NewRecord, caps: readonly Cap[]): Promise<Reservation>
  /** Compare and set. `sent` is durable before it resolves. */
  move(id: string, from: readonly State[], to: State, facts: Facts): Promise<void>
  /**
   * Looks what is open of a purchase, and takes the payment that the claimant could present: until it moves, others are told that it is
   * claimed. What isn't the claimant's to present stays as it is.
   */
  claim(claimant: Claimant): Promise<Claim>
  /** Newest first. */
  list(filter: Filter): AsyncIterable<LedgerRecord>
  /** What counts against a cap now. */
  spent(cap: Cap): Promise<{ held: bigint; spent: bigint; count: number }>
}
