import { SIGNED_MORE, SIGNED_OTHER_TERMS } from '../errors/catalogue/signing.js'
import { fail } from '../errors/fail.js'
import type { SigningError } from '../errors/step-errors.js'
import type { MaybePromise } from '../payment/digest.js'
import { loadPart } from '../payment/part.js'
import type { Ports, Registration } from '../payment/ports.js'
import {
  type Describe,
  type Described,
  isReading,
  MAX_VALIDITY_SECONDS,
  type PublishedScheme,
  payerOf,
  type SchemeNetworkClient,
} from '../payment/scheme.js'
import type { Challenge, Selected } from '../payment/steps.js'
import { isSameAddress } from '../wire/address.js'
import { cite } from '../wire/seller-text.js'

/** Why an offer is passed over when nothing can read what its scheme signs. */
export const UNREADABLE =
  "what it signs can't be read: register it with `{ unreadable: 'trust-the-price' }`, or wrap it with `readable(scheme, describe)`"

/** Whether what a registered scheme signs can be read, or it was registered with its price trusted. */
export function mayBeRead({ scheme, published, trustsPrice }: Registration): boolean {
  return trustsPrice === true || published?.loadDescribe !== undefined || isReading(scheme)
}

/**
 * What reads the payloads of a scheme: its own method, or what is known of a published one, which is loaded here. Without it nothing would
 * hold back what is signed, so nothing is.
 *
 * @returns `undefined` when nothing does, and the price is trusted.
 * @throws {@link ConfigurationError} `PART_NOT_LOADED` when it can't be loaded; nothing was reserved or signed.
 */
export function findDescribe({ scheme, published }: Registration): MaybePromise<Describe | undefined> {
  if (scheme.describe !== undefined) return scheme.describe.bind(scheme)
  return published?.loadDescribe && loadPart(published.loadDescribe())
}

/** Predicts the most that others can take with the signature for these terms, in atomic units: at least the amount. */
export function predictExposure({ scheme, published }: Registration, requirements: Requirements): bigint {
  let most = BigInt(requirements.amount)
  for (const one of scheme.accounts ?? [scheme]) {
    const predicted = predictOne(one, published, requirements)
    if (predicted > most) most = predicted
  }
  return most
}

type Requirements = Selected['offer']['requirements']

function predictOne(
  scheme: SchemeNetworkClient,
  published: PublishedScheme | undefined,
  requirements: Requirements,
): bigint {
  return scheme.predictExposure?.(requirements) ?? published?.predictExposure?.(requirements, scheme) ?? 0n
}

/**
 * Holds what was read back to what was approved and reserved.
 *
 * @throws {@link SigningError} `SIGNED_OTHER_TERMS` or `SIGNED_MORE`; the signature is dropped.
 */
export function assertApproved(described: Described, selected: Selected, ports: Ports): void {
  const { terms } = selected.offer
  const { validUntilSeconds: until } = described
  const latest = ports.clock.nowSeconds() + maxValidityOf(selected.challenge)
  const different = [
    !isSameAddress(described.payTo, terms.payTo) && 'the payTo',
    !isSameAddress(described.asset, terms.asset) && 'the asset',
    isOtherPayer(described, selected) && 'the payer',
    described.amount !== terms.amount && 'the amount',
    // Not `until > latest`, so that NaN is refused, too.
    !(until <= latest) && until !== Number.POSITIVE_INFINITY && 'how long it is valid',
  ].filter((one) => one !== false)
  if (different.length > 0) throw createOtherTermsError(selected, different.join(', '))
  if (!(exposureOf(described) <= selected.exposure)) throw createMoreError(described, selected)
}

/** Most that others can take with a payload, in atomic units: never less than its amount. */
export function exposureOf({ amount, exposure = amount }: Described): bigint {
  return exposure < amount ? amount : exposure
}

/**
 * Longest that a prepaid authorization is asked to be valid, in seconds. If the seller asks for something else, what was signed can be taken until
 * then; soon after, the chain proves that it wasn't. Official facilitators ask for six seconds at the least.
 */
const PREPAID_TIMEOUT_SECONDS = 60

/** Longest that it may be valid where no one can choose that, in seconds: on Solana 150 blocks, as `LIFETIME_SECONDS` of its scheme says. */
const PREPAID_VALIDITY_SECONDS = 90

/** Longest that an authorization of this call may be valid, in seconds. */
export function maxValidityOf({ call: { limits }, isRemembered }: Challenge): number {
  const most = isRemembered ? PREPAID_VALIDITY_SECONDS : MAX_VALIDITY_SECONDS
  return Math.min(limits.maxValiditySeconds ?? most, most)
}

/** Longest that an authorization of this call is asked to be valid, in seconds. */
export function maxTimeoutOf(challenge: Challenge): number {
  const most = maxValidityOf(challenge)
  return challenge.isRemembered ? Math.min(most, PREPAID_TIMEOUT_SECONDS) : most
}

function isOtherPayer({ payer }: Described, { registration }: Selected): boolean {
  const expected = payerOf(registration.scheme)
  return expected !== undefined && !isSameAddress(payer, expected)
}

/** The error of a signature for other terms than the approved ones. */
export function createOtherTermsError({ challenge, offer }: Selected, what: string): SigningError {
  const facts = { resource: challenge.call.resource, network: cite(offer.requirements.network) }
  return fail(SIGNED_OTHER_TERMS, { words: { what }, facts })
}

function createMoreError(described: Described, { challenge, offer, exposure }: Selected): SigningError {
  return fail(SIGNED_MORE, {
    facts: {
      resource: challenge.call.resource,
      network: cite(offer.requirements.network),
      asset: cite(offer.requirements.asset),
      'could be taken': `${exposureOf(described)} units`,
      reserved: `${exposure} units`,
    },
  })
}
