import type { Considered } from '../errors/step-errors.js'
import type { Call } from '../payment/call.js'
import type { Assessment } from '../payment/limits.js'
import type { Ports, Registration, Trust } from '../payment/ports.js'
import type { DefaultAsset } from '../payment/scheme.js'
import type { Challenge, Offer } from '../payment/steps.js'
import { type Terms, toTerms } from '../payment/terms.js'
import { compareAmounts } from '../wire/amount.js'
import { fitsBack } from '../wire/encoded-payment.js'
import { freezeCopy, isJsonObject, type JsonObject } from '../wire/json.js'
import type { Network } from '../wire/network.js'
import { type PaymentRequirements, readEither, readRequirements } from '../wire/requirements.js'
import { cite } from '../wire/seller-text.js'
import { readNetwork, readSchemeName } from '../wire/version.js'
import { mayBeRead, predictExposure, UNREADABLE } from './read-back.js'

/** An offer that a registered scheme can sign for, and what the limits say about it. */
export type Judged = {
  readonly offer: Offer
  readonly registration: Registration
  /** About the exposure; only its dollars are those of the price. */
  readonly assessment: Assessment
  /** Most that others can take with the signature, in atomic units. */
  readonly exposure: bigint
}

/** The offer that is taken, and why others fell out, by place in `accepts`. */
export type Taken = { readonly taken: Judged | undefined; readonly dropped: ReadonlyMap<number, string> }

/** Says of every offer but the taken one why it wasn't. @param most - Of so many of them. */
export type Consider = (most?: number) => Considered[]

/** Whether the limits allow the offer, leaving aside what was spent before. */
export function isAllowed({ assessment }: Judged): boolean {
  return !('refusal' in assessment)
}

/**
 * Judges one entry of `accepts` by itself, so that a bad entry never spoils a good one.
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
  if (!mayBeRead(registration)) return { reason: UNREADABLE }
  const read = readRequirements(withAddress(entry, network, registration), x402Version)
  if ('problem' in read) return { reason: read.problem }
  if (!fitsBack(entry)) return { reason: 'it is too long to be sent back in a header' }
  const requirements = freezeCopy(read.value)
  const asked = askScheme(registration, requirements, x402Version, ports.trust)
  if ('flow' in asked) {
    const named = challenge.call.cite(asked.flow)
    const flow = named === undefined ? 'not a name' : cite(named)
    return { reason: `its payment flow is ${flow}, which \`paymentFlows\` doesn't allow` }
  }
  if ('reason' in asked) return asked
  const { exposure, known } = asked
  const terms = toTerms(requirements)
  const assessment = assess(terms, exposure, known, challenge.call)
  return { offer: { index, requirements, terms, entry: freezeCopy(entry) }, registration, assessment, exposure }
}

/** Fewest characters of an address on the chains that have a scheme here. */
const MIN_ADDRESS = 32

/** An entry that names its asset by a symbol such as `USDC`, or not at all, with the address that its scheme knows for that. */
function withAddress(entry: JsonObject, network: Network, { scheme }: Registration): JsonObject {
  const { asset } = entry
  if (scheme.findAssetBySymbol === undefined || (typeof asset === 'string' && asset.length >= MIN_ADDRESS)) return entry
  const named = readEither(entry, 'asset', 'token')
  if ('problem' in named) return entry
  const { value } = named
  if (value !== undefined && (typeof value !== 'string' || value.length >= MIN_ADDRESS)) return entry
  // Polygon's page writes a place to put the address of USDC as `USDC_address`.
  const address = scheme.findAssetBySymbol(value?.replace(/_address$/i, ''), network)
  return address === undefined ? entry : { ...entry, asset: address, token: undefined }
}

/** Asks the limits about what others can take with a signature. The dollars of the result are those of the price. */
export function assess(
  { network, asset, payTo, amount }: Terms,
  exposure: bigint,
  known: DefaultAsset | undefined,
  call: Pick<Call, 'host' | 'asked' | 'digestAsked' | 'tags' | 'limits'>,
): Assessment {
  const { host, tags, limits, digestAsked: digestResource } = call
  const asked = { network, asset, payTo, amount, host, resource: call.asked(), digestResource, tags, known }
  const priced = limits.assess(asked)
  return exposure > amount ? { ...limits.assess({ ...asked, amount: exposure }), dollars: priced.dollars } : priced
}

/** In dollars where both have a price in dollars, in units where the asset is the same; otherwise the order stands. */
export function isCheaper(one: Judged, other: Judged): boolean {
  const a = one.assessment.dollars
  const b = other.assessment.dollars
  if (a !== undefined && b !== undefined) return a < b
  const isSameAsset = one.offer.requirements.asset === other.offer.requirements.asset
  return isSameAsset && compareAmounts(one.offer.requirements.amount, other.offer.requirements.amount) < 0
}

type Asked =
  | { readonly known: DefaultAsset | undefined; readonly exposure: bigint }
  | { readonly reason: string }
  /** A payment flow that isn't allowed. */
  | { readonly flow: unknown }

/** A scheme from elsewhere may throw at terms that it doesn't expect; then it can't sign them. */
function askScheme(
  registration: Registration,
  requirements: PaymentRequirements,
  x402Version: number,
  { paymentFlows }: Trust,
): Asked {
  const { scheme, published } = registration
  try {
    // Any of several accounts may pay.
    for (const one of scheme.accounts ?? [scheme]) {
      const usual = one.defaultPaymentFlow?.(requirements) ?? published?.defaultPaymentFlow ?? FLOW
      for (const flow of listFlows(requirements.extra['paymentFlow'], usual)) {
        if (!paymentFlows.some((allowed) => allowed === flow)) return { flow }
      }
    }
    const reason = scheme.refuse?.(requirements, x402Version)
    if (reason !== undefined) return { reason }
    const known = scheme.findDefaultAsset?.(requirements.asset, requirements.network)
    if (known !== undefined && !isAsset(known)) return { reason: 'its scheme knows no decimals of its asset' }
    return { known, exposure: predictExposure(registration, requirements) }
  } catch {
    return { reason: 'its scheme failed to judge it' }
  }
}

/** The flow in which nothing moves before the response is there. Source: `paymentFlow` of `@x402/core` 2.27. */
const FLOW = 'authorization'

/** The flow that the seller names, or else the scheme's own. What a seller names isn't signed, so the scheme's own must be allowed, too. */
function listFlows(named: unknown, usual: string): readonly unknown[] {
  if (named === undefined || named === null) return [usual]
  return usual === FLOW ? [named] : [named, usual]
}

/** With any other decimals, a price could come out as anything, even nothing. Source: `decimals` of ERC-20 and SPL tokens is one byte. */
function isAsset({ decimals, symbol }: DefaultAsset): boolean {
  return Number.isInteger(decimals) && decimals >= 0 && decimals <= 255 && typeof symbol === 'string'
}
