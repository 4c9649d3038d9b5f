import { LIMIT_TOTAL } from '../errors/catalogue/limits.js'
import { fill } from '../errors/fail.js'
import type { Cap } from '../payment/ledger.js'
import type { CapFilter } from '../payment/limits.js'
import { PAYMENTS } from './budget.js'
import type { LimitGroup } from './limit-group.js'
import { toName } from './naming.js'

/**
 * Lists the caps that payments are checked against.
 *
 * @param groups - The limits.
 * @param of - Which payments.
 * @param within - A tag that all counted payments carry; see {@link toLabelsWithin}.
 */
export function toCaps(groups: readonly LimitGroup[], of: CapFilter, within?: string): readonly Cap[] {
  return groups.flatMap(({ toScope, sums }) => {
    const inGroup = toScope(of)
    if (inGroup === undefined) return []
    const scope = within === undefined ? inGroup : { ...inGroup, tag: toTagWithin(inGroup.tag, within) }
    return sums.flatMap(({ where, windowSeconds, allows }) =>
      allows.map(({ unit, amount }) => {
        const most = unit === PAYMENTS ? { count: Number(amount) } : { amount }
        return {
          name: toName(where),
          hint: fill(LIMIT_TOTAL.hint, { option: where }),
          unit,
          scope,
          windowSeconds,
          ...most,
        }
      }),
    )
  })
}

/**
 * What a payment within is labelled with: what it is labelled with in any case, the tag within, and for each tag of the call one
 * that says both, since a cap counts by one tag.
 *
 * @param labels - What it is labelled with in any case.
 * @param tags - Those of the call.
 */
export function toLabelsWithin(labels: readonly string[], tags: readonly string[], within: string): readonly string[] {
  return [...new Set([...labels, within, ...tags.map((tag) => toTagWithin(tag, within))])]
}

function toTagWithin(tag: string | undefined, within: string): string {
  return tag === undefined ? within : `${within}/${tag}`
}
