import type { Considered } from '../errors/step-errors.js'
import type { MoneyState } from '../errors/x402-error.js'
import type { PaymentEvent } from './event.js'
import type { Approach } from './limits.js'
import type { Warning } from './ports.js'
import type { PaidTerms } from './summary.js'

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
