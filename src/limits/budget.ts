import { assertOptions, invalidOption } from '../errors/options.js'
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

/** A limit on the sum of all payments in a stretch of time. */
export type SumLimit = Limit & {
  /** How far back payments count; `undefined` means for ever. */
  readonly windowSeconds: number | undefined
}

/** What payments are counted in. Every payment has it, so it prices none. */
export const PAYMENTS: Unit = 'payments/all'

/**
 * Reads a budget.
 *
 * @param input - Untrusted: a {@link BudgetInput}.
 * @param where - What it is called in the options, such as `limits.perDay`.
 * @param windowSeconds - How far back payments count.
 * @param byDefault - The amount where only a number of payments is given.
 * @throws {@link ConfigurationError} naming the option that can't be read.
 */
export function readBudget(
  input: unknown,
  where: string,
  windowSeconds: number | undefined,
  byDefault?: string,
): readonly SumLimit[] {
  if (!isJsonObject(input) || 'network' in input || 'asset' in input) {
    return [{ ...readLimit(input, where), windowSeconds }]
  }
  assertOptions(input, where, ['amount', 'payments'])
  return readBudgetParts(input, where, windowSeconds, byDefault)
}

/** Reads `amount` and `payments`, of which one must be given. */
export function readBudgetParts(
  { amount, payments }: JsonObject,
  where: string,
  windowSeconds: number | undefined,
  byDefault?: string,
): readonly SumLimit[] {
  if (amount === undefined && payments === undefined) {
    throw invalidOption(where, 'an amount of money, a number of `payments`, or both')
  }
  const limits: Limit[] = []
  const money = amount ?? byDefault
  if (money !== undefined) limits.push(readLimit(money, `${where}.amount`))
  if (payments !== undefined) limits.push(readCount(payments, `${where}.payments`))
  return limits.map((limit) => ({ ...limit, windowSeconds }))
}

function readCount(input: unknown, where: string): Limit {
  if (typeof input !== 'number' || !Number.isSafeInteger(input) || input < 0) {
    throw invalidOption(where, 'a whole number, 0 or more')
  }
  return { where, allows: [{ unit: PAYMENTS, amount: BigInt(input) }], isClosed: false }
}
