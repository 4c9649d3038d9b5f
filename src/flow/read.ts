import { CHALLENGE_MALFORMED, UNSUPPORTED_VERSION } from '../errors/catalogue/challenge.js'
import { fail } from '../errors/fail.js'
import type { ChallengeError } from '../errors/step-errors.js'
import { type Call, createCall } from '../payment/call.js'
import type { PayableRequest, ReadTerms } from '../payment/exchange.js'
import type { Ports } from '../payment/ports.js'
import { brandChallenge, type Challenge } from '../payment/steps.js'
import { type Envelope, type PaymentRequired, readEnvelope } from '../wire/challenge.js'
import { BAZAAR } from '../wire/extensions.js'
import { freezeCopy, isJsonObject, isTooDeep } from '../wire/json.js'

/** A 402 that means x402: its challenge, or why that can't be read. */
export type ReadChallenge = { readonly call: Call } & (
  | { readonly challenge: Challenge }
  | { readonly challenge: undefined; readonly fault: ChallengeError }
)

/**
 * Describes the call of a request, and the 402 that it got, or is remembered to get.
 *
 * @throws {@link ChallengeError} when the address isn't absolute; {@link ConfigurationError} when an option of the call is wrong. Nothing was
 * signed.
 */
export function read(
  { given, options }: Pick<PayableRequest, 'given' | 'options'>,
  { url, terms }: Pick<ReadTerms<unknown>, 'url' | 'terms'>,
  ports: Ports,
  isRemembered = false,
): ReadChallenge {
  const { method, asked, signal, header, digestBody } = given
  const limits = ports.limitsFor(options)
  const call = createCall({
    method,
    asked,
    signal,
    header,
    digestBody,
    url,
    options,
    limits,
    purchases: ports.purchases,
  })
  if ('value' in terms) return { call, challenge: toChallenge(call, terms.value, isRemembered) }
  return { call, challenge: undefined, fault: createMalformedError(terms.problem, call.resource) }
}

/**
 * Reads a 402 that the caller decoded, as `createPaymentPayload` takes it.
 *
 * @param required - Anything; it isn't trusted.
 * @param call - The call that it belongs to.
 * @throws {@link ChallengeError} when it isn't a 402 of x402; nothing was signed.
 */
export function readPaymentRequired(required: unknown, call: Call): Challenge {
  const decoded = readEnvelope(required)
  if ('problem' in decoded) throw createMalformedError(decoded.problem, call.resource)
  // Entries are copied one by one as they are judged: of ten thousand, most never are.
  const { resource, extensions } = decoded.value
  return toChallenge(call, { ...decoded.value, resource: freezeCopy(resource), extensions: freezeCopy(extensions) })
}

/** The same 402 for a call that ends with another signal. */
export function withSignal({ call, challenge, ...fault }: ReadChallenge, signal: AbortSignal): ReadChallenge {
  const own = { ...call, signal }
  if (challenge === undefined) return { ...fault, call: own, challenge } as ReadChallenge // without a challenge there is a fault
  return { call: own, challenge: toChallenge(own, challenge.envelope, challenge.isRemembered) }
}

/** Other terms for the same call: those of the 402 that its payment was answered with. */
export function withTerms({ call }: ReadChallenge, terms: Envelope): Challenge {
  return toChallenge(call, terms)
}

/** Whether the seller says of its own accord what a request has to be. */
export function hasSchema({ envelope }: Challenge): boolean {
  const { extensions, accepts, x402Version } = envelope
  if (extensions !== undefined && Object.hasOwn(extensions, BAZAAR)) return true
  return x402Version === 1 && isJsonObject(accepts[0]) && isJsonObject(accepts[0]['outputSchema'])
}

/** Copies a 402 for hooks. What the seller left out is left out, and entries that nest too deep to be read are `null`. */
export function toPaymentRequired(envelope: Envelope): PaymentRequired {
  const { accepts, error } = envelope
  const shallow = accepts.map((entry) => (isTooDeep(entry) ? null : entry))
  const shown = { ...envelope, error: isTooDeep(error) ? undefined : error, accepts: shallow }
  const present = Object.entries(shown).filter(([, value]) => value !== undefined && value !== null)
  return freezeCopy(Object.fromEntries(present)) as PaymentRequired // entries are still whatever the seller wrote, as the type says
}

function toChallenge(call: Call, envelope: Envelope, isRemembered = false): Challenge {
  let required: PaymentRequired | undefined
  return brandChallenge({ call, envelope, required: () => (required ??= toPaymentRequired(envelope)), isRemembered })
}

function createMalformedError(problem: string, resource: string): ChallengeError {
  const isVersion = problem.startsWith('x402Version')
  return fail(isVersion ? UNSUPPORTED_VERSION : CHALLENGE_MALFORMED, { words: { problem }, facts: { resource } })
}
