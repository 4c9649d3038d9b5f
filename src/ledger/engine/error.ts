import type { MoneyState } from '../../errors/x402-error.js'
import { LedgerError } from '../error.js'

/**
 * The error of a ledger's database that can't be asked. What can't be written down isn't signed, and isn't sent.
 *
 * @param ledger - Its name.
 * @param because - The end of "The ledger's database can't be used: …".
 * @param options - Where the money of the payment at hand is, what the client of the database said, and what can be done.
 */
export function createUnavailable(
  ledger: string,
  because: string,
  { money = 'untouched', cause, hint = LATER }: UnavailableOptions = {},
): LedgerError {
  return new LedgerError(`The ledger's database can't be used: ${because}.`, {
    code: 'LEDGER_UNAVAILABLE',
    money,
    facts: { ledger },
    hint,
    ...(cause !== undefined && { cause: withoutValues(cause) }),
  })
}

type UnavailableOptions = {
  readonly money?: MoneyState | undefined
  readonly cause?: unknown
  /** @default that nothing is paid until it can be reached */
  readonly hint?: string | undefined
}

const LATER = 'Nothing is paid until it can be reached again. What was sent before stays counted.'

/**
 * The error of a ledger that was closed, which it stays.
 *
 * @param ledger - Its name.
 * @param money - Where the money of the payment at hand is.
 */
export function createClosed(ledger: string, money?: MoneyState): LedgerError {
  const hint = 'It stays closed: open another one. What was sent before stays counted.'
  return createUnavailable(ledger, 'it was closed', { money, hint })
}

/**
 * The error of a ledger's database that doesn't hold what was written to it.
 *
 * @param ledger - Its name.
 * @param because - What is wrong with it, in short. What it holds is never quoted.
 */
export function createCorrupt(ledger: string, because: string): LedgerError {
  return new LedgerError(`The ledger's database was changed or damaged: ${because}.`, {
    code: 'LEDGER_CORRUPT',
    money: 'in-doubt',
    facts: { ledger },
    hint: 'It was left as it is. Find out what else writes to it, and restore a backup.',
  })
}

/**
 * The error of a database that may lose what it acknowledged.
 *
 * @param ledger - Its name.
 * @param because - The end of "The ledger's database may forget what was paid: …".
 * @param hint - The setting to change.
 */
export function createNotDurable(ledger: string, because: string, hint: string): LedgerError {
  return new LedgerError(`The ledger's database may forget what was paid: ${because}.`, {
    code: 'LEDGER_NOT_DURABLE',
    money: 'untouched',
    facts: { ledger },
    hint,
  })
}

/** What a client of a database said, without what it was told: some keep the command in their errors, and that holds signed payments. */
function withoutValues(thrown: unknown): Error {
  if (!(thrown instanceof Error)) return new Error(typeof thrown === 'string' ? thrown : 'something that is no error')
  const { name, message } = thrown
  const code: unknown = Reflect.get(thrown, 'code')
  const safe = Object.assign(new Error(message), { name }, typeof code === 'string' && { code })
  return safe
}
