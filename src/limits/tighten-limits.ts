import type { Limits } from '../flow/ports.js'
import { narrowLimits } from './narrow-limits.js'
import { type RuleOptions, readRules } from './rules.js'

/** What a restricted client may spend; see {@link tightenLimits}. */
export type RestrictOptions = RuleOptions

const HINT = "This client can't raise its limits: ask its owner, or catch LimitError to skip this resource."

/**
 * Tightens limits for a tool or an agent: it pays only what the wider limits and these allow.
 *
 * Its budgets count its own payments, from its birth; those of the wider limits count them, too. Nothing has a default: what
 * isn't given isn't tightened. An asset that none of its limits in money can price is refused, if it has any.
 *
 * @example
 * ```ts
 * const limits = tightenLimits(createLimits(), { total: '$2', hosts: ['api.example.com'] }, 'agent/1')
 * limits.caps().map(({ name }) => name) //=> ['restrict.total', 'perDay']
 * ```
 *
 * @param wider - The limits that hold in any case.
 * @param options - What holds beside them. Read once.
 * @param tag - Labels the payments that are made within, and no others: draw a new one for each client.
 * @throws {@link ConfigurationError} naming the option that can't be read.
 */
export function tightenLimits(wider: Limits, options: RestrictOptions, tag: string): Required<Limits> {
  return narrowLimits(wider, readRules(options, 'restrict'), { within: tag, hint: HINT })
}
