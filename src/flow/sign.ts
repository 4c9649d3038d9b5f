import { SigningError } from '../errors/step-errors.js'
import { isX402Error, type X402Error } from '../errors/x402-error.js'
import { enrichPayload } from '../hooks/enriched-payload.js'
import { announceFailure } from '../hooks/run.js'
import { toCharged } from '../payment/exposure.js'
import { type Described, type PaymentPayloadResult, payerOf } from '../payment/scheme.js'
import { identifyPayment, mergeExtensions } from '../wire/extensions.js'
import { fitEcho } from '../wire/fit-echo.js'
import { freezeCopy, isSameJson, toPlainObject } from '../wire/json.js'
import { encodePaymentSignatureHeader, type PaymentPayload } from '../wire/payload.js'
import type { PaymentRequirements } from '../wire/requirements.js'
import { cite } from '../wire/seller-text.js'
import { abortable } from './abortable.js'
import { createAbortError } from './create-abort-error.js'
import { isRejection } from './is-rejection.js'
import { hasSilentAllowance, listAllowances, toDeclared } from './list-allowances.js'
import type { Ports } from './ports.js'
import { assertApproved, createOtherTermsError, exposureOf, maxValidityOf } from './read-back.js'
import { type Authorized, assertAuthorized, type Call, type Selected, type Signed, sealSigned } from './steps.js'

/**
 * Asks the scheme to sign exactly the authorized terms, and reads back what was signed.
 *
 * An abort ends the wait at once; a signature that arrives later is dropped, never sent and never stored.
 *
 * @throws {@link SigningError} when the signer fails or signed something else; nothing left the process.
 */
export async function sign(authorized: Authorized, ports: Ports): Promise<Signed> {
  assertAuthorized(authorized)
  const { selected, id } = authorized
  const { call } = selected.challenge
  const { requirements, entry } = selected.offer
  const { scheme } = selected.registration
  const result = toPlainResult(await askSchemeOrHooks(selected, ports), selected)
  assertAnnounced(result, selected)
  const described = readBack(result, selected, ports)
  const isSilent = described === undefined && (result.isSupplied || selected.describe !== undefined)
  if (isSilent) throw createOtherTermsError(selected, 'what it authorizes')
  if (described !== undefined) assertApproved(described, selected, ports)
  const whole = toPaymentPayload(result, selected, ports)
  const enriched = await enrichPayload(whole, selected.challenge, ports)
  const payload = freezeCopy(fitEcho(enriched, () => findAnswered(enriched, selected)))
  return sealSigned({
    id,
    state: 'reserved',
    call,
    presentation: freezeCopy({ headers: encodePaymentSignatureHeader(payload), payload, requirements, entry }),
    // What can't be read may be spent forever, and so may what has no end.
    validUntilSeconds: Number.isFinite(described?.validUntilSeconds) ? described?.validUntilSeconds : undefined,
    nonce: described?.nonce,
    payer: described?.payer ?? payerOf(scheme),
    allowances: result.allowances,
    charges: described && toRead(described, selected),
  })
}

/** What counts where less was signed than was reserved: a voucher within a channel, say, where a deposit was foreseen. */
function toRead(described: Described, { assessment, exposure }: Selected): Signed['charges'] {
  const charges = 'charges' in assessment ? assessment.charges : []
  return toCharged({ amount: exposure, charges }, exposureOf(described))?.charges
}

/** From here on nothing that a scheme or a hook still holds is looked at: what is read back is what is sent. */
function toPlainResult({ payload, extensions, allowances, isSupplied }: Result, selected: Selected): Result {
  const plain = toPlainObject(payload)
  const added = extensions === undefined ? undefined : toPlainObject(extensions)
  if ('problem' in plain)
    throw createSignerError(new TypeError(`its payload is unusable: ${plain.problem}`), selected, 'released')
  if (added !== undefined && 'problem' in added) {
    throw createSignerError(new TypeError(`its extensions are unusable: ${added.problem}`), selected, 'released')
  }
  const signed = allowances && freezeCopy(allowances)
  return {
    payload: plain.value,
    ...(added !== undefined && { extensions: added.value }),
    allowances: signed,
    isSupplied,
  }
}

function readBack({ payload }: Result, selected: Selected, { clock }: Ports): Described | undefined {
  try {
    return selected.describe?.(payload, selected.offer.requirements, clock.nowSeconds()) ?? undefined
  } catch (cause) {
    throw createSignerError(cause, selected, 'released')
  }
}

type Result = Pick<PaymentPayloadResult, 'payload' | 'extensions' | 'allowances'> & { isSupplied: boolean }

/** A hook may supply a payload where the signer failed; then it must read as exactly the approved terms. */
async function askSchemeOrHooks(selected: Selected, ports: Ports): Promise<Result> {
  try {
    return { ...(await askScheme(selected, ports)), isSupplied: false }
  } catch (error) {
    if (!(error instanceof SigningError) || error.code === 'ABORTED') throw error
    const supplied = await announceFailure(selected, error, ports)
    if (supplied === undefined) throw error
    return { payload: supplied.payload, isSupplied: true }
  }
}

