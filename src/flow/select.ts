import { type Amount, compareAmounts, isAmount } from '../protocol/amount.js'
import { isJsonObject } from '../protocol/json.js'
import { toSellerText } from '../protocol/seller-text.js'
import { isAllowed, type Judged, judgeOffer } from './judge-offer.js'
import type { Ports } from './ports.js'
import { SelectionError } from './selection-error.js'
import { assertChallenge, type Challenge, type Considered, type Selected, sealSelected } from './steps.js'

/** Reasons that a message prints; all of them are in `error.considered`. */
const PRINTED_REASONS = 5

/**
 * Takes one offer: the first that can be paid decides the scheme and the network (the seller's priority), and of its offers
 * the cheapest is taken. What the limits refuse whatever was spent before is passed over while another can be paid.
 *
 * @throws {@link SelectionError} with a reason for every offer when none can be paid; nothing was signed.
 */
export function select(challenge: Challenge, ports: Ports): Selected {
  assertChallenge(challenge)
  const first = findFirst(challenge, ports)
  if (first === undefined) throw createSelectionError(challenge, ports)
  const taken = isAllowed(first) ? findCheapest(challenge, ports, first) : first
  return sealSelected({
    challenge,
    offer: taken.offer,
    registration: taken.registration,
    assessment: taken.assessment,
    considered: () => consider(challenge, ports, taken.offer.index),
  })
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
      if (isCheaper(judged, best)) best = judged
      break // sorted: the others of this asset cost as much or more
    }
  }
  return best
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

/** In dollars where both have a price in dollars, in units where the asset is the same; otherwise the seller's order stands. */
function isCheaper(one: Judged, other: Judged): boolean {
  const a = inDollars(one)
  const b = inDollars(other)
  if (a !== undefined && b !== undefined) return a < b || (a === b && one.offer.index < other.offer.index)
  const isSameAsset = one.offer.requirements.asset === other.offer.requirements.asset
  return isSameAsset && compareAmounts(one.offer.requirements.amount, other.offer.requirements.amount) < 0
}

function inDollars({ assessment }: Judged): bigint | undefined {
  return 'charges' in assessment ? assessment.charges.find(({ unit }) => unit === 'usd')?.amount : undefined
}

function consider(challenge: Challenge, ports: Ports, taken: number | undefined): Considered[] {
  const considered: Considered[] = []
  for (const [index, entry] of challenge.envelope.accepts.entries()) {
    if (index === taken) continue
    const judged = judgeOffer(challenge, index, ports)
    const named = isJsonObject(entry) ? entry : {}
    considered.push({
      index,
      scheme: toSellerText(named['scheme']),
      network: toSellerText(named['network']),
      reason: 'reason' in judged ? judged.reason : toPassedOverReason(judged),
    })
  }
  return considered
}

function toPassedOverReason({ assessment }: Judged): string {
  return 'refusal' in assessment ? assessment.refusal.because : 'another offer comes first or costs less'
}

function createSelectionError(challenge: Challenge, ports: Ports): SelectionError {
  const { call, envelope } = challenge
  const considered = () => consider(challenge, ports, undefined)
  if (envelope.accepts.length === 0) {
    return new SelectionError('Refused to pay: the 402 holds no offer.', {
      code: 'NO_OFFERS',
      money: 'untouched',
      facts: { resource: call.resource },
      considered,
    })
  }
  const printed = considered().slice(0, PRINTED_REASONS)
  const rest = envelope.accepts.length - printed.length
  return new SelectionError('Refused to pay: none of the offers can be paid by this client.', {
    code: 'NO_PAYABLE_OFFER',
    money: 'untouched',
    facts: {
      resource: call.resource,
      ...Object.fromEntries(printed.map((one) => [`offer ${one.index + 1}`, toOfferLine(one)])),
      ...(rest > 0 && { 'and more': `${rest}, all in error.considered` }),
    },
    hint: 'Register a scheme for one of these networks, or tell the seller what is missing.',
    considered,
  })
}

function toOfferLine({ scheme, network, reason }: Considered): string {
  return scheme === undefined && network === undefined ? reason : `${scheme ?? '?'} on ${network ?? '?'}: ${reason}`
}
