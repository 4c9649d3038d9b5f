import { ASSET_NOT_IN_LIMIT, ASSET_UNPRICED, HOST_UNKNOWN, LIMIT_PER_PAYMENT } from '../errors/catalogue/limits.js'
import type { Cap } from '../payment/ledger.js'
import { type AskApproval, type AskedTerms, type LimitRefusal, toRefusal, type Watch } from '../payment/limits.js'
import type { Charge } from '../payment/payment.js'
import { toAddressLabel } from '../payment/purchase-name.js'
import type { Notation } from '../payment/terms.js'
import { PAYMENTS } from './budget.js'
import { toCaps } from './caps.js'
import { findExceeded, isCharged, type Limit, prices } from './limit.js'
import { toName } from './naming.js'
import type { Rules } from './rules.js'
import { formatCharge } from './units.js'

/** What an offer would add to the running sums, and how its asset is written. */
export type Priced = Notation & { readonly charges: readonly Charge[] }

/** What rules say to an offer that they don't refuse. */
export type Judgement = {
  readonly charges: readonly Charge[]
  readonly caps: readonly Cap[]
  readonly approvals: readonly AskApproval[]
  readonly askAtMost?: number | undefined
  readonly watches: readonly Watch[]
  /** The tags of the call, and what these rules label the payment with; `undefined` where they add none. */
  readonly tags?: readonly string[] | undefined
}

/**
 * Holds one set of rules against an offer, whatever was spent before.
 *
 * @param within - A tag that all counted payments carry; see `toLabelsWithin`.
 * @returns Why it's refused, or what is left to check and to ask before it is paid.
 */
export function judge(
  rules: Rules,
  terms: AskedTerms,
  priced: Priced,
  within?: string,
): { readonly refusal: LimitRefusal } | Judgement {
  const { charges } = priced
  const groups = rules.groups.filter(({ toScope }) => toScope(terms) !== undefined)
  const singles = groups.flatMap(({ perPayment }) => perPayment ?? [])
  const sums = groups.flatMap((group) => group.sums)
  const { asksResource } = rules
  const digest = asksResource === 'by-query' ? terms.digestResource?.() : undefined
  const named = asksResource === 'by-query' ? digest : terms.resource
  const isUnknown =
    (terms.host === '' && (rules.asksHost || within !== undefined)) ||
    (asksResource !== undefined && named === undefined)
  const refusal =
    (isUnknown ? toRefusal(HOST_UNKNOWN, {}) : undefined) ??
    rules.lists.map((refuse) => refuse(terms, charges)).find((refused) => refused !== undefined) ??
    refuseUnpriced([...singles, ...sums], charges) ??
    refuseOver(singles, priced)
  if (refusal) return { refusal }

  const caps = toCaps(groups, terms, within).filter(({ unit }) => isCharged(unit, charges))
  return {
    charges,
    caps,
    approvals: rules.approval(charges),
    ...(rules.askAtMost !== undefined && { askAtMost: rules.askAtMost }),
    ...(digest !== undefined && { tags: [...terms.tags, toAddressLabel(digest)] }),
    watches: rules.approach(caps, charges, (charge) => formatCharge(charge, priced)),
  }
}

/** Caps are closed (R4): what a limit can't price isn't unlimited. */
function refuseUnpriced(all: readonly Limit[], charges: readonly Charge[]): LimitRefusal | undefined {
  const limits = all.filter(({ allows }) => allows[0]?.unit !== PAYMENTS)
  const silent = limits.filter((limit) => !prices(limit, charges))
  const closed = silent.find(({ isClosed }) => isClosed)
  if (closed) return toRefusal(ASSET_NOT_IN_LIMIT, { limit: toName(closed.where), option: closed.where })
  const isPriced = limits.length === 0 || silent.length < limits.length
  return isPriced ? undefined : toRefusal(ASSET_UNPRICED, {})
}

function refuseOver(limits: readonly Limit[], { charges, ...notation }: Priced): LimitRefusal | undefined {
  for (const limit of limits) {
    const over = findExceeded(limit, charges)
    if (over === undefined) continue
    const { where } = limit
    const allows = formatCharge(over, notation)
    return { ...toRefusal(LIMIT_PER_PAYMENT, { limit: toName(where), allows, option: where }), facts: { allows } }
  }
  return undefined
}
