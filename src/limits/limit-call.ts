import type { CallOptions, Limits } from '../flow/ports.js'
import { readLimit } from './limit.js'
import { narrowLimits } from './narrow-limits.js'
import { readRules, withPerPayment } from './rules.js'

/**
 * Tightens limits for one call: what it may cost at most, and who approves it.
 *
 * @example
 * ```ts
 * const limits = limitCall(createLimits({ perPayment: '$1' }), { max: '$0.05' })
 * ```
 *
 * @param wider - The limits that hold in any case.
 * @param options - Of the call. An asset that `max` can't price is refused.
 * @returns The wider limits when the call says nothing.
 * @throws {@link ConfigurationError} for a `max` that isn't money, or an `approve` that isn't a function.
 */
export function limitCall(wider: Limits, { max, approve }: Pick<CallOptions, 'max' | 'approve'> = {}): Limits {
  if (max === undefined && approve === undefined) return wider
  const most = max === undefined ? undefined : { ...readLimit(max, 'x402.max'), isClosed: true }
  return narrowLimits(wider, withPerPayment(readRules({ approve }, 'x402'), most))
}
