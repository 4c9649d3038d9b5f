import {
  ALLOWANCE_REQUIRED,
  SIGNED_TOO_LATE,
  SIGNER_FAILED,
  SIGNER_SAID,
  SIGNING_REJECTED,
} from '../errors/catalogue/signing.js'
import { fail } from '../errors/fail.js'
import type { SigningError } from '../errors/step-errors.js'
import { isX402Error } from '../errors/x402-error.js'
import { abortable, createAbortError, throwIfAborted } from '../payment/abort.js'
import type { Signature } from '../payment/event.js'
import { toCharged } from '../payment/payment.js'
import type { HookRunner, Ports } from '../payment/ports.js'
import { type Described, type PaymentPayloadResult, payerOf } from '../payment/scheme.js'
import { type Authorized, brandSigned, type Selected, type Signed } from '../payment/steps.js'
import { encodePayment } from '../wire/encoded-payment.js'
import { identifyPayment, mergeExtensions } from '../wire/extensions.js'
import { freezeCopy, isSameJson, toPlainObject } from '../wire/json.js'
import type { PaymentPayload } from '../wire/payload.js'
import type { PaymentRequirements } from '../wire/requirements.js'
import { cite } from '../wire/seller-text.js'
import { hasSilentAllowance, listAllowances, toDeclared } from './allowances.js'
import { assertApproved, createOtherTermsError, exposureOf, maxTimeoutOf, maxValidityOf } from './read-back.js'

/**
 * Asks the scheme to sign exactly the authorized terms, and reads back what was signed.
 *
 * An abort ends the wait at once; a signature that arrives later is dropped, never sent and never stored.
 *
 * @param hooks - Runs the caller's hooks; `undefined` when there are none.
 * @throws {@link SigningError} when the signer fails or signed something else; nothing left the process.
 */
export async function sign(authorized: Authorized, hooks: HookRunner | undefined, ports: Ports): Promise<Signed> {
  const { selected, payment } = authorized
  const { challenge, offer } = selected
  let given: SchemeResult
  try {
    given = await askScheme(selected, ports)
  } catch (cause) {
    given = await askHooks(createSignerError(cause, selected), selected, hooks)
  }
  const result = toPlainResult(given, selected)
  assertAnnounced(result, selected)
  const described = readBack(result, selected, ports)
  const isSilent = described === undefined && (result.isSupplied === true || selected.describe !== undefined)
  if (isSilent) throw createOtherTermsError(selected, 'what it authorizes')
  if (described !== undefined) assertApproved(described, selected, ports)
  const whole = toPaymentPayload(result, selected, ports)
  const enriched = hooks === undefined ? whole : await hooks.enrichPayload(whole, challenge)
  const { payload } = encodePayment(enriched, () => findAnswered(enriched, selected))
  const presentation = { payload, entry: offer.entry }
  assertInTime(described, selected, ports)
  return brandSigned({
    call: challenge.call,
    payment,
    presentation,
    signature: { presentation, allowances: result.allowances, ...toSignature(described, selected) },
    payer: described?.payer ?? payerOf(selected.registration.scheme),
  })
}

/** Asserts that a signature didn't come after its own end: a person may let a wallet's question wait. */
function assertInTime(described: Described | undefined, { challenge }: Selected, { clock }: Ports): void {
  if (described === undefined || described.validUntilSeconds > clock.nowSeconds()) return
  throw fail(SIGNED_TOO_LATE, { words: { what: 'it had expired' }, facts: { resource: challenge.call.resource } })
}

function toSignature(
  described: Described | undefined,
  { assessment, exposure }: Selected,
): Omit<Signature, 'presentation'> {
  if (described === undefined) return {}
  const { validUntilSeconds, nonce } = described
  const charges = 'charges' in assessment ? assessment.charges : []
  return {
    // A payment without an end may be spent forever.
    validUntilSeconds: Number.isFinite(validUntilSeconds) ? validUntilSeconds : undefined,
    nonce,
    // What counts when less was signed than was reserved, such as a voucher of a channel where a deposit was predicted.
    charges: toCharged({ amount: exposure, charges }, exposureOf(described))?.charges,
  }
}

