import type { Considered } from '../errors/step-errors.js'
import { type MaybePromise, whenKnown } from '../payment/digest.js'
import { loadPart } from '../payment/part.js'
import type { Ports, Preferences, Registration } from '../payment/ports.js'
import { brandSelected, type Challenge, type Selected } from '../payment/steps.js'
import { type Amount, compareAmounts, isAmount } from '../wire/amount.js'
import { isJsonObject } from '../wire/json.js'
import { type Consider, isAllowed, isCheaper, type Judged, judgeOffer, type Taken } from './offer.js'
import { findDescribe } from './read-back.js'

/**
 * Takes one offer. The first that can be paid decides the scheme and the network, as the seller prefers them; among the offers with both, the
 * cheapest is taken. An offer that the limits refuse outright is passed over as long as another can be paid. The caller's preferences come
 * before the seller's order.
 *
 * @throws {@link SelectionError} with a reason for every offer when none can be paid, or when a policy throws; {@link ConfigurationError} when
 * what reads the signature back can't be loaded. Nothing was signed.
 */
export function select(challenge: Challenge, ports: Ports): MaybePromise<Selected> {
  const loading = ports.schemes.prepare?.()
  if (loading !== undefined || hasPreferences(ports.preferences)) return selectLater(challenge, loading, ports)
  return toSelected(challenge, { taken: takeFirst(challenge, ports), dropped: NONE }, ports)
}

async function selectLater(challenge: Challenge, loading: Promise<void> | undefined, ports: Ports): Promise<Selected> {
  if (loading !== undefined) await loading
  const taken = hasPreferences(ports.preferences)
    ? await (await loadPart(import('./rank.js'))).takePreferred(challenge, ports)
    : { taken: takeFirst(challenge, ports), dropped: NONE }
  return toSelected(challenge, taken, ports)
}

const NONE: ReadonlyMap<number, string> = new Map()

function toSelected(challenge: Challenge, { taken, dropped }: Taken, ports: Ports): MaybePromise<Selected> {
  const considered = (most?: number) => consider(challenge, ports, taken?.offer.index, dropped, most)
  if (taken === undefined) return refuse(challenge, considered)
  const { offer, assessment, exposure } = taken
  return whenKnown(choosePayer(challenge, taken, ports), (registration) =>
    whenKnown(findDescribe(registration), (describe) =>
      brandSelected({
        challenge,
        offer,
        registration,
        assessment,
        exposure,
        describe,
        considered: () => considered(),
      }),
    ),
  )
}

/** From here on there is one account: it is approved, written down, asked to sign, and compared with what was signed. */
function choosePayer(challenge: Challenge, judged: Judged, { circuit }: Ports): MaybePromise<Registration> {
  const { registration } = judged
  // Of what is refused anyway nothing is asked: a seller could make a flood of questions to the chain of it.
  const isRefused = !isAllowed(judged) || circuit.openFor(challenge.call.origin) > 0
  return registration.scheme.choosePayer === undefined || isRefused ? registration : askRule(challenge, judged)
}

async function askRule(challenge: Challenge, judged: Judged): Promise<Registration> {
  const { askForPayer } = await loadPart(import('./rank.js'))
  return askForPayer(challenge, judged)
}

/** What says why no offer can be paid is loaded when none can. */
async function refuse(challenge: Challenge, considered: Consider): Promise<never> {
  const { createSelectionError } = await loadPart(import('./limit-errors.js'))
  throw createSelectionError(challenge, considered)
}

function hasPreferences({ policies, selector, networks, assets, cheapest, funded }: Preferences): boolean {
  const hasLists = policies.length + networks.length + assets.length > 0
  return hasLists || selector !== undefined || cheapest === 'anywhere' || funded
}

/** Without preferences, only the first offer that can be paid and its rivals are looked at, however many there are. */
function takeFirst(challenge: Challenge, ports: Ports): Judged | undefined {
  const first = findFirst(challenge, ports)
  const hasRivals = challenge.envelope.accepts.length > 1
  return hasRivals && first !== undefined && isAllowed(first) ? findCheapest(challenge, ports, first) : first
}

/** The first offer that the limits allow, else the first that only the limits refuse. */
function findFirst(challenge: Challenge, ports: Ports): Judged | undefined {
  let refused: Judged | undefined
  for (const index of challenge.envelope.accepts.keys()) {
    const judged = judgeOffer(challenge, index, ports)
    if ('reason' in judged) continue
    if (isAllowed(judged)) return judged
    refused ??= judged
  }
  return refused
}

/**
 * The cheapest offer of the same scheme on the same network; the earlier of two equal ones.
 *
 * Amounts are compared as text first, and only what would win is judged: of 10,000 offers most cost a string comparison.
 */
function findCheapest(challenge: Challenge, ports: Ports, first: Judged): Judged {
  let best = first
  for (const rivals of groupRivals(challenge, first).values()) {
    for (const { index } of rivals.sort((a, b) => compareAmounts(a.amount, b.amount) || a.index - b.index)) {
      const judged = index === first.offer.index ? first : judgeOffer(challenge, index, ports)
      if ('reason' in judged || !isAllowed(judged)) continue
      if (isCheaper(judged, best) || isEarlierTie(judged, best, first)) best = judged
      break // sorted: the rest of this asset cost as much or more
    }
  }
  return best
}

/** Groups are looked at asset by asset, so of two equal prices the later one may come up first. */
function isEarlierTie(one: Judged, best: Judged, first: Judged): boolean {
  if (best === first) return false
  return (
    one.assessment.dollars !== undefined &&
    one.assessment.dollars === best.assessment.dollars &&
    one.offer.index < best.offer.index
  )
}

type Rival = { index: number; amount: Amount }

/** Offers of the same scheme and network, by asset; unreadable ones can't win and are left out. */
function groupRivals(challenge: Challenge, first: Judged): Map<unknown, Rival[]> {
  const { scheme, network } = first.offer.entry
  const groups = new Map<unknown, Rival[]>()
  for (const [index, entry] of challenge.envelope.accepts.entries()) {
    if (!isJsonObject(entry) || entry['scheme'] !== scheme || entry['network'] !== network) continue
    const amount = entry['amount'] ?? entry['maxAmountRequired']
    if (!isAmount(amount)) continue
    const group = groups.get(entry['asset'])
    if (group === undefined) groups.set(entry['asset'], [{ index, amount }])
    else group.push({ index, amount })
  }
  return groups
}

function consider(
  challenge: Challenge,
  ports: Ports,
  taken: number | undefined,
  dropped: ReadonlyMap<number, string>,
  most = Number.POSITIVE_INFINITY,
): Considered[] {
  const considered: Considered[] = []
  for (const [index, entry] of challenge.envelope.accepts.entries()) {
    if (index === taken) continue
    if (considered.length >= most) break
    const judged = judgeOffer(challenge, index, ports)
    const named = isJsonObject(entry) ? entry : {}
    considered.push({
      index,
      scheme: challenge.call.cite(named['scheme']),
      network: challenge.call.cite(named['network']),
      reason: 'reason' in judged ? judged.reason : (dropped.get(index) ?? toPassedOverReason(judged)),
    })
  }
  return considered
}

function toPassedOverReason({ assessment }: Judged): string {
  return 'refusal' in assessment ? assessment.refusal.because : 'another offer comes first or costs less'
}
