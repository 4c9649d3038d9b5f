import { assertOptions, invalidOption } from '../errors/options.js'
import { isTimeZone, type Stretch } from '../payment/calendar.js'
import type { AssetAmount, MoneyInput } from '../payment/limits.js'
import type { Unit } from '../payment/payment.js'
import { isJsonObject, type JsonObject } from '../wire/json.js'
import { type Limit, readLimit } from './limit.js'

/** What may be paid in a stretch of time: an amount of money, a number of payments, or both. */
export type BudgetInput = MoneyInput | readonly AssetAmount[] | BudgetParts

/** A budget in full. */
export type BudgetParts = {
  /** `'$5'`, `'5 USDC'`, or atomic units with the asset (one, or a list). @default no limit on money, or the option's default */
  amount?: MoneyInput | readonly AssetAmount[] | undefined
  /** How many payments, 0 for none. What failed counts until it is proven never to be spent. @default any number */
  payments?: number | undefined
}

/** What may be paid in a calendar month. */
export type MonthBudgetInput = MoneyInput | readonly AssetAmount[] | MonthBudgetParts

/** A budget for a calendar month in full. */
export type MonthBudgetParts = BudgetParts & {
  /**
   * Where the month begins and ends: an IANA time zone, such as `'Europe/Paris'`, with its summer time.
   *
   * @default 'UTC'
   */
  timeZone?: string | undefined
}

/** A limit on the sum of all payments in a stretch of time. */
export type SumLimit = Limit & Stretch

/** What payments are counted in. Every payment has it, so it prices none. */
export const PAYMENTS: Unit = 'payments/all'

/**
 * Reads a budget.
 *
 * @param input - Untrusted: a {@link BudgetInput}.
 * @param where - What it is called in the options, such as `limits.perDay`.
 * @param stretch - How far back payments count.
 * @param byDefault - The amount where only a number of payments is given.
 * @throws {@link ConfigurationError} naming the option that can't be read.
 */
export function readBudget(input: unknown, where: string, stretch: Stretch, byDefault?: string): readonly SumLimit[] {
  if (!isParts(input)) return [{ ...readLimit(input, where), ...stretch }]
  assertOptions(input, where, ['amount', 'payments'])
  return readBudgetParts(input, where, stretch, byDefault)
}

/**
 * Reads a budget for a calendar month.
 *
 * @param input - Untrusted: a {@link MonthBudgetInput}.
 * @param where - What it is called in the options, such as `limits.perMonth`.
 * @throws {@link ConfigurationError} naming the option that can't be read, or the time zone that this runtime doesn't know.
 */
export function readMonthBudget(input: unknown, where: string): readonly SumLimit[] {
  if (!isParts(input)) return readBudget(input, where, { windowSeconds: undefined, monthIn: 'UTC' })
  assertOptions(input, where, ['amount', 'payments', 'timeZone'])
  const { timeZone: monthIn = 'UTC' } = input
  if (!isTimeZone(monthIn)) {
    throw invalidOption(`${where}.timeZone`, "an IANA time zone that this runtime knows, such as 'Europe/Paris'")
  }
  return readBudgetParts(input, where, { windowSeconds: undefined, monthIn })
}

/** An asset's amount is an object, too. */
function isParts(input: unknown): input is JsonObject {
  return isJsonObject(input) && !('network' in input || 'asset' in input)
}

/** Reads `amount` and `payments`, of which one must be given. */
export function readBudgetParts(
  { amount, payments }: JsonObject,
  where: string,
  stretch: Stretch,
  byDefault?: string,
): readonly SumLimit[] {
  if (amount === undefined && payments === undefined) {
    throw invalidOption(where, 'an amount of money, a number of `payments`, or both')
  }
  const limits: Limit[] = []
  const money = amount ?? byDefault
  if (money !== undefined) limits.push(readLimit(money, `${where}.amount`))
  if (payments !== undefined) limits.push(readCount(payments, `${where}.payments`))
  return limits.map((limit) => ({ ...limit, ...stretch }))
}

function readCount(input: unknown, where: string): Limit {
  if (typeof input !== 'number' || !Number.isSafeInteger(input) || input < 0) {
    throw invalidOption(where, 'a whole number, 0 or more')
  }
  return { where, allows: [{ unit: PAYMENTS, amount: BigInt(input) }], isClosed: false }
}
