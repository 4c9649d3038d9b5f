export type { Assessment, Cap, Charge, LimitRefusal, Limits, Scope, Terms, Unit } from '../flow/ports.js'
export type { AssetLimit } from './asset-limit.js'
export { createLimits, type LimitsOptions } from './create-limits.js'
export type { AssetAmount, MoneyInput } from './money.js'
