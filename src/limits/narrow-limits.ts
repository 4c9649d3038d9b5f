import type { Limits } from '../flow/ports.js'
import { MAX_VALIDITY_SECONDS } from '../scheme.js'
import { toCaps, toLabelsWithin } from './caps.js'
import { HOST_UNKNOWN, judge } from './judge.js'
import type { Rules } from './rules.js'

/** How limits are narrowed. */
export type Narrowing = {
  /** A tag that the payments within carry and no others, so that the added rules count these alone. @default they count all */
  within?: string | undefined
  /** What the caller of a refused payment can do, instead of what each limit says. @default what each limit says */
  hint?: string | undefined
}

/**
 * Adds rules to limits: both must allow. The narrowed limits price as the wider ones do, and show no way back to them.
 *
 * @param wider - Limits of any make.
 * @param rules - What must hold beside them.
 */
export function narrowLimits(wider: Limits, rules: Rules, { within, hint }: Narrowing = {}): Required<Limits> {
  const advise = <T extends { readonly hint?: string | undefined }>(refused: T): T =>
    hint === undefined || refused.hint === HOST_UNKNOWN.hint ? refused : { ...refused, hint }
  return {
    assess(terms) {
      const outer = wider.assess(terms)
      if ('refusal' in outer) return { ...outer, refusal: advise(outer.refusal) }
      const { symbol, decimals, dollars, caps, approvals = [], watches = [], tags = terms.tags } = outer
      const shown = { symbol, decimals, dollars }
      const inner = judge(rules, terms, outer, within)
      if ('refusal' in inner) return { ...shown, refusal: advise(inner.refusal) }
      return {
        ...shown,
        charges: inner.charges,
        caps: [...inner.caps, ...caps].map(advise),
        tags: within === undefined ? tags : toLabelsWithin(tags, terms.tags, within),
        // The wider ones have the last word.
        approvals: [...inner.approvals, ...approvals],
        watches: [...inner.watches, ...watches],
      }
    },
    format: (unit, amount) => wider.format(unit, amount),
    caps: (of = {}) => [...toCaps(rules.groups, of, within), ...(wider.caps?.(of) ?? [])],
    pinPayTo: rules.pinPayTo || wider.pinPayTo === true,
    maxValiditySeconds: Math.min(rules.maxValiditySeconds, wider.maxValiditySeconds ?? MAX_VALIDITY_SECONDS),
  }
}