/** Copies the result, so that what is read back is what is sent, even if a scheme or a hook changes its own object later. */
function toPlainResult(
  { payload, extensions, allowances, isSupplied }: SchemeResult,
  selected: Selected,
): SchemeResult {
  const plain = toPlainObject(payload)
  const added = extensions === undefined ? undefined : toPlainObject(extensions)
  if ('problem' in plain)
    throw createSignerError(new TypeError(`its payload is unusable: ${plain.problem}`), selected, 'released')
  if (added !== undefined && 'problem' in added) {
    throw createSignerError(new TypeError(`its extensions are unusable: ${added.problem}`), selected, 'released')
  }
  return {
    payload: plain.value,
    ...(added !== undefined && { extensions: added.value }),
    allowances: allowances && freezeCopy(allowances),
    isSupplied,
  }
}

function readBack({ payload }: SchemeResult, selected: Selected, { clock }: Ports): Described | undefined {
  try {
    return selected.describe?.(payload, selected.offer.requirements, clock.nowSeconds()) ?? undefined
  } catch (cause) {
    throw createSignerError(cause, selected, 'released')
  }
}

type SchemeResult = Pick<PaymentPayloadResult, 'payload' | 'extensions' | 'allowances'> & {
  /** Whether a hook supplied it, and not the scheme. */
  isSupplied?: boolean | undefined
}

/** A hook may supply a payload when the signer failed; what is read back from it must be exactly the approved terms. */
async function askHooks(error: SigningError, selected: Selected, hooks: HookRunner | undefined): Promise<SchemeResult> {
  const supplied = error.code === 'ABORTED' ? undefined : await hooks?.announceFailure(selected, error)
  if (supplied === undefined) throw error
  return { payload: supplied.payload, isSupplied: true }
}

function askScheme(selected: Selected, { clock, random, prices }: Ports): Promise<PaymentPayloadResult> {
  const { call, envelope } = selected.challenge
  const { scheme } = selected.registration
  const extensions = toDeclared(scheme, selected.offer.requirements, envelope.extensions)
  const maxAmountPerPayment = String(selected.exposure)
  const { signal } = call
  const context = {
    extensions,
    clock,
    random,
    maxValiditySeconds: maxValidityOf(selected.challenge),
    maxAmountPerPayment,
    signal,
    prepays: prices !== undefined,
  }
  throwIfAborted(signal)
  const signing = scheme.createPaymentPayload(envelope.x402Version, toAsked(selected), context)
  return signal === undefined ? signing : abortable(Promise.resolve(signing), signal)
}

/**
 * Makes what the scheme is handed. Its time is cut to our ceiling here, so that schemes without one keep to it, too. What goes back to
 * the seller is its own entry, unchanged.
 */
function toAsked({ challenge, offer, registration }: Selected): PaymentRequirements {
  const { requirements, entry } = offer
  const maxTimeoutSeconds = Math.min(requirements.maxTimeoutSeconds, maxTimeoutOf(challenge))
  if (!registration.takesEntry && maxTimeoutSeconds === requirements.maxTimeoutSeconds) return requirements
  // Protocol-1 schemes of `@x402/core` read `maxAmountRequired` and the legacy network name, which aren't in the type.
  const terms = registration.takesEntry ? { ...requirements, ...entry } : requirements
  return freezeCopy({ ...terms, maxTimeoutSeconds })
}

/** Keeps the field order of the official client, so that the header is the same byte for byte (vector `http-v2-envelope`). */
function toPaymentPayload(result: SchemeResult, { challenge, offer }: Selected, { random }: Ports): PaymentPayload {
  const { envelope } = challenge
  const { payload } = result
  if (envelope.x402Version === 1) {
    const { scheme, network } = offer.entry
    return { x402Version: 1, scheme: String(scheme), network: String(network), payload }
  }
  const added = { ...result.extensions, ...identifyPayment(envelope.extensions, random) }
  const extensions = mergeExtensions(envelope.extensions, Object.keys(added).length > 0 ? added : undefined)
  return {
    x402Version: envelope.x402Version,
    payload,
    ...(extensions !== undefined && { extensions }),
    ...(envelope.resource !== undefined && { resource: envelope.resource }),
    accepted: offer.entry,
  }
}

