import type { PaymentEvent } from './event.js'
import type { Delivery, Draft, Payment, State, Unit } from './payment.js'
import type { Claim, Claimant, OpenPurchase } from './purchase.js'

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
  /** What the caller of a refused payment can do. */
  readonly hint?: string | undefined
}

/** What counts against a cap. */
export type Sums = {
  /** Isn't known to be spent yet. */
  readonly held: bigint
  readonly spent: bigint
  /** How many payments that are. */
  readonly count: number
}

/**
 * Why nothing was reserved.
 *
 * - `frozen`: the register says so, under {@link FREEZE}.
 * - `open`: a payment of the same purchase is open, or under a key in flight; or one that looks alike is someone else's and alive.
 * - `pin`: the origin was first paid at another address.
 * - `cap`: the payment doesn't fit into a limit.
 */
export type Refusal =
  | { readonly by: 'frozen'; readonly value: Value }
  | { readonly by: 'open'; readonly open: OpenPurchase }
  | { readonly by: 'pin'; readonly payTo: string }
  | ({ readonly by: 'cap'; readonly cap: Cap } & Pick<Sums, 'held' | 'spent'>)

/** What the register holds: any JSON. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value }

/** Where the register says that nothing may be signed or presented, whatever is there. */
export const FREEZE = { kind: 'freeze', key: 'all' } as const

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
  /** Only those of which the chain may still tell something: sent, or settled without what was charged where that may be less. */
  readonly unresolved?: true | undefined
  /** The last id of an earlier page: those that were reserved before it. */
  readonly after?: string | undefined
}

/**
 * Where every payment is written before it leaves. It is told what happened, and is the only author of a payment's state.
 *
 * What any implementation must hold are the cases of `ledgerContract` (`pay402/testing`). Amounts that are reserved or sent are *held*, settled
 * ones are *spent*; both count against every cap until the payment is `released`. Every step may be done twice with one effect: one that
 * rejects may have happened.
 */
export type Ledger = {
  /**
   * Who can share it, and so how far its promises reach: one process, all of a machine or of a browser's profile, or a whole fleet. Whether
   * it outlasts them is another matter: a ledger in a file does, and one process at a time has it.
   */
  readonly guarantee: 'process' | 'machine' | 'fleet'
  /**
   * Writes a payment down, in one atomic step with the checks that nothing is frozen, that no other payment of its purchase is in the way,
   * that its origin isn't pinned to another address, and that every cap has room for it; in this order.
   */
  reserve(draft: Draft, caps: readonly Cap[]): Promise<Payment | Refusal>
  /**
   * Takes note of what happened, as `apply` says. The first `sent` is durable before it resolves.
   *
   * @returns The payment as it is now.
   * @throws {@link LedgerError} `LEDGER_CONFLICT` for what can't have happened, `LEDGER_UNKNOWN_RECORD` for a payment that isn't here.
   */
  note(id: string, event: PaymentEvent): Promise<Payment>
  /**
   * Looks what is open of a purchase, and takes the payment that the claimant could present: until something happens to it, others are told
   * that it is claimed. What isn't the claimant's to present stays as it is.
   */
  claim(claimant: Claimant): Promise<Claim>
  /** Newest first. */
  list(filter: Filter): AsyncIterable<Payment>
  /** What counts against a cap now. */
  spent(cap: Cap): Promise<Sums>
  /** Reads the register beside the payments. */
  get(kind: string, key: string): Promise<Value | undefined>
  /**
   * Writes into the register, if what is there is what was expected; `undefined` is nothing. What a `put` resolved to is durable.
   *
   * @returns Whether it was.
   */
  put(kind: string, key: string, value: Value | undefined, expected: Value | undefined): Promise<boolean>
  /**
   * Since when lists are complete: each payment that was reserved at this time or later is there, in seconds since 1970. `undefined` where
   * every payment is. Only a ledger that drops payments has it.
   */
  completeSince?(): Promise<number | undefined>
  /** Whether a payment was here, and was dropped since it's over. Only a ledger that drops payments has it. */
  isDropped?(id: string): Promise<boolean>
}

/** Whether `reserve` refused. */
export function isRefusal(reserved: Payment | Refusal): reserved is Refusal {
  return 'by' in reserved
}
