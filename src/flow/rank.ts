import { POLICY_FAILED, POLICY_NAMED_NO_PAYER } from '../errors/catalogue/selection.js'
import { fail } from '../errors/fail.js'
import { isX402Error } from '../errors/x402-error.js'
import type { Assessment } from '../payment/limits.js'
import type { Ports, Registration } from '../payment/ports.js'
import type { Funding } from '../payment/scheme.js'
import type { Challenge } from '../payment/steps.js'
import { freezeCopy, isJsonObject } from '../wire/json.js'
import { toWildcard } from '../wire/network.js'
import type { PaymentRequirements } from '../wire/requirements.js'
import { isFull, readSums } from './earlier/presented.js'
import { isAllowed, isCheaper, type Judged, judgeOffer, type Taken } from './offer.js'

/** Offers in the order of preference, why others were dropped, and the one that the caller's own selector took. */
type Ranking = {
  readonly ranked: readonly Judged[]
  /** Reasons by place in `accepts`. */
  readonly dropped: ReadonlyMap<number, string>
  readonly chosen: Judged | undefined
}

/** The most offers whose balance is read for one 402, so that a long list can't cause a flood of RPC calls. */
const MAX_BALANCE_READS = 8

/** Takes the offer that the caller prefers, of those that can be paid and that the limits allow. */
export async function takePreferred(challenge: Challenge, ports: Ports): Promise<Taken> {
  const { preferences } = ports
  const judged = [...challenge.envelope.accepts.keys()].map((index) => judgeOffer(challenge, index, ports))
  const payable = judged.filter((one) => 'offer' in one)
  const allowed = payable.filter(isAllowed)
  if (allowed.length === 0) return { taken: payable[0], dropped: new Map() }
  const { ranked, dropped, chosen } = await rank(allowed, challenge, ports)
  if (chosen !== undefined) return { taken: chosen, dropped }
  if (preferences.cheapest === 'anywhere') return { taken: findCheapestAnywhere(ranked), dropped }
  const [first] = ranked
  const isRival = ({ offer }: Judged) =>
    offer.requirements.scheme === first?.offer.requirements.scheme &&
    offer.requirements.network === first.offer.requirements.network
  return { taken: ranked.filter(isRival).reduce<Judged | undefined>(cheaperOf, first), dropped }
}

/** Policies and selectors are the caller's: what they throw stops the payment, and is shown as the cause. */
async function rank(allowed: readonly Judged[], challenge: Challenge, ports: Ports): Promise<Ranking> {
  try {
    return await rankOffers(allowed, challenge, ports)
  } catch (cause) {
    if (isPartMissing(cause)) throw cause
    throw fail(POLICY_FAILED, { facts: { resource: challenge.call.resource }, cause })
  }
}

/** Nothing was asked yet: the next call finds it loaded. */
function isPartMissing(error: unknown): boolean {
  return isX402Error(error) && error.code === 'PART_NOT_LOADED'
}

function cheaperOf(best: Judged | undefined, one: Judged): Judged {
  return best === undefined || isCheaper(one, best) ? one : best
}

/** Asks the rule which of several accounts pays. */
export async function askForPayer(challenge: Challenge, { registration, offer }: Judged): Promise<Registration> {
  const { scheme } = registration
  try {
    return { ...registration, scheme: (await scheme.choosePayer?.(offer.requirements)) ?? scheme }
  } catch (cause) {
    throw fail(POLICY_NAMED_NO_PAYER, { facts: { resource: challenge.call.resource }, cause })
  }
}

/**
 * Orders offers as the caller prefers them: by policies, by what the wallet can fund, by networks, by assets, by the selector.
 *
 * Policies and selectors are shown frozen copies, and can only choose among them: an offer that they changed isn't one of the
 * seller's, and is dropped.
 *
 * @throws What a policy or the selector throws.
 */
