import { assertOptions, invalidOption } from '../assert-options.js'
import type { AssetAmount, Cap, MoneyInput, Unit } from '../flow/ports.js'
import { isJsonObject, type JsonObject } from '../protocol/json.js'
import { type Limit, readLimit } from './limit.js'
import { toHint, toName } from './naming.js'

/** What may be paid in a stretch of time: an amount of money, a number of payments, or both. */
export type BudgetInput = MoneyInput | readonly AssetAmount[] | BudgetParts

/** A budget in full. */
export type BudgetParts = {
  /** `'$5'`, `'5 USDC'`, or atomic units with the asset (one, or a list). @default no limit on money, or the option's default */
  amount?: MoneyInput | readonly AssetAmount[] | undefined
  /** How many payments, 0 for none. A failed one counts unless it is proven never to be spent. @default no limit on their number */
  payments?: number | undefined
}

/** A {@link BudgetInput} that was read. */
export type Budget = {
  /** `undefined` when it only counts payments, which prices nothing. */
  readonly money: Limit | undefined
  /** For the ledger to check, once it is known whose payments they count. */
  readonly caps: readonly Omit<Cap, 'scope'>[]
}

/** How far back a budget counts, and the amount that it has when none is given. */
export type BudgetKind = { readonly windowSeconds: number | undefined; readonly amount?: string | undefined }

/**
 * Reads a budget.
 *
 * @param input - Untrusted: a {@link BudgetInput}.
 * @param where - What it is called in the options, such as `limits.perDay`.
 * @throws {@link ConfigurationError} naming the option that can't be read.
 */
export function readBudget(input: unknown, where: string, kind: BudgetKind): Budget {
  if (!isJsonObject(input) || 'network' in input || 'asset' in input) {
    return toBudget(kind, readLimit(where, input), undefined)
  }
  assertOptions(input, where, ['amount', 'payments'])
  return readBudgetParts(input, where, kind)
}

/** Reads `amount` and `payments`, of which one must be given. */
export function readBudgetParts({ amount, payments }: JsonObject, where: string, kind: BudgetKind): Budget {
  if (amount === undefined && payments === undefined) {
    throw invalidOption(where, 'an amount of money, a number of `payments`, or both')
  }
  const given = amount ?? kind.amount
  const money = given === undefined ? undefined : readLimit(`${where}.amount`, given)
  return toBudget(kind, money, payments === undefined ? undefined : readCount(payments, `${where}.payments`))
}

type Count = { readonly where: string; readonly count: number }

function readCount(input: unknown, where: string): Count {
  if (typeof input === 'number' && Number.isSafeInteger(input) && input >= 0) return { where, count: input }
  throw invalidOption(where, 'a whole number, 0 or more')
}

function toBudget({ windowSeconds }: BudgetKind, money: Limit | undefined, count: Count | undefined): Budget {
  const toCap = (where: string, unit: Unit) => ({
    name: toName(where),
    hint: toHint('Raise', where),
    unit,
    windowSeconds,
  })
  const amounts = money?.allows.map(({ unit, amount }) => ({ ...toCap(money.where, unit), amount })) ?? []
  const counts = count === undefined ? [] : [{ ...toCap(count.where, 'payments/all'), count: count.count }]
  return { money, caps: [...amounts, ...counts] }
}
