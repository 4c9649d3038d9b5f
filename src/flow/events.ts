import type { MoneyState } from '../errors/x402-error.js'
import type { PaidTerms } from './payment.js'
import type { Warning } from './ports.js'
import type { Considered } from './steps.js'

/**
 * What happened to a payment, as it happens. Events are frozen and hold no signature, no header and no query of an address.
 *
 * One call tells its story in this order: `challenge`, `considered`, `approved`, `signed`, `sent`, `answered`, and at its end
 * `settled` or `in-doubt`; or `refused` at any place. A call that presents an earlier payment begins at `sent`, and each time that a
 * payment is presented again its story goes on from there. `bought-again` tells that an earlier payment's purchase is over and a new one takes
 * its place; the earlier one goes on counting. `warning` may come at any time.
 */
export type PaymentEvent = { readonly atSeconds: number } & (
  | { readonly type: 'challenge'; readonly resource: string; readonly x402Version: number; readonly offers: number }
  | {
      readonly type: 'considered'
      readonly resource: string
      readonly terms: PaidTerms
      readonly considered: readonly Considered[]
    }
  | { readonly type: 'approved'; readonly payment: string; readonly terms: PaidTerms }
  | { readonly type: 'signed'; readonly payment: string; readonly validUntilSeconds: number | undefined }
  | { readonly type: 'sent'; readonly payment: string; readonly resource: string }
  | { readonly type: 'answered'; readonly payment: string; readonly status: number }
  | { readonly type: 'settled'; readonly payment: string; readonly transaction: string | undefined }
  | { readonly type: 'in-doubt'; readonly payment: string; readonly because: string }
  | { readonly type: 'bought-again'; readonly payment: string; readonly resource: string }
  | { readonly type: 'refused'; readonly code: string; readonly money: MoneyState; readonly because: string }
  | { readonly type: 'warning'; readonly warning: Warning }
)

/** Tells an event to whoever listens; what it says is made only then. */
export type Emit = <Type extends PaymentEvent['type']>(type: Type, tell: () => EventFacts<Type>) => void

/** What an event of one type says beside its type and time. */
export type EventFacts<Type extends PaymentEvent['type']> = Omit<
  Extract<PaymentEvent, { type: Type }>,
  'type' | 'atSeconds'
>
