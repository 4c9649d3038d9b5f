import { LIMIT_TOTAL } from '../errors/catalogue/limits.js'
import { fill } from '../errors/fail.js'
import type { Cap } from '../payment/ledger.js'
import type { CapFilter } from '../payment/limits.js'
import { isNameLabel } from '../payment/purchase-name.js'
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
  const counted = groups.flatMap(({ toScope, sums }) =>
    [toScope(of) ?? []].flat().map((inGroup) => ({ inGroup, sums })),
  )
  return counted.flatMap(({ inGroup, sums }) => {
    const scope = within === undefined ? inGroup : { ...inGroup, tag: toTagWithin(inGroup.tag, within) }
    return sums.flatMap(({ where, windowSeconds, monthIn, allows }) =>
      allows.map(({ unit, amount }) => {
        const most = unit === PAYMENTS ? { count: Number(amount) } : { amount }
        return {
          name: toName(where),
          hint: fill(LIMIT_TOTAL.hint, { option: where }),
          unit,
          scope,
          windowSeconds,
          ...(monthIn !== undefined && { monthIn }),
          ...most,
        }
      }),
    )
  })
}

/**
 * What a payment within is labelled with: what it is labelled with in any case, each tag within, and for each tag of the call one
 * that says both, since a cap counts by one tag.
 *
 * @param labels - What it is labelled with in any case.
 * @param tags - Those of the call.
 * @param within - The tag within, and those of names above it.
 */
export function toLabelsWithin(
  labels: readonly string[],
  tags: readonly string[],
  within: readonly string[],
): readonly string[] {
  const pairs = within.flatMap((one) => [one, ...tags.map((tag) => toTagWithin(tag, one))])
  return [...new Set([...labels, ...pairs])]
}

/** A name has no empty part: what stands behind `//` is a tag, and no tag of a call makes the label of a name below. */
function toTagWithin(tag: string | undefined, within: string): string {
  if (tag === undefined) return within
  return isNameLabel(within) ? `${within}//${tag}` : `${within}/${tag}`
}
