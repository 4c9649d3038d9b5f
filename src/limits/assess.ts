import type { Assessment, Charge, LimitRefusal, Terms, Unit } from '../flow/ports.js'
import type { AllowedAsset } from './asset-limit.js'
import { toAssetUnit } from './asset-unit.js'
import { toAtto } from './atto.js'
import { formatCharge, type Notation } from './format-charge.js'
import type { Limit, SumLimit } from './limit.js'

/** All limits, read. */
export type Rules = {
  readonly assets: ReadonlyMap<Unit, AllowedAsset>
  readonly perPayment: Limit
  readonly sums: readonly SumLimit[]
}

const NAME_IT = 'Name it in `limits.assets` with a `perPayment` in its atomic units'

/**
 * Says what the limits make of one offer, whatever was spent before.
 *
 * @param terms - What is asked.
 * @param rules - What is allowed.
 * @returns A refusal, or what to count and which caps to check while reserving.
 */
export function assess(terms: Terms, rules: Rules): Assessment {
  const { known, network } = terms
  const unit = toAssetUnit(network, known?.asset ?? terms.asset)
  const entry = rules.assets.get(unit)
  // What the scheme knows goes before what the user wrote: wrong decimals would misprice every payment.
  const notation = { symbol: known?.symbol ?? entry?.symbol, decimals: known?.decimals ?? entry?.decimals }
  if (!known && !entry) {
    return { ...notation, dollars: undefined, refusal: refuseAsset('no limit allows its asset', NAME_IT) }
  }

  const charges = toCharges(terms.amount, unit, known !== undefined || entry?.isPegged === true, notation)
  const single = entry?.perPayment ?? rules.perPayment
  const refusal = refuseUnpriced([single, ...rules.sums], charges) ?? refuseOver(single, charges, notation)
  const dollars = charges.find((charge) => charge.unit === 'usd')?.amount
  if (refusal) return { ...notation, dollars, refusal }
  return {
    ...notation,
    dollars,
    charges,
    caps: rules.sums.flatMap(({ allows }) => allows.filter((cap) => prices(cap, charges))),
  }
}

/** What the payment adds, in every unit that any limit may be written in, so that limits changed later count it too. */
function toCharges(amount: bigint, unit: Unit, isPegged: boolean, { symbol, decimals }: Notation): readonly Charge[] {
  const charges: Charge[] = [
    { unit: 'payments/all', amount: 1n },
    { unit, amount },
  ]
  if (decimals === undefined) return charges
  const atto = toAtto(amount, decimals)
  if (isPegged) charges.push({ unit: 'usd', amount: atto })
  if (symbol !== undefined) charges.push({ unit: `symbol/${symbol}`, amount: atto })
  return charges
}

function prices({ unit }: Charge, charges: readonly Charge[]): boolean {
  return charges.some((charge) => charge.unit === unit)
}

/** Caps are closed (R4): what a limit can't price isn't unlimited. */
function refuseUnpriced(limits: readonly Limit[], charges: readonly Charge[]): LimitRefusal | undefined {
  const silent = limits.filter(({ allows }) => !allows.some((allowed) => prices(allowed, charges)))
  const closed = silent.find(({ isClosed }) => isClosed)?.name
  if (closed !== undefined)
    return refuseAsset(`the limit "${closed}" doesn't name its asset`, `Name it in \`limits.${closed}\``)
  return silent.length === limits.length ? refuseAsset('no limit can price its asset', NAME_IT) : undefined
}

function refuseOver({ name, allows }: Limit, charges: readonly Charge[], notation: Notation): LimitRefusal | undefined {
  const over = allows.find(({ unit, amount }) =>
    charges.some((charge) => charge.unit === unit && charge.amount > amount),
  )
  if (over === undefined) return undefined
  const because = `the limit "${name}" allows ${formatCharge(over, notation)}`
  return {
    code: 'LIMIT_PER_PAYMENT',
    because,
    hint: `Raise \`limits.${name}\`, or catch LimitError to skip this resource.`,
  }
}

function refuseAsset(because: string, how: string): LimitRefusal {
  return { code: 'ASSET_NOT_ALLOWED', because, hint: `${how}, or catch LimitError to skip this resource.` }
}
