import type { MoneyState } from '../../errors/x402-error.js'
import { LedgerError } from '../error.js'

/** What can be done about a ledger that can't be used. */
export const UNAVAILABLE_HINT = 'Nothing is paid until a ledger is opened that can be read and written.'

/**
 * The error of a ledger's file that can't be read or written. What can't be written down isn't signed, and isn't sent.
 *
 * @param file - The ledger's file.
 * @param because - The end of "The ledger's file can't be used: …".
 * @param options - Where the money of the payment at hand is, the platform's error, and what can be done.
 */
export function createUnavailable(
  file: string,
  because: string,
  { money = 'untouched', cause, hint = UNAVAILABLE_HINT }: UnavailableOptions = {},
): LedgerError {
  return new LedgerError(`The ledger's file can't be used: ${because}.`, {
    code: 'LEDGER_UNAVAILABLE',
    money,
    facts: { file },
    hint,
    ...(cause !== undefined && { cause }),
  })
}

type UnavailableOptions = {
  readonly money?: MoneyState | undefined
  readonly cause?: unknown
  /** @default {@link UNAVAILABLE_HINT} */
  readonly hint?: string | undefined
}

/**
 * The error of a ledger that was closed, which it stays.
 *
 * @param file - The ledger's file.
 * @param money - Where the money of the payment at hand is.
 */
export function createClosed(file: string, money?: MoneyState): LedgerError {
  return createUnavailable(file, 'it was closed', { money, hint: 'It stays closed: open another one.' })
}

/**
 * The error of a step whose process, which has the file open, says nothing: it's frozen, or has too much to do.
 *
 * @param file - The ledger's file.
 * @param pid - That process; `undefined` where it isn't known.
 * @param money - Where the money of the payment at hand is.
 */
export function createSilent(file: string, pid: number | undefined, money?: MoneyState): LedgerError {
  const who = pid === undefined ? 'the process that has it open' : `the process ${pid}, which has it open,`
  const which = pid === undefined ? 'that process' : `the process ${pid}`
  return createUnavailable(file, `${who} does not answer`, {
    money,
    hint: `Nothing is paid until ${which} goes on or ends. Then this ledger goes on by itself.`,
  })
}

/**
 * The error of a step that would make a line which couldn't be read again. It's refused before anything is done.
 *
 * @param file - The ledger's file.
 * @param what - What is too long.
 * @param money - Where the money of the payment at hand is.
 */
export function createTooLong(file: string, what: string, money: MoneyState): LedgerError {
  return new LedgerError(`A line of the ledger's file would be too long: ${what} has more than 4 MiB as JSON.`, {
    code: 'LEDGER_UNAVAILABLE',
    money,
    facts: { file },
    hint: 'The ledger goes on. Of a payment, it keeps the URL, the purchase, the tags, the terms, and what was signed: make those shorter.',
  })
}

/**
 * The error of a limit by calendar months whose time zone the process that has the file open doesn't know. Who asks may know it: each runtime
 * brings zones of its own.
 *
 * @param file - The ledger's file.
 * @param timeZone - Its name.
 */
export function createUnknownZone(file: string, timeZone: string, cause: unknown): LedgerError {
  return new LedgerError(`The process that has the ledger's file open doesn't know the time zone ${timeZone}.`, {
    code: 'LEDGER_UNAVAILABLE',
    money: 'untouched',
    facts: { file, 'time zone': timeZone },
    hint: 'Run all processes with the same version of Node.js, or give the limit a zone that all of them know.',
    cause,
  })
}

/**
 * The error of a ledger's file whose lines aren't those that were written.
 *
 * @param file - The ledger's file.
 * @param line - Its first line that doesn't fit, counted from 1.
 * @param because - What is wrong with it, in short. What the file holds is never quoted.
 */
export function createCorrupt(file: string, line: number, because: string): LedgerError {
  return new LedgerError(`The ledger's file was changed or damaged: ${because}.`, {
    code: 'LEDGER_CORRUPT',
    money: 'in-doubt',
    facts: { file, line: String(line) },
    hint: 'It was left as it is. Restore a backup, or move it away: a new ledger counts nothing of what it held.',
  })
}
