import type { MoneyState } from '../../../errors/x402-error.js'
import type { Warning, WarningCode } from '../../../payment/stream.js'
import type { JsonObject } from '../../../wire/json.js'
import { type Field, type Fields, optional } from '../../../wire/read-fields.js'
import { LedgerError, type LedgerErrorCode } from '../../error.js'
import { UNAVAILABLE_HINT } from '../error.js'
import { object, text } from './fields.js'
import { read } from './replies.js'

/** Writes why a step was refused; its cause stays in the process that had it. */
export function writeError({ code, money, shortMessage, facts }: LedgerError): object {
  return { code, money, text: shortMessage, facts }
}

/** Reads what {@link writeError} wrote. */
export function readError(error: JsonObject): LedgerError {
  const { text, facts, ...options } = read(error, ERROR)
  return new LedgerError(text, {
    ...options,
    facts,
    hint: options.code === 'LEDGER_UNAVAILABLE' ? UNAVAILABLE_HINT : undefined,
  })
}

/** Writes a warning; its cause stays in the process that had it. */
export function writeWarning({ code, message, hint }: Warning): object {
  return { code, message, hint }
}

/** Reads what {@link writeWarning} wrote. */
export function readWarning(warning: JsonObject): Warning {
  return Object.freeze(read(warning, WARNING))
}

const CODES: readonly unknown[] = [
  'LEDGER_CONFLICT',
  'LEDGER_CORRUPT',
  'LEDGER_LOCKED',
  'LEDGER_UNAVAILABLE',
  'LEDGER_UNKNOWN_RECORD',
] satisfies LedgerErrorCode[]

const STATES: readonly unknown[] = ['untouched', 'signed', 'in-doubt', 'settled', 'released'] satisfies MoneyState[]

const WARNINGS: readonly unknown[] = [
  'CLOCK_WAS_AHEAD',
  'LEDGER_NOT_COMPACTED',
  'LEDGER_TORN_LINE',
] satisfies WarningCode[]

const facts: Field<Record<string, string>> = {
  is: (value): value is Record<string, string> => object.is(value) && Object.values(value).every(text.is),
  must: 'facts',
}

const ERROR: Fields<{
  code: LedgerErrorCode
  money: MoneyState
  text: string
  facts: Record<string, string>
}> = {
  code: { is: (value): value is LedgerErrorCode => CODES.includes(value), must: 'a code' },
  money: { is: (value): value is MoneyState => STATES.includes(value), must: 'where money is' },
  text,
  facts,
}

const WARNING: Fields<{ code: WarningCode; message: string; hint: string | undefined }> = {
  code: { is: (value): value is WarningCode => WARNINGS.includes(value), must: 'a code' },
  message: text,
  hint: optional(text),
}
