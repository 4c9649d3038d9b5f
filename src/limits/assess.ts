import { ASSET_UNKNOWN } from '../errors/catalogue/limits.js'
import { type AskedTerms, type Assessment, toRefusal } from '../payment/limits.js'
import type { Charge, Unit } from '../payment/payment.js'
import type { Notation } from '../payment/terms.js'
import { freezeParsed } from '../wire/json.js'
import type { AllowedAsset } from './asset-limit.js'
import { PAYMENTS } from './budget.js'
import { judge } from './judge.js'
import { type Rules, withPerPayment } from './rules.js'
import { toAssetUnit, toAtto } from './units.js'

/**
 * Says what the limits make of one offer, whatever was spent before.
 *
 * @param terms - What is asked.
 * @param rules - What is allowed.
 * @param assets - What may be spent beside the assets that the schemes know.
 * @returns A refusal, or what to count and which caps to check while reserving.
 */
export function assess(terms: AskedTerms, rules: Rules, assets: ReadonlyMap<Unit, AllowedAsset>): Assessment {
  const { known, network } = terms
  const unit = toAssetUnit(network, known?.asset ?? terms.asset)
  const entry = assets.get(unit)
  // What the scheme knows goes before what the user wrote: wrong decimals would misprice every payment.
  const isPegged = known !== undefined || entry?.isPegged === true
  const notation = { symbol: known?.symbol ?? entry?.symbol, decimals: known?.decimals ?? entry?.decimals, isPegged }
  const charges = toCharges(terms.amount, unit, isPegged, notation)
  const shown = { notation, dollars: charges.find((charge) => charge.unit === 'usd')?.amount }
  if (!known && !entry) return { ...shown, refusal: toRefusal(ASSET_UNKNOWN, {}) }
  // An asset's own limit stands in for the general one; those of a host, a recipient or a tag hold beside it.
  return { ...shown, ...judge(withPerPayment(rules, entry?.perPayment), terms, { ...notation, charges }) }
}

/** What the payment adds, in every unit that any limit may be written in, so that limits changed later count it too. */
function toCharges(amount: bigint, unit: Unit, isPegged: boolean, { symbol, decimals }: Notation): readonly Charge[] {
  const charges: Charge[] = [
    { unit: PAYMENTS, amount: 1n },
    { unit, amount },
  ]
  const atto = decimals === undefined ? undefined : toAtto(amount, decimals)
  if (atto !== undefined && isPegged) charges.push({ unit: 'usd', amount: atto })
  if (atto !== undefined && symbol !== undefined) charges.push({ unit: `symbol/${symbol}`, amount: atto })
  return freezeParsed(charges)
}
