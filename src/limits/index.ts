export type { Cap, Scope } from '../payment/ledger.js'
export type {
  Approach,
  Approval,
  ApprovalRequest,
  Approve,
  AskedTerms,
  Assessment,
  AssetAmount,
  CapFilter,
  LimitRefusal,
  Limits,
  MoneyInput,
} from '../payment/limits.js'
export type { Charge, Unit } from '../payment/payment.js'
export type { AssetLimit } from './asset-limit.js'
export type { BudgetInput, BudgetParts, MonthBudgetInput, MonthBudgetParts } from './budget.js'
export { createLimits, type LimitsOptions } from './create-limits.js'
export type { LimitGroupOptions, ResourceLimitOptions } from './limit-group.js'
export type { RestrictOptions } from './narrow-limits.js'
export type { Duration, WindowLimit } from './window.js'
