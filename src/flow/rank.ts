import type { Preferences } from '../payment/ports.js'
import type { Funding } from '../payment/scheme.js'
import { freezeCopy, isSameJson } from '../wire/json.js'
import { toWildcard } from '../wire/network.js'
import type { PaymentRequirements } from '../wire/requirements.js'
import type { Judged } from './offer.js'

/** Offers in the order of preference, why others fell out, and the one that the caller's own selector took. */
export type Ranking = {
  readonly ranked: readonly Judged[]
  /** Reasons by place in `accepts`. */
  readonly dropped: ReadonlyMap<number, string>
  readonly chosen: Judged | undefined
}

/** Most offers whose balance is read for one 402, so that a long list can't be turned into a flood of RPC calls. */
const MAX_BALANCE_READS = 8

/**
 * Orders offers as the caller prefers them: by policies, by what the wallet can fund, by networks, by assets, by the selector.
 *
 * Policies and selectors are shown frozen copies, and what they answer is only a choice among them: an offer that they changed
 * is nobody's offer and falls out.
 *
 * @throws What a policy or the selector throws.
 */
export async function rankOffers(
  offers: readonly Judged[],
  x402Version: number,
  preferences: Preferences,
): Promise<Ranking> {
  const dropped = new Map<number, string>()
  const drop = (before: readonly Judged[], after: readonly Judged[], reason: string) => {
    for (const one of before) if (!after.includes(one)) dropped.set(one.offer.index, reason)
    return after
  }
  let ranked = offers
  for (const policy of preferences.policies) {
    ranked = drop(ranked, match(policy(x402Version, ranked.map(show)), ranked), 'a policy left it out')
  }
  if (preferences.funded) ranked = drop(ranked, await keepFunded(ranked), 'the wallet holds too little of its asset')
  const { networks, assets } = preferences
  ranked = sortBy(ranked, ({ network }) =>
    placeOf(networks, (wanted) => wanted === network || wanted === toWildcard(network)),
  )
  ranked = sortBy(ranked, ({ asset }) => placeOf(assets, (wanted) => wanted.toLowerCase() === asset.toLowerCase()))
  const { selector } = preferences
  if (selector === undefined || ranked.length === 0) return { ranked, dropped, chosen: undefined }
  const [chosen] = match([selector(x402Version, ranked.map(show))], ranked)
  if (chosen !== undefined) return { ranked, dropped, chosen }
  drop(ranked, [], 'the selector took none of the offers as they stand')
  return { ranked: [], dropped, chosen: undefined }
}

/** The cheapest in dollars, wherever it is; what has no price in dollars comes last. */
export function findCheapestAnywhere(ranked: readonly Judged[]): Judged | undefined {
  const [first, ...others] = ranked
  return others.reduce((best, one) => {
    const [a, b] = [best?.assessment.dollars, one.assessment.dollars]
    return b !== undefined && (a === undefined || b < a) ? one : best
  }, first)
}

function show({ offer }: Judged): PaymentRequirements {
  return freezeCopy(offer.requirements)
}

/** The offers that an answer names, in its order; equal offers are told apart by their place. */
function match(answer: readonly unknown[], offers: readonly Judged[]): Judged[] {
  const rest = [...offers]
  return answer.flatMap((named) => {
    const index = rest.findIndex(({ offer }) => isSameJson(offer.requirements, named))
    return index < 0 ? [] : rest.splice(index, 1)
  })
}

/** What is known to be too little falls out; what can't be read stays: a dead RPC isn't an empty wallet. */
async function keepFunded(offers: readonly Judged[]): Promise<readonly Judged[]> {
  const asked = offers.slice(0, MAX_BALANCE_READS)
  const answers = await Promise.all(asked.map(readFunding))
  const short = new Set(asked.filter((_, index) => answers[index] === 'short'))
  return offers.filter((one) => !short.has(one))
}

async function readFunding({ registration, offer }: Judged): Promise<Funding> {
  try {
    return (await registration.scheme.readFunding?.(offer.requirements)) ?? 'unknown'
  } catch {
    return 'unknown' // the scheme's own reading failed, which says nothing about the balance
  }
}

function sortBy(offers: readonly Judged[], place: (requirements: PaymentRequirements) => number): readonly Judged[] {
  return [...offers].sort((a, b) => place(a.offer.requirements) - place(b.offer.requirements))
}

function placeOf(wanted: readonly string[], isIt: (wanted: string) => boolean): number {
  const place = wanted.findIndex(isIt)
  return place < 0 ? wanted.length : place
}