async function askScheme(selected: Selected, ports: Ports): Promise<PaymentPayloadResult> {
  const { call, envelope } = selected.challenge
  const { clock, random } = ports
  const { scheme } = selected.registration
  const extensions = toDeclared(scheme, selected.offer.requirements, envelope.extensions)
  const maxAmountPerPayment = String(selected.exposure)
  const context = { extensions, clock, random, maxValiditySeconds: maxValidityOf(call), maxAmountPerPayment }
  try {
    call.signal?.throwIfAborted()
    const signing = scheme.createPaymentPayload(envelope.x402Version, toAsked(selected), context)
    return await abortable(Promise.resolve(signing), call.signal)
  } catch (cause) {
    throw createSignerError(cause, selected)
  }
}

/**
 * What the scheme is handed. The time is cut to our ceiling here, so that schemes that know none keep it too: what goes back to
 * the seller is its own entry, unchanged.
 */
function toAsked({ challenge, offer, registration }: Selected): PaymentRequirements {
  const maxTimeoutSeconds = Math.min(offer.requirements.maxTimeoutSeconds, maxValidityOf(challenge.call))
  // Protocol-1 schemes of `@x402/core` read `maxAmountRequired` and the legacy network name, which the type doesn't know.
  const terms = registration.takesEntry ? { ...offer.requirements, ...offer.entry } : offer.requirements
  return freezeCopy({ ...terms, maxTimeoutSeconds })
}

/** Field order as the official client writes it, so that the header is the same byte for byte (vector `http-v2-envelope`). */
function toPaymentPayload(result: Result, { challenge, offer }: Selected, { random }: Ports): PaymentPayload {
  const { envelope } = challenge
  const { payload } = result
  if (envelope.x402Version === 1) {
    const { scheme, network } = offer.entry
    return freezeCopy({ x402Version: 1, scheme: String(scheme), network: String(network), payload })
  }
  const added = { ...result.extensions, ...identifyPayment(envelope.extensions, random) }
  const extensions = mergeExtensions(envelope.extensions, Object.keys(added).length > 0 ? added : undefined)
  return freezeCopy({
    x402Version: envelope.x402Version,
    payload,
    ...(extensions !== undefined && { extensions }),
    ...(envelope.resource !== undefined && { resource: envelope.resource }),
    accepted: offer.entry,
  })
}

/** Extensions that say more than the seller did: the ones that somebody here answered. */
function findAnswered({ extensions = {} }: PaymentPayload, { challenge }: Selected): ReadonlySet<string> {
  const declared = challenge.envelope.extensions
  return new Set(Object.keys(extensions).filter((key) => !isSameJson(extensions[key], declared?.[key])))
}

/** What was signed beside the payment is what was named before anybody approved it, each once. */
function assertAnnounced({ extensions, allowances = [] }: Result, selected: Selected): void {
  const { offer, registration, challenge } = selected
  const announced = listAllowances(registration.scheme, offer.requirements, challenge.envelope.extensions)
  const isNamed = allowances.every((one) => announced.some((other) => isSameJson(one, other)))
  const isSilent = hasSilentAllowance(extensions, allowances)
  if (!isNamed || isSilent || allowances.length > 1)
    throw createOtherTermsError(selected, 'the allowance beside the payment')
}

function createSignerError(
  cause: unknown,
  { challenge, offer }: Selected,
  money: 'untouched' | 'released' = 'untouched',
): SigningError {
  const { call } = challenge
  if (call.signal?.aborted) return createAbortError(call, 'untouched')
  if (isX402Error(cause) && cause.code === 'ALLOWANCE_REQUIRED') return createAllowanceError(cause, call, money)
  const facts = { resource: call.resource, network: cite(offer.requirements.network) }
  if (isRejection(cause)) {
    return new SigningError('The wallet was asked to sign, and its owner said no.', {
      code: 'SIGNING_REJECTED',
      money,
      facts,
      hint: 'Nothing was paid. Ask again only when they want to.',
      cause,
    })
  }
  return new SigningError(isX402Error(cause) ? cause.shortMessage : 'The signer failed, so nothing was paid.', {
    code: 'SIGNER_FAILED',
    // The scheme may have dropped a signature itself.
    money: isX402Error(cause) && cause.money === 'released' ? 'released' : money,
    facts,
    hint: 'See the cause: what the wallet or the scheme said.',
    cause,
  })
}

/** The scheme's own words: it knows the contract, how much, and what can be done. */
function createAllowanceError(cause: X402Error, call: Call, money: 'untouched' | 'released'): SigningError {
  return new SigningError(cause.shortMessage, {
    code: 'ALLOWANCE_REQUIRED',
    money,
    facts: { resource: call.resource, ...cause.facts },
    hint: 'Allow it once, as docs/guides/evm.md#allowances shows, and call again.',
    cause,
  })
}
