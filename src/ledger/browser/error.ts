import type { MoneyState } from '../../errors/x402-error.js'
import { LedgerError } from '../error.js'

/** Why the platform said no, by the name of its exception. */
const REASONS: Readonly<Record<string, string>> = {
  QuotaExceededError: 'there is no room left for it',
  SecurityError: 'the browser lets this page store nothing',
  VersionError: 'a newer version of pay402 wrote it',
}

type UnavailableOptions = {
  readonly because?: string | undefined
  readonly money?: MoneyState | undefined
  readonly cause?: unknown
  /** @default what holds for one that can't be read or written */
  readonly hint?: string | undefined
}

const UNAVAILABLE_HINT = 'Nothing is paid until a ledger is opened that can be read and written.'

/**
 * The error of a browser's ledger that can't be read or written. What can't be written down isn't signed, and isn't sent.
 *
 * @param ledger - Its name.
 * @param options - Why, unless the platform's error says so; and where the money of the payment at hand is.
 */
export function createUnavailable(
  ledger: string,
  { because, money = 'untouched', cause, hint = UNAVAILABLE_HINT }: UnavailableOptions,
): LedgerError {
  const name = cause instanceof Error ? cause.name : ''
  const why = because ?? REASONS[name] ?? 'reading or writing it failed'
  return new LedgerError(`The browser's ledger can't be used: ${why}.`, {
    code: 'LEDGER_UNAVAILABLE',
    money,
    facts: { ledger },
    hint,
    ...(cause !== undefined && { cause }),
  })
}

/**
 * The error of a browser's ledger that doesn't hold what was written to it.
 *
 * @param ledger - Its name.
 * @param because - What is wrong with it, in short. What it holds is never quoted.
 * @param place - The payment that doesn't fit, counted from 0, where it's one.
 */
export function createCorrupt(ledger: string, because: string, place?: unknown): LedgerError {
  return new LedgerError(`The browser's ledger was changed or damaged: ${because}.`, {
    code: 'LEDGER_CORRUPT',
    money: 'in-doubt',
    facts: { ledger, place: typeof place === 'number' ? String(place) : undefined },
    hint: 'It was left as it is. Clear the data of the site, or choose another `name`: a new ledger counts nothing of what it held.',
  })
}
