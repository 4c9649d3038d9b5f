import { type MoneyState, X402Error } from '../errors/x402-error.js'
import type { Conflict, PaymentEvent } from '../payment/event.js'
import { moneyOf, type State } from '../payment/payment.js'

/** Codes of {@link LedgerError}. */
export type LedgerErrorCode =
  | 'LEDGER_CONFLICT'
  | 'LEDGER_CORRUPT'
  | 'LEDGER_LOCKED'
  | 'LEDGER_UNAVAILABLE'
  | 'LEDGER_UNKNOWN_RECORD'

/** A ledger refused: what it is told can't have happened to the payment, or the ledger itself can't be read and written. */
export class LedgerError extends X402Error<LedgerErrorCode> {
  static override readonly kind: string = 'LedgerError'
}

/** The error of an event that can't have happened to a payment. */
export function createConflict(id: string, { conflict: state, event }: Conflict): LedgerError {
  return new LedgerError(`The payment ${id} is ${state}, so it can't be ${WORDS[event]}.`, {
    code: 'LEDGER_CONFLICT',
    money: toMoney(state, event),
  })
}

const WORDS: Readonly<Record<PaymentEvent['type'], string>> = {
  sent: 'sent',
  delivered: 'delivered',
  answered: 'answered',
  lost: 'lost',
  settled: 'settled',
  released: 'released',
  canceling: 'canceled',
  told: 'answered',
  forgotten: 'forgotten',
  freed: 'freed',
}

/**
 * Where the money is when a ledger can't be told of an event.
 *
 * @param state - The state that the payment is in. What is about to be sent is a signature that never left, whatever the ledger says.
 */
export function toMoney(state: State, event: PaymentEvent['type']): MoneyState {
  return event === 'sent' && state !== 'sent' && state !== 'settled' ? 'signed' : moneyOf({ state })
}

/**
 * The error of a payment that isn't in the ledger. Nothing is known about it, so it is in doubt.
 *
 * @param id - The payment.
 */
export function createUnknownPayment(id: string): LedgerError {
  return new LedgerError(`The payment ${id} isn't in this ledger.`, {
    code: 'LEDGER_UNKNOWN_RECORD',
    money: 'in-doubt',
  })
}
