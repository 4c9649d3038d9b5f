import { assertOptions, invalidOption } from '../errors/options.js'
import type { Scope } from '../payment/ledger.js'
import type { AssetAmount, CapFilter, MoneyInput } from '../payment/limits.js'
import { toAddressLabel } from '../payment/purchase-name.js'
import type { JsonObject } from '../wire/json.js'
import {
  type BudgetInput,
  type MonthBudgetInput,
  readBudget,
  readBudgetParts,
  readMonthBudget,
  type SumLimit,
} from './budget.js'
import { type Limit, readLimit } from './limit.js'
import { readList } from './read-list.js'
import { readWindow, type WindowLimit } from './window.js'

/** Limits that hold together: for all payments, or for those of one host, recipient, resource or tag. All that are given must hold. */
export type LimitGroupOptions = {
  /**
   * Most that one payment may cost: `'$0.10'`, `'0.10 USDC'`, or atomic units with the asset (one, or a list).
   *
   * @default '$1'; none within `perHost`, `perPayTo`, `perResource`, `perTag` and `tags`
   * @example { perPayment: '$0.10' }
   */
  perPayment?: MoneyInput | readonly AssetAmount[] | undefined
  /** As `perDay`, for any 60 seconds. @default no such limit */
  perMinute?: BudgetInput | undefined
  /** As `perDay`, for any 60 minutes. @default no such limit */
  perHour?: BudgetInput | undefined
  /**
   * Most that may be paid in any 24 hours, rolling, over everything that left and isn't proven unspent.
   *
   * How far it holds is the ledger's to say: with the memory ledger, in this process.
   *
   * @default '$10', even next to a number of payments; none within `perHost`, `perPayTo`, `perResource`, `perTag` and `tags`
   * @example { perDay: { amount: '5 USDC', payments: 100 } }
   */
  perDay?: BudgetInput | undefined
  /** As `perDay`, for any 7 days. @default no such limit */
  perWeek?: BudgetInput | undefined
  /**
   * Most that may be paid in a calendar month, in UTC or in the `timeZone` that you name. It begins when the ledger's clock says so, whatever the
   * clocks of its clients say; from then on, what was paid in the month before no longer counts. The limit per day holds as well.
   *
   * @default no such limit
   * @example { perMonth: { amount: '$50', timeZone: 'Europe/Paris' }, perDay: '$50' }
   */
  perMonth?: MonthBudgetInput | undefined
  /**
   * Most that may be paid for as long as the ledger remembers.
   *
   * @default no total
   * @example { total: '$100' }
   */
  total?: BudgetInput | undefined
  /**
   * Budgets for stretches of any other length, up to 366 days.
   *
   * @default none
   * @example { windows: [{ window: '15m', amount: '$0.50' }, { window: '36h', payments: 10 }] }
   */
  windows?: readonly WindowLimit[] | undefined
}

/** Limits for each resource by itself: what one call asks for, by its method and address. */
export type ResourceLimitOptions = LimitGroupOptions & {
  /**
   * How often one resource may be paid for, for as long as the ledger remembers: `1` buys everything once. What failed counts until it is proven
   * never to be spent, and a payment that is presented again counts once.
   *
   * @default any number
   * @example { perResource: { payments: 1 } }
   */
  payments?: number | undefined
  /**
   * Whether addresses with different queries are different resources. A query may hold secrets: only a digest of it is kept, from the time at
   * which this is set.
   *
   * @default false: `/report?page=1` and `/report?page=2` count together
   */
  query?: boolean | undefined
}

/** A {@link LimitGroupOptions} that was read. */
export type LimitGroup = {
  /** Whose payments count together with those that a filter names; `undefined` when the group doesn't hold for them. */
  readonly toScope: ToScope
  readonly perPayment: Limit | undefined
  readonly sums: readonly SumLimit[]
}

/** Says whose payments are counted together; a list where each of several counts by itself. */
export type ToScope = (of: CapFilter) => Scope | readonly Scope[] | undefined

/** The budgets with a name of their own, in the order in which they are checked, and how far back each counts. */
const WINDOWS = {
  perMinute: 60,
  perHour: 3600,
  perDay: 86_400,
  perWeek: 604_800,
  perMonth: undefined,
  total: undefined,
}

/** Every key of {@link LimitGroupOptions}. */
export const LIMIT_GROUP_KEYS = /* @__PURE__ */ ['perPayment'].concat(Object.keys(WINDOWS), 'windows')

/**
 * Reads limits that hold together.
 *
 * @param options - Untrusted, but for its keys.
 * @param where - What they are called in the options, such as `limits.perHost`.
 * @param toScope - Whose payments they count.
 * @param defaults - Money that an option allows when it isn't given.
 * @throws {@link ConfigurationError} naming the option that can't be read.
 */
export function readLimitGroup(
  options: JsonObject,
  where: string,
  toScope: ToScope,
  defaults: Readonly<Record<string, string>> = {},
): LimitGroup {
  const { perPayment = defaults['perPayment'], windows = [] } = options
  const named = Object.entries(WINDOWS).flatMap(([name, windowSeconds]) => {
    const { [name]: input = defaults[name] } = options
    if (input === undefined) return []
    const at = `${where}.${name}`
    return name === 'perMonth' ? readMonthBudget(input, at) : readBudget(input, at, { windowSeconds }, defaults[name])
  })
  return {
    toScope,
    perPayment: perPayment === undefined ? undefined : readLimit(perPayment, `${where}.perPayment`),
    sums: [...named, ...readList(windows, `${where}.windows`, readWindow).flat()],
  }
}

/**
 * Reads limits that hold for each resource by itself.
 *
 * @param input - Untrusted: {@link ResourceLimitOptions}.
 * @param where - What they are called in the options, such as `limits.perResource`.
 * @throws {@link ConfigurationError} naming the option that can't be read.
 */
export function readResourceLimits(input: unknown, where: string): LimitGroup & { readonly asksQuery: boolean } {
  assertOptions(input, where, [...LIMIT_GROUP_KEYS, 'payments', 'query'])
  const { payments, query: asksQuery = false } = input
  if (typeof asksQuery !== 'boolean') throw invalidOption(`${where}.query`, 'true or false')
  const group = readLimitGroup(input, where, asksQuery ? toAddressScope : toResourceScope)
  const counts = payments === undefined ? [] : readBudgetParts({ payments }, where, { windowSeconds: undefined })
  return { ...group, sums: [...counts, ...group.sums], asksQuery }
}

function toResourceScope({ resource }: CapFilter): Scope | undefined {
  return resource === undefined ? undefined : { resource }
}

function toAddressScope({ resource, digestResource }: CapFilter): Scope | undefined {
  const digest = digestResource?.()
  return resource === undefined || digest === undefined ? undefined : { resource, tag: toAddressLabel(digest) }
}
