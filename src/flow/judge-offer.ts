import { fitsBack } from '../protocol/fit-echo.js'
import { freezeCopy, isJsonObject } from '../protocol/json.js'
import { type PaymentRequirements, readRequirements } from '../protocol/requirements.js'
import { cite } from '../protocol/seller-text.js'
import { readNetwork, readSchemeName } from '../protocol/version.js'
import type { DefaultAsset, SchemeNetworkClient } from '../scheme.js'
import type { Assessment, Ports, Registration } from './ports.js'
import type { Challenge, Offer } from './steps.js'

/** An offer that a registered scheme can sign for, and what the limits say to it. */
export type Judged = { readonly offer: Offer; readonly registration: Registration; readonly assessment: Assessment }

/** Whether the limits allow the offer as it stands, whatever was spent before. */
export function isAllowed({ assessment }: Judged): boolean {
  return !('refusal' in assessment)
}

/**
 * Judges one entry of `accepts` by itself, so that a bad entry never spoils a good one beside it.
 *
 * The cheap questions come first: most entries of a long list end at a scheme that isn't registered.
 *
 * @returns The offer, or why it can't be paid.
 */
export function judgeOffer(challenge: Challenge, index: number, ports: Ports): Judged | { readonly reason: string } {
  const entry = challenge.envelope.accepts[index]
  if (!isJsonObject(entry)) return { reason: 'it is not an object' }
  const { x402Version } = challenge.envelope
  const name = readSchemeName(entry['scheme'], x402Version)
  if (name === undefined) return { reason: 'scheme is missing or not a string' }
  const network = readNetwork(entry['network'], x402Version)
  if (network === undefined) return { reason: 'network is missing or not one that this protocol names' }
  const registration = ports.schemes.find({ scheme: name, network, x402Version, spoken: entry['network'] })
  if (registration === undefined) return { reason: 'no scheme is registered for it' }
  const { scheme } = registration
  const read = readRequirements(entry, x402Version)
  if ('problem' in read) return { reason: read.problem }
  if (!fitsBack(entry)) return { reason: 'it is too long to be sent back in a header' }
  const flow = read.value.extra['paymentFlow']
  if (flow !== undefined && flow !== null && !ports.trust.paymentFlows.some((allowed) => allowed === flow)) {
    const named = challenge.call.quote(flow)
    return {
      reason: `its payment flow is ${named === undefined ? 'not a name' : cite(named)}, which \`paymentFlows\` doesn't allow`,
    }
  }
  const requirements = freezeCopy(read.value)
  const asked = askScheme(scheme, requirements, x402Version)
  if ('reason' in asked) return asked
  const assessment = challenge.call.limits.assess({
    network,
    asset: requirements.asset,
    amount: BigInt(requirements.amount),
    payee: requirements.payTo,
    host: challenge.call.host,
    tags: challenge.call.tags,
    known: asked.known,
  })
  return { offer: { index, requirements, entry: freezeCopy(entry) }, registration, assessment }
}

/** A scheme from elsewhere may throw at terms that it doesn't expect: then it can't sign them. */
function askScheme(
  scheme: SchemeNetworkClient,
  requirements: PaymentRequirements,
  x402Version: number,
): { readonly known: DefaultAsset | undefined } | { readonly reason: string } {
  try {
    const reason = scheme.refuse?.(requirements, x402Version)
    if (reason !== undefined) return { reason }
    const known = scheme.findDefaultAsset?.(requirements.asset, requirements.network)
    return known === undefined || isAsset(known) ? { known } : { reason: 'its scheme knows no decimals of its asset' }
  } catch {
    return { reason: 'its scheme failed to judge it' }
  }
}

/** With other decimals a price would be anything, nothing included. Source: `decimals` of ERC-20 and SPL tokens is one byte. */
function isAsset({ decimals, symbol }: DefaultAsset): boolean {
  return Number.isInteger(decimals) && decimals >= 0 && decimals <= 255 && typeof symbol === 'string'
}
