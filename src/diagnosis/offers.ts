import type { KnownTokens } from '../../schemes/known-tokens.js'
import type { networkFacts } from '../../schemes/network-facts.js'
import { judgeOffer } from '../flow/offer.js'
import type { Ports } from '../payment/ports.js'
import type { Challenge } from '../payment/steps.js'
import { isJsonObject, type JsonObject } from '../wire/json.js'
import type { Network } from '../wire/network.js'
import { readRequirements } from '../wire/requirements.js'
import { cite } from '../wire/seller-text.js'
import { readNetwork, readSchemeName } from '../wire/version.js'
import { ASSET_ELSEWHERE, NETWORK_MISSPELLED, NETWORK_UNKNOWN, NO_SIGNER, OFFER_REFUSED } from './catalogue.js'
import type { AskedKind } from './facilitator.js'
import { type Finding, type FindingPlace, toFinding } from './finding.js'

/** What is known about networks and tokens, of all families of chains. */
export type ChainFacts = typeof networkFacts & {
  readonly findToken: KnownTokens['find']
  readonly findTokenNetwork: KnownTokens['findNetwork']
}

/** What one offer asks for, as far as it can be read, and what is wrong with it. */
export type DiagnosedOffer = { readonly kind: AskedKind | undefined; readonly findings: readonly Finding[] }

/**
 * Says what is wrong with one offer.
 *
 * @param isPayable - Whether a call pays this one or another: then nothing that is wrong with this one blocks.
 */
export function diagnoseOffer(
  challenge: Challenge,
  index: number,
  { ports, facts, isPayable }: { readonly ports: Ports; readonly facts: ChainFacts; readonly isPayable: boolean },
): DiagnosedOffer {
  const { x402Version: version, accepts } = challenge.envelope
  const entry = accepts[index]
  const place: FindingPlace = { offer: index, ...(isPayable && { blocks: false }) }
  const which = accepts.length === 1 ? 'The offer' : `Offer ${index + 1} of ${accepts.length}`
  if (!isJsonObject(entry)) {
    return { kind: undefined, findings: [toFinding(OFFER_REFUSED, { which, reason: 'it is not an object' }, place)] }
  }
  const show = (said: unknown) => {
    const clean = challenge.call.cite(said)
    return clean === undefined ? 'nothing' : cite(clean)
  }
  const label = diagnoseLabel(entry['network'], { version, which, place, facts, shown: show(entry['network']) })
  const network = readNetwork(entry['network'], version)
  const scheme = readSchemeName(entry['scheme'], version)
  if (label !== undefined || network === undefined) return { kind: undefined, findings: label ?? [] }
  const kind = scheme === undefined ? undefined : { version, scheme, network, which, place, shown: show(scheme) }
  const asset = diagnoseAsset(entry, network, { which, place, facts })
  const judged = judgeOffer(challenge, index, ports)
  if (!('reason' in judged)) return { kind, findings: asset }
  const isUnsigned =
    scheme !== undefined &&
    ports.schemes.find({ scheme, network, x402Version: version, spoken: entry['network'] }) === undefined
  // With a signer or without one, an entry that can't be read is the seller's to mend.
  const read = readRequirements(entry, version)
  const reason = 'problem' in read ? read.problem : judged.reason
  if (!isUnsigned || 'problem' in read) {
    return { kind, findings: [...asset, toFinding(OFFER_REFUSED, { which, reason }, place)] }
  }
  const registration = facts.toRegistration(scheme, network) ?? `client.register('${network}', scheme)`
  const words = { which, scheme: show(scheme), network, registration }
  return { kind, findings: [...asset, toFinding(NO_SIGNER, words, place)] }
}

type Where = { readonly which: string; readonly place: FindingPlace; readonly facts: ChainFacts }

function diagnoseLabel(
  said: unknown,
  { version, which, place, facts, shown }: Where & { readonly version: 1 | 2; readonly shown: string },
): Finding[] | undefined {
  const text = typeof said === 'string' ? said : ''
  const meant = facts.suggest(text, version)
  if (meant !== undefined) {
    const name = meant.name === meant.label ? '' : ` (${meant.name})`
    return [toFinding(NETWORK_MISSPELLED, { which, said: shown, version, meant: meant.label, name }, place)]
  }
  if (readNetwork(said, version) !== undefined) return undefined
  return [toFinding(NETWORK_UNKNOWN, { which, said: shown, version }, place)]
}

function diagnoseAsset(entry: JsonObject, network: Network, { which, place, facts }: Where): Finding[] {
  const asset = entry['asset']
  if (typeof asset !== 'string' || facts.findToken(asset, network) !== undefined) return []
  const elsewhere = facts.findTokenNetwork(asset)
  if (elsewhere === undefined) return []
  const words = { which, network, symbol: elsewhere.symbol, elsewhere: elsewhere.network }
  return [toFinding(ASSET_ELSEWHERE, words, { offer: place.offer })]
}
