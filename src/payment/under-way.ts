import type { Payment } from './payment.js'

/** What a client has under way in this process, with all that it restricts, so that it can end without losing anything. */
export type UnderWay = {
  /** Whether nothing more is bought: the client is being drained. */
  isDraining(): boolean
  /** Begins a call that may pay, or waits for what was paid; returns what ends it, once. */
  begin(): () => void
  /** Payments of calls in flight: reserved, or sent and not answered, by their ids. */
  readonly payments: Map<string, Payment>
  /** Payments that were handed out and of which nothing was told since, by their ids. */
  readonly handedOut: Map<string, Payment>
  /** Notes that a payment was handed out: whoever sends it says what came of it. */
  handOut(payment: Payment): void
  /** Notes that something was told of a payment that may have been handed out. */
  tell(id: string): void
}
