import type { AskApproval, Cap, Charge, LimitRefusal, Terms, Watch } from '../flow/ports.js'
import { PAYMENTS } from './budget.js'
import { toCaps } from './caps.js'
import { findExceeded, isCharged, type Limit, prices } from './limit.js'
import { toHint, toName } from './naming.js'
import type { Rules } from './rules.js'
import { formatCharge, type Notation } from './units.js'

/** What an offer would add to the running sums, and how its asset is written. */
export type Priced = Notation & { readonly charges: readonly Charge[] }

/** What rules say to an offer that they don't refuse. */
export type Judgement = {
  readonly charges: readonly Charge[]
  readonly caps: readonly Cap[]
  readonly approvals: readonly AskApproval[]
  readonly watches: readonly Watch[]
}

/**
 * Holds one set of rules against an offer, whatever was spent before.
 *
 * @param within - A tag that all counted payments carry; see `toLabelsWithin`.
 * @returns Why it's refused, or what is left to check and to ask before it is paid.
 */
export function judge(
  rules: Rules,
  terms: Terms,
  priced: Priced,
  within?: string,
): { readonly refusal: LimitRefusal } | Judgement {
  const { charges } = priced
  const groups = rules.groups.filter(({ toScope }) => toScope(terms) !== undefined)
  const singles = groups.flatMap(({ perPayment }) => perPayment ?? [])
  const sums = groups.flatMap((group) => group.sums)
  const isUnknown = terms.host === '' && (rules.asksHost || within !== undefined)
  const refusal =
    (isUnknown ? HOST_UNKNOWN : undefined) ??
    rules.lists.map((refuse) => refuse(terms, charges)).find((refused) => refused !== undefined) ??
    refuseUnpriced([...singles, ...sums], charges) ??
    refuseOver(singles, priced)
  if (refusal) return { refusal }

  const caps = toCaps(groups, terms, within).filter(({ unit }) => isCharged(unit, charges))
  return {
    charges,
    caps,
    approvals: rules.approval(charges),
    watches: rules.approach(caps, charges, (charge) => formatCharge(charge, priced)),
  }
}

/** A seller's own word on who it is decides no limit (R4), and what a restricted client may do depends on whom it deals with. */
export const HOST_UNKNOWN: LimitRefusal = {
  code: 'HOST_UNKNOWN',
  because: 'its limits depend on the host that asks, which is unknown',
  hint: 'Give `createPaymentPayload` the `url` that responded with the 402.',
}

/** Caps are closed (R4): what a limit can't price isn't unlimited. */
function refuseUnpriced(all: readonly Limit[], charges: readonly Charge[]): LimitRefusal | undefined {
  const limits = all.filter(({ allows }) => allows[0]?.unit !== PAYMENTS)
  const silent = limits.filter((limit) => !prices(limit, charges))
  const closed = silent.find(({ isClosed }) => isClosed)
  if (closed) {
    const because = `the limit "${toName(closed.where)}" doesn't name its asset`
    return { code: 'ASSET_NOT_ALLOWED', because, hint: toHint('Name it in', closed.where) }
  }
  const isPriced = limits.length === 0 || silent.length < limits.length
  return isPriced ? undefined : refuseUnknown('no limit can price its asset')
}

/** The refusal of an asset that no limit can be held against. */
export function refuseUnknown(because: string): LimitRefusal {
  const how = 'Name it in `limits.assets` with a `perPayment` in its atomic units'
  return { code: 'ASSET_NOT_ALLOWED', because, hint: `${how}, or catch LimitError to skip this resource.` }
}

function refuseOver(limits: readonly Limit[], { charges, ...notation }: Priced): LimitRefusal | undefined {
  for (const limit of limits) {
    const over = findExceeded(limit, charges)
    if (over === undefined) continue
    const because = `the limit "${toName(limit.where)}" allows ${formatCharge(over, notation)}`
    return { code: 'LIMIT_PER_PAYMENT', because, hint: toHint('Raise', limit.where) }
  }
  return undefined
}
