import { isJsonObject } from '../wire/json.js'
import type { PaymentEvent } from './event.js'
import type { Delivery, Draft, Payment, State, Unit } from './payment.js'
import type { Asker, Claim, Claimant, OpenPurchase } from './purchase.js'
import type { Warning } from './stream.js'

/** Which payments a cap counts: those that match every member. */
export type Scope = {
  readonly host?: string | undefined
  /** As `call.asked` of a payment has it, or else `call.resource`. */
  readonly resource?: string | undefined
  readonly payTo?: string | undefined
  readonly tag?: string | undefined
}

/** One limit as data, so that any engine can check it in the same atomic step in which it reserves. */
export type Cap = {
  /** The option that it comes from, such as `perDay`. */
  readonly name: string
  readonly unit: Unit
  readonly scope: Scope
  /** How far back payments count; `undefined` means forever, or by {@link Cap.monthIn}. */
  readonly windowSeconds: number | undefined
  /**
   * Counts the calendar month that the ledger's clock is in, in this IANA time zone; `windowSeconds` is `undefined` then.
   *
   * @default none
   */
  readonly monthIn?: string | undefined
  /** Most that may be counted, the new payment included. */
  readonly amount?: bigint | undefined
  /** Most payments that may be counted, the new one included. */
  readonly count?: number | undefined
  /** What the caller of a refused payment can do. */
  readonly hint?: string | undefined
  /** Whether the caller of a refused payment may not be told what it allows: it's a limit of a restricted client's owner. @default false */
  readonly isConfidential?: boolean | undefined
}

/** What counts against a cap. */
export type Sums = {
  /** Reserved or sent, and not known to be spent yet. */
  readonly held: bigint
  readonly spent: bigint
  /** How many payments both are made of. */
  readonly count: number
}

/**
 * Why nothing was reserved.
 *
 * - `frozen`: the register says so, under {@link FREEZE}.
 * - `limits`: the register holds other limits, under {@link LIMITS}, than the payment was judged by; `undefined` when it holds none anymore.
 * - `open`: a payment of the same purchase is open, or is in flight under the same key; or one that looks the same is someone else's, and can still be taken.
 * - `pin`: the origin was first paid at another address.
 * - `cap`: the payment doesn't fit into a limit.
 */
export type Refusal =
  | { readonly by: 'frozen'; readonly value: Value }
  | { readonly by: 'limits'; readonly value: Value | undefined }
  | { readonly by: 'open'; readonly open: OpenPurchase }
  | { readonly by: 'pin'; readonly payTo: string }
  | ({ readonly by: 'cap'; readonly cap: Cap } & Pick<Sums, 'held' | 'spent'>)

/** What the register holds: any JSON. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value }

/** The place in the register that freezes a ledger: while it holds any value, nothing is signed or presented. */
export const FREEZE = { kind: 'freeze', key: 'all' } as const

/** The place in the register for the limits that a desk sets, in place of those of every client of the ledger that no `restrict` made. */
export const LIMITS = { kind: 'limits', key: 'all' } as const

/**
 * Whether the limits that a payment was judged by aren't those of the register, so that it must be judged again.
 *
 * @param value - What the register holds under {@link LIMITS}.
 * @param by - Of the draft: which limits it was judged by.
 */
export function isUnderOtherLimits(value: Value | undefined, { limits }: Pick<Asker, 'limits'>): boolean {
  return value === undefined ? limits !== undefined : limits === undefined || limits !== versionOf(value)
}

/** Which limits a value of the register is; `undefined` for one that no version of pay402 wrote. */
export function versionOf(value: Value | undefined): string | undefined {
  const version = isJsonObject(value) ? value['version'] : undefined
  return typeof version === 'string' ? version : undefined
}

