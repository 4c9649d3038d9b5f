import { type MoneyState, X402Error } from '../errors/x402-error.js'
import type { State } from '../flow/ports.js'

/** Codes of {@link LedgerError}. */
export type LedgerErrorCode =
  | 'LEDGER_CONFLICT'
  | 'LEDGER_CORRUPT'
  | 'LEDGER_LOCKED'
  | 'LEDGER_UNAVAILABLE'
  | 'LEDGER_UNKNOWN_RECORD'

/** A ledger refused: a payment's record can't be moved as asked, or the ledger itself can't be read and written. */
export class LedgerError extends X402Error<LedgerErrorCode> {
  static override readonly kind: string = 'LedgerError'
}

/** What each state proves. */
const MONEY: Readonly<Record<State, MoneyState>> = {
  reserved: 'untouched',
  signed: 'signed',
  sent: 'in-doubt',
  settled: 'settled',
  released: 'released',
}

/**
 * The error of a move that the record's state doesn't allow.
 *
 * @param id - The payment.
 * @param state - The state that it is in.
 * @param to - The state that was asked for.
 */
export function createConflict(id: string, state: State, to: State): LedgerError {
  return new LedgerError(`The payment ${id} is ${state} and can't be moved to ${to}.`, {
    code: 'LEDGER_CONFLICT',
    money: toMoney(state, to),
  })
}

/**
 * Where the money is when a move fails.
 *
 * @param state - The state that the payment is in.
 * @param to - The state that was asked for. Whoever asks for `sent` holds a signature that never left, whatever the record says.
 */
export function toMoney(state: State, to: State): MoneyState {
  return to === 'sent' && state !== 'sent' && state !== 'settled' ? 'signed' : MONEY[state]
}

/**
 * The error of a move of a payment that isn't in the ledger. Nothing is known about it, so it is in doubt.
 *
 * @param id - The payment.
 */
export function createUnknownRecord(id: string): LedgerError {
  return new LedgerError(`The payment ${id} isn't in this ledger.`, {
    code: 'LEDGER_UNKNOWN_RECORD',
    money: 'in-doubt',
  })
}