async function rankOffers(offers: readonly Judged[], challenge: Challenge, ports: Ports): Promise<Ranking> {
  const { preferences } = ports
  const { x402Version } = challenge.envelope
  const dropped = new Map<number, string>()
  const drop = (before: readonly Judged[], after: readonly Judged[], reason: string) => {
    const kept = new Set(after)
    for (const one of before) if (!kept.has(one)) dropped.set(one.offer.index, reason)
    return after
  }
  let ranked = offers
  for (const policy of preferences.policies) {
    ranked = drop(ranked, match(policy(x402Version, ranked.map(show)), ranked), 'a policy left it out')
  }
  if (preferences.funded)
    ranked = drop(ranked, await keepFunded(ranked, challenge, ports), 'the wallet holds too little of its asset')
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

/** Finds the cheapest offer in dollars, on any network; offers without a price in dollars come last. */
function findCheapestAnywhere(ranked: readonly Judged[]): Judged | undefined {
  const [first, ...others] = ranked
  return others.reduce((best, one) => {
    const [a, b] = [best?.assessment.dollars, one.assessment.dollars]
    return b !== undefined && (a === undefined || b < a) ? one : best
  }, first)
}

function show({ offer }: Judged): PaymentRequirements {
  return freezeCopy(offer.requirements)
}

/**
 * Finds the offers that a policy or a selector named, in its order; equal offers are told apart by their place. Most are the very objects that it
 * was shown; copies are found by their text, so that no list of thousands is compared with itself.
 */
function match(named: readonly unknown[], offers: readonly Judged[]): Judged[] {
  const shown = new Map<unknown, Judged>(offers.map((one) => [one.offer.requirements, one]))
  const taken = new Set<Judged>()
  let texts: Map<string, Judged[]> | undefined
  return named.flatMap((one) => {
    const known = shown.get(one)
    if (known !== undefined && !taken.has(known)) {
      taken.add(known)
      return [known]
    }
    texts ??= groupByText(offers)
    const equal = texts.get(toText(one)) ?? []
    while (equal.length > 0) {
      const next = equal.pop()
      if (next === undefined || taken.has(next)) continue
      taken.add(next)
      return [next]
    }
    return []
  })
}

/** The last of a group is the one with the earliest place. */
function groupByText(offers: readonly Judged[]): Map<string, Judged[]> {
  const groups = new Map<string, Judged[]>()
  for (const one of [...offers].reverse()) {
    const text = toText(one.offer.requirements)
    const group = groups.get(text)
    if (group === undefined) groups.set(text, [one])
    else group.push(one)
  }
  return groups
}

/** The same text for all that is the same JSON, in whatever order its members are. */
function toText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toText).join()}]`
  if (!isJsonObject(value)) return JSON.stringify(value) ?? ''
  const members = Object.keys(value).sort()
  return `{${members.map((name) => `${JSON.stringify(name)}:${toText(value[name])}`).join()}}`
}

/** Drops offers for which the wallet is known to hold too little. A balance that can't be read drops none: a dead RPC isn't an empty wallet. */
async function keepFunded(offers: readonly Judged[], challenge: Challenge, ports: Ports): Promise<readonly Judged[]> {
  if (ports.circuit.openFor(challenge.call.origin) > 0) return offers
  const first = offers.slice(0, MAX_BALANCE_READS)
  const areFull = await Promise.all(first.map(({ assessment }) => isFullNow(assessment, ports)))
  // No balance is read for what limits refuse: a seller could make a flood of questions to the chain of it.
  const asked = first.filter((_, index) => areFull[index] === false)
  const fundings = await Promise.all(asked.map(readFunding))
  const short = new Set(asked.filter((_, index) => fundings[index] === 'short'))
  return offers.filter((one) => !short.has(one))
}

/** Whether a limit has no room for an offer now. A ledger that fails says nothing, and is asked once more when the offer is reserved. */
async function isFullNow(assessment: Assessment, ports: Ports): Promise<boolean> {
  if ('refusal' in assessment) return true
  try {
    for (const cap of assessment.caps) if (isFull(cap, assessment, await readSums(cap, ports))) return true
    return false
  } catch {
    return false
  }
}

async function readFunding({ registration, offer }: Judged): Promise<Funding> {
  try {
    return (await registration.scheme.readFunding?.(offer.requirements)) ?? 'unknown'
  } catch (error) {
    if (isPartMissing(error)) throw error
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
