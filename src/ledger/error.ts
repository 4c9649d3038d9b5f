import { type MoneyState, X402Error } from '../errors/x402-error.js'
import type { Conflict, PaymentEvent } from '../payment/event.js'
import { moneyOf, type State } from '../payment/payment.js'

/** Codes of {@link LedgerError}. */
export type LedgerErrorCode =
  /**
   * The ledger was told something that can't have happened to a payment in its state. `money` is where that payment's
   * money is.
   */
  | 'LEDGER_CONFLICT'
  /**
   * A line of the ledger's file was changed, removed or moved, or another version of pay402 wrote it; the message says
   * which. Nothing is opened and nothing repaired: look at what happened to the file, and restore it from a copy.
   * Money: `in-doubt`. Of a browser's ledger: its database was changed, or cleared while a page had it open; reload
   * the page.
   */
  | 'LEDGER_CORRUPT'
  /**
   * A process has the ledger's file open that can't be seen from here, or lets no other one in: it's of another
   * container or another machine, runs another version of pay402, or may open no socket. Processes of one machine share
   * the file. Money: `untouched`.
   */
  | 'LEDGER_LOCKED'
  /**
   * The database of the ledger may forget what it acknowledged, so that what was paid would be paid once more; the message says why, and the
   * hint names the setting to change. Nothing is opened. Money: `untouched`.
   */
  | 'LEDGER_NOT_DURABLE'
  /**
   * The Postgres of the ledger has no schema of pay402, or one of another version. A payment never changes a database; run the migration that
   * the hint names. Money: `untouched`.
   */
  | 'LEDGER_NOT_MIGRATED'
  | 'LEDGER_UNAVAILABLE'
  /** The ledger has no payment of that id. Money: `in-doubt`, since nothing is known of it. */
  | 'LEDGER_UNKNOWN_RECORD'

/** A ledger refused: what it was told can't have happened to the payment, or the ledger itself can't be read or written. */
export class LedgerError extends X402Error<LedgerErrorCode> {
  static override readonly kind: string = 'LedgerError'
}

/**
 * Makes the error of an event that can't have happened to a payment, for a ledger to throw.
 *
 * @param id - The payment.
 * @param conflict - What `apply` returned.
 * @returns A {@link LedgerError} `LEDGER_CONFLICT` that says where the money is.
 */
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
 * Says where the money is when a ledger can't note an event.
 *
 * @param state - The state of the payment.
 * @param event - With `sent`, the signature hasn't left yet, whatever the ledger has.
 */
export function toMoney(state: State, event: PaymentEvent['type']): MoneyState {
  return event === 'sent' && state !== 'sent' && state !== 'settled' ? 'signed' : moneyOf({ state })
}

/**
 * Makes the error of a payment that isn't in the ledger, for a ledger to throw. Nothing is known about the payment, so it is in doubt.
 *
 * @param id - The payment.
 * @returns A {@link LedgerError} `LEDGER_UNKNOWN_RECORD`.
 */
export function createUnknownPayment(id: string): LedgerError {
  return new LedgerError(`The payment ${id} isn't in this ledger.`, {
    code: 'LEDGER_UNKNOWN_RECORD',
    money: 'in-doubt',
  })
}