/** Which payments to list. */
export type Filter = {
  readonly states?: readonly State[] | undefined
  readonly delivery?: Delivery | undefined
  readonly host?: string | undefined
  readonly tag?: string | undefined
  /** Reserved at this time or later, in seconds since 1970. */
  readonly from?: number | undefined
  /** Reserved before this time, in seconds since 1970. */
  readonly to?: number | undefined
  /** Only those that the chain may still have news of: sent, or settled by a scheme that may charge less, with the charge not known yet. */
  readonly unresolved?: true | undefined
  /** The last id of an earlier page: only those that were reserved before that payment. */
  readonly after?: string | undefined
}

/**
 * Where every payment is written down before it leaves. A ledger is told what happened, and is the only author of a payment's state.
 *
 * The cases of `ledgerContract` (`pay402/testing`) say what any implementation must hold. Amounts that are reserved or sent are *held*,
 * settled ones are *spent*; both count against every cap until the payment is `released`. A step that rejects may have happened, so every
 * step may be done again, with one effect.
 */
export type Ledger = {
  /**
   * Who can share it, and so how far its promises reach: one process, all of a machine or of a browser's profile, or a whole fleet.
   */
  readonly guarantee: 'process' | 'machine' | 'fleet'
  /**
   * Writes a payment down, in one atomic step with these checks, in this order: nothing is frozen, the register holds no other limits than it
   * was judged by, no other payment of its purchase is in the way, its origin isn't pinned to another address, and every cap has room for it.
   *
   * @param draft - The payment.
   * @param caps - Every cap that counts it.
   * @returns The payment, or why nothing was written.
   */
  reserve(draft: Draft, caps: readonly Cap[]): Promise<Payment | Refusal>
  /**
   * Takes note of what happened, as `apply` says. The first `sent` is durable before this resolves.
   *
   * @param id - The payment.
   * @param event - What happened to it.
   * @returns The payment as it is now.
   * @throws {@link LedgerError} `LEDGER_CONFLICT` for what can't have happened, `LEDGER_UNKNOWN_RECORD` for a payment that isn't here.
   */
  note(id: string, event: PaymentEvent): Promise<Payment>
  /**
   * Looks for an open payment of a purchase, and takes the one that the claimant could present: until something happens to it, others are
   * told that it is claimed. What isn't the claimant's to present stays as it is.
   *
   * @param claimant - Who asks, and for which purchase.
   * @returns What {@link Claim} distinguishes.
   */
  claim(claimant: Claimant): Promise<Claim>
  /** Lists payments, the newest first. */
  list(filter: Filter): AsyncIterable<Payment>
  /** Adds up what counts against a cap now. */
  spent(cap: Cap): Promise<Sums>
  /** Reads a value of the register, which is kept alongside the payments; `undefined` when there is none. */
  get(kind: string, key: string): Promise<Value | undefined>
  /**
   * Writes a value into the register if the one that is there is the expected one. It is durable before this resolves.
   *
   * @param value - `undefined` removes what is there.
   * @param expected - `undefined` expects that there is none.
   * @returns Whether it was written.
   */
  put(kind: string, key: string, value: Value | undefined, expected: Value | undefined): Promise<boolean>
  /**
   * Since when lists are complete: each payment that was reserved at this time or later is there, in seconds since 1970. `undefined` where
   * every payment is. Only a ledger that drops payments has it.
   */
  completeSince?(): Promise<number | undefined>
  /** Whether a payment was here, and was dropped since it's over. Only a ledger that drops payments has it. */
  isDropped?(id: string): Promise<boolean>
  /**
   * Calls a listener with what stopped nothing but is worth knowing; a client tells its own listeners. Only a ledger that has something to
   * tell has it.
   *
   * @returns A function that ends the listening.
   */
  listen?(listener: (warning: Warning) => void): () => void
  /**
   * Closes it: it refuses everything from then on. Resolves once every step that was asked for before is done, and durable where it must be. Only
   * ledgers that hold something open have it; `client.drain` calls it.
   */
  close?(): Promise<void>
}

/**
 * Tells a refusal of `reserve` from a payment.
 *
 * @param reserved - What `reserve` resolved to.
 * @returns Whether nothing was reserved.
 */
export function isRefusal(reserved: Payment | Refusal): reserved is Refusal {
  return 'by' in reserved
}