/** Finds the extensions that the scheme or a hook added to: they differ from what the seller declared. */
function findAnswered({ extensions = {} }: PaymentPayload, { challenge }: Selected): ReadonlySet<string> {
  const declared = challenge.envelope.extensions
  return new Set(Object.keys(extensions).filter((key) => !isSameJson(extensions[key], declared?.[key])))
}

/** Asserts that an allowance signed along with the payment is one that was named before anyone approved it. */
function assertAnnounced({ extensions, allowances = [] }: SchemeResult, selected: Selected): void {
  if (extensions === undefined && allowances.length === 0) return
  const { offer, registration, challenge } = selected
  const announced = listAllowances(registration.scheme, offer.requirements, challenge.envelope.extensions)
  const isNamed = allowances.every((one) => announced.some((other) => isSameJson(one, other)))
  const isSilent = hasSilentAllowance(extensions, allowances)
  if (!isNamed || isSilent || allowances.length > 1)
    throw createOtherTermsError(selected, 'the allowance signed with the payment')
}

function createSignerError(
  cause: unknown,
  { challenge, offer }: Selected,
  money: 'untouched' | 'released' = 'untouched',
): SigningError {
  const { call } = challenge
  if (call.signal?.aborted) return createAbortError(call, money)
  // The scheme may have dropped a signature itself.
  const dropped = isX402Error(cause) && cause.money === 'released' ? 'released' : money
  if (isX402Error(cause) && cause.code === 'ALLOWANCE_REQUIRED') {
    const told = { resource: call.resource, ...cause.facts }
    return fail(ALLOWANCE_REQUIRED, { money: dropped, words: { said: cause.shortMessage }, facts: told, cause })
  }
  const facts = { resource: call.resource, network: cite(offer.terms.network) }
  if (isRejection(cause)) return fail(SIGNING_REJECTED, { money, facts, cause })
  if (!isX402Error(cause)) return fail(SIGNER_FAILED, { money, facts, cause })
  return fail(SIGNER_SAID, { money: dropped, words: { said: cause.shortMessage }, facts, cause })
}

/** The most errors that are looked through for the wallet's own; libraries wrap it about three times. */
const MAX_CAUSES = 10

/** Codes for "User rejected the request". Source: EIP-1193, WalletConnect's error codes, and ethers. */
const CODES: readonly unknown[] = [4001, 5000, 'ACTION_REJECTED']

/** Names for the same. Source: viem. */
const NAMES: readonly unknown[] = ['UserRejectedRequestError']

/**
 * Whether a person said no when their wallet asked them, according to what the wallet threw or to its causes.
 *
 * @param error - Anything: wallets throw objects of all kinds, and reading some of them throws.
 */
function isRejection(error: unknown): boolean {
  try {
    return listCauses(error).some(
      (one) => CODES.includes(Reflect.get(one, 'code')) || NAMES.includes(Reflect.get(one, 'name')),
    )
  } catch {
    return false
  }
}

/** Lists an error and its causes: `cause` in JavaScript and viem, `info.error` and `error` in ethers and older wallets. */
function listCauses(error: unknown): object[] {
  const found: object[] = []
  const waiting = [error]
  while (waiting.length > 0 && found.length < MAX_CAUSES) {
    const one = waiting.shift()
    if (typeof one !== 'object' || one === null || found.includes(one)) continue
    found.push(one)
    const info: unknown = Reflect.get(one, 'info')
    const told = typeof info === 'object' && info !== null ? Reflect.get(info, 'error') : undefined
    waiting.push(Reflect.get(one, 'cause'), Reflect.get(one, 'error'), told)
  }
  return found
}
