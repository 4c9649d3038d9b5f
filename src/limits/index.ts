export type {
  Approach,
  Approval,
  ApprovalRequest,
  Approve,
  Assessment,
  AssetAmount,
  Cap,
  CapFilter,
  Charge,
  LimitRefusal,
  Limits,
  MoneyInput,
  Scope,
  Terms,
  Unit,
} from '../flow/ports.js'
export type { AssetLimit } from './asset-limit.js'
export type { BudgetInput, BudgetParts } from './budget.js'
export { createLimits, type LimitsOptions } from './create-limits.js'
export type { LimitGroupOptions } from './limit-group.js'
export type { RestrictOptions } from './narrow-limits.js'
export type { Duration, WindowLimit } from './window.js'
