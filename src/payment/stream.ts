import type { Considered } from '../errors/step-errors.js'
import type { MoneyState } from '../errors/x402-error.js'
import type { PaymentEvent } from './event.js'
import type { Approach } from './limits.js'
import type { PaidTerms } from './summary.js'

/** Something that stopped nothing, but that you should know. Codes are never renamed; each has an anchor in `docs/errors.md`. */
export type Warning = {
  readonly code: WarningCode
  readonly message: string
  /** What you can do about it. */
  readonly hint?: string | undefined
  readonly cause?: unknown
}

/** Codes of {@link Warning}. */
export type WarningCode =
  /**
   * The ledger's newest payment was reserved more than three hours in the future of its clock: the clock was ahead then, or is behind
   * now. Such payments count for a whole hour or day from now on; nothing is freed. If the clock is behind, set it right: then all
   * count by their own time again. See [when a clock is wrong](guides/ledger.md#when-a-clock-is-wrong).
   */
  | 'CLOCK_WAS_AHEAD'
  /** A hook or a listener of yours threw after the point at which it could stop anything. */
  | 'HOOK_FAILED'
  /**
   * The ledger couldn't note what became of a payment, and counts the full amount until it can; or it couldn't say
   * whether a payment may be presented once more, so it wasn't.
   */
  | 'LEDGER_BEHIND'
  /** The file of the ledger couldn't be rewritten smaller. It goes on as it is. */
  | 'LEDGER_NOT_COMPACTED'
  /** The ledger's database may forget what was paid, and `durable: 'best-effort'` allows that; the message says what is missing. */
  | 'LEDGER_MAY_FORGET'
  /** The ledger's database forgot its last steps. What this process sent lately was put back, and counts; the message says how much. */
  | 'LEDGER_ROLLED_BACK'
  /** The last line of the ledger's file was cut off, as a crash does; it was dropped. */
  | 'LEDGER_TORN_LINE'
  /**
   * A [prepaid](guides/one-trip.md) call was answered without a receipt: the route may be free or gone. The payment counts until the chain proves
   * it dead, and the seller is asked for the price again.
   */
  | 'PREPAID_WITHOUT_RECEIPT'
  /**
   * `client.verifyReceipt` found that the transaction named by the seller's receipt isn't the payment; the message says how. The money
   * stays where it was, and counted: what was signed may have been taken by another transaction, or may still be taken. See
   * [what a receipt proves](concepts/where-the-money-is.md#what-a-receipt-says-and-what-it-proves).
   */
  | 'RECEIPT_MISMATCH'
  /**
   * The request has fields that the seller's declaration doesn't know, which may be misspelled; or it would fail by
   * it, and `sellerSchema` is `'warn'`. It is paid.
   */
  | 'REQUEST_BESIDE_SCHEMA'
  /**
   * The terms name a resource of another host than the one that asks for the money. Whose limits count depends on who
   * asks, so it is paid anyway; [`strictResource`](guides/client-options.md#whom-to-believe) refuses it.
   */
  | 'RESOURCE_ELSEWHERE'
  /**
   * A browser got a `402` from another origin, and the page can't read any terms in it. The seller may not mean x402
   * at all, so the `402` is handed on as it came; or its CORS settings hide the terms. It has to send
   * `Access-Control-Expose-Headers: PAYMENT-REQUIRED, PAYMENT-RESPONSE` with its responses, and
   * `Access-Control-Allow-Headers: PAYMENT-SIGNATURE` with its response to `OPTIONS`.
   */
  | 'TERMS_HIDDEN_BY_CORS'

/** What a ledger is told about a payment, without anything that someone could spend. */
type Told<Event extends PaymentEvent> = Event extends unknown
  ? Omit<
      Event,
      'presentation' | 'charges' | 'allowances' | 'nonce' | 'purchase' | 'purchaseForSeconds' | 'charged' | 'isSettled'
    > & {
      readonly payment: string
      readonly resource: string
      readonly money: MoneyState
    } & (Event extends { readonly type: 'settled' }
        ? {
            /** What the chain says was taken, in atomic units. */
            readonly charged?: string | undefined
          }
        : unknown)
  : never

/**
 * What happens, as it happens. Events are frozen and hold no signature, no header and no query of an address.
 *
 * The events of one call come in this order: `challenge`, `considered`, `reserved`, `signed`, and then what its ledger is told: `sent`,
 * followed by `delivered`, `answered` or `lost`, each with where the money is. `settled` or `released` may come later, and `refused` at any
 * point. A call that presents an earlier payment begins at `sent`; each time that a payment is presented again, its events continue from there.
 * `bought-again` means that an earlier payment's purchase is over and is made again; the earlier payment still counts. `freed` means that a
 * call that found an earlier payment doesn't present it. `proposed` means that a payment waits for someone to approve it at a desk. `approach` means that a payment came close to a limit. `warning` is something that stopped nothing but is worth knowing, and may come at any time.
 */
export type ClientEvent = { readonly atSeconds: number } & (
  | { readonly type: 'challenge'; readonly resource: string; readonly x402Version: number; readonly offers: number }
  | {
      readonly type: 'considered'
      readonly resource: string
      readonly terms: PaidTerms
      readonly considered: readonly Considered[]
    }
  | { readonly type: 'reserved'; readonly payment: string; readonly terms: PaidTerms }
  | { readonly type: 'signed'; readonly payment: string; readonly validUntilSeconds: number | undefined }
  | Told<PaymentEvent>
  | { readonly type: 'bought-again'; readonly payment: string; readonly resource: string }
  | {
      readonly type: 'refused'
      readonly code: string
      readonly money: MoneyState
      readonly because: string
      /** What was called, as far as it is known. */
      readonly resource: string | undefined
      /** The payment that was made for it, where there is one. */
      readonly payment: string | undefined
    }
  /** The payment waits for someone at a desk. */
  | { readonly type: 'proposed'; readonly proposal: string; readonly terms: PaidTerms }
  | ({ readonly type: 'approach'; readonly payment: string } & Approach)
  | { readonly type: 'warning'; readonly warning: Warning }
)

/** Tells an event to the listeners. Its facts are put together only if there are any. */
export type Emit = {
  <Type extends ClientEvent['type']>(type: Type, tell: () => EventFacts<Type>): void
  /** Whether anyone listens: what takes a question to a ledger is asked only then. */
  isHeard(): boolean
}

/** What an event of one type says in addition to its type and time. */
export type EventFacts<Type extends ClientEvent['type']> = Omit<
  Extract<ClientEvent, { type: Type }>,
  'type' | 'atSeconds'
>
