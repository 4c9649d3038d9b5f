import { HOOK_STOPPED, HOOK_STOPPED_SIGNED, HOOK_THREW } from '../errors/catalogue/hooks.js'
import { fail } from '../errors/fail.js'
import { abortable, createAbortError } from '../payment/abort.js'
import type { HookRunner, Ports, Responded } from '../payment/ports.js'
import type { Challenge, Delivered, Selected, Signed } from '../payment/steps.js'
import { toRequirements } from '../payment/terms.js'
import type { Envelope, PaymentRequired } from '../wire/challenge.js'
import { freezeCopy, type JsonObject } from '../wire/json.js'
import { type PaymentPayload, toStandardPayload } from '../wire/payload.js'
import { cite } from '../wire/seller-text.js'
import { copyForHooks, readAdded } from './added-extensions.js'
import { collectHooks, collectResponseHooks, declaredExtensions } from './collected.js'
import { enrichPayload } from './enriched-payload.js'
import type { CreationHooks, Hooks, PaymentCreationContext, PaymentResponseContext } from './hooks.js'
import { toThrownText } from './thrown-text.js'

/** What a hook runner needs. */
export type HookParts = Pick<Ports, 'schemes' | 'warn'> & {
  readonly hooks: Hooks
  /** Copies a 402 for hooks. */
  readonly toPaymentRequired: (envelope: Envelope) => PaymentRequired
}

/** Creates the runner that shows one client's payments to its hooks, to those of its schemes, and to its extensions. */
export function createHookRunner(parts: HookParts): HookRunner {
  const { hooks } = parts
  /** What hooks added to what the seller declared, by the 402 that they were shown. */
  const added = new WeakMap<Challenge, JsonObject>()
  return {
    askHeaders: (challenge) => askHeaders(challenge, hooks),
    async announceSelected(selected) {
      const { challenge } = selected
      const declared = challenge.envelope.extensions
      const extensions = copyForHooks(declared)
      await announceSelected(selected, extensions, hooks)
      const own = declared && extensions && readAdded(declared, extensions, challenge.call.resource)
      if (own === undefined) added.delete(challenge)
      else added.set(challenge, own)
    },
    announceFailure: (selected, error) => announceFailure(selected, error, parts),
    enrichPayload: (payload, challenge) => enrichPayload(payload, challenge, hooks, added.get(challenge)),
    announceCreated: (selected, signed) => announceCreated(selected, signed, hooks),
    announceResponse: (delivered, responded) => announceResponse(delivered, responded, parts),
  }
}

async function askHeaders(challenge: Challenge, hooks: Hooks): Promise<Readonly<Record<string, string>> | undefined> {
  // A host that is never paid gets no headers of hooks, which may be secrets.
  if (challenge.call.limits.allowsHost?.(challenge.call.host) === false) return undefined
  const extensions = declaredExtensions(hooks, challenge.envelope.extensions)
  if (hooks.paymentRequired.length + extensions.length === 0) return undefined
  const context = Object.freeze({ paymentRequired: challenge.required(), ...toAsker(challenge) })
  const ofExtensions = extensions.map(
    ({ extension, declaration }) =>
      (shown: typeof context) =>
        extension.transportHooks?.http?.onPaymentRequired?.(declaration, shown),
  )
  for (const hook of [...hooks.paymentRequired, ...ofExtensions]) {
    const result = await callHook(async () => hook(context), challenge)
    if (result?.headers) return result.headers
  }
  return undefined
}

async function callHook<T>(hook: () => Promise<T>, { call }: Challenge): Promise<T> {
  try {
    return await abortable(hook(), call.signal)
  } catch (cause) {
    if (call.signal?.aborted) throw createAbortError(call, 'untouched')
    throw fail(HOOK_THREW, { words: { why: toThrownText(cause) }, facts: { resource: call.resource }, cause })
  }
}

function toAsker({ call, isRemembered }: Challenge): Pick<PaymentCreationContext, 'requestUrl' | 'remembered'> {
  return { requestUrl: call.url?.href ?? '', ...(isRemembered && { remembered: true }) }
}

/** @param extensions - What the seller declared, for the hooks to add to. */
async function announceSelected(
  selected: Selected,
  extensions: Record<string, unknown> | undefined,
  hooks: Hooks,
): Promise<void> {
  const { call } = selected.challenge
  const shown = toContext(selected)
  const context: PaymentCreationContext = Object.freeze({
    ...shown,
    paymentRequired: Object.freeze({ ...shown.paymentRequired, ...(extensions && { extensions }) }),
  })
  for (const hook of hooksFor('onBeforePaymentCreation', selected, hooks)) {
    let why: string
    let cause: unknown
    try {
      const result = await abortable(Promise.resolve(hook(context)), call.signal)
      if (!result?.abort) continue
      why = result.reason === undefined ? '' : ` (${result.reason})`
    } catch (thrown) {
      if (call.signal?.aborted) throw createAbortError(call, 'untouched')
      why = toThrownText(thrown)
      cause = thrown
    }
    throw fail(HOOK_STOPPED, {
      words: { why },
      facts: { resource: call.resource, network: cite(selected.offer.requirements.network) },
      considered: selected.considered,
      cause,
    })
  }
}

async function announceCreated(selected: Selected, signed: Signed, hooks: Hooks): Promise<void> {
  const { call } = selected.challenge
  for (const hook of hooksFor('onAfterPaymentCreation', selected, hooks)) {
    const context = Object.freeze({
      ...toContext(selected),
      paymentPayload: toStandardPayload(freezeCopy(signed.presentation.payload)),
    })
    try {
      await abortable(Promise.resolve(hook(context)), call.signal)
    } catch (cause) {
      if (call.signal?.aborted) throw createAbortError(call, 'released')
      throw fail(HOOK_STOPPED_SIGNED, {
        words: { why: toThrownText(cause) },
        facts: { resource: call.resource },
        cause,
      })
    }
  }
}

async function announceFailure(
  selected: Selected,
  error: Error,
  { hooks, warn }: HookParts,
): Promise<PaymentPayload | undefined> {
  const { call } = selected.challenge
  for (const hook of hooksFor('onPaymentCreationFailure', selected, hooks)) {
    const context = Object.freeze({ ...toContext(selected), error })
    try {
      const result = await abortable(Promise.resolve(hook(context)), call.signal)
      if (result?.recovered) return result.payload
    } catch (cause) {
      warn({ code: 'HOOK_FAILED', message: 'A hook threw when it was shown a failure of the signer.', cause })
    }
  }
  return undefined
}

async function announceResponse(
  delivered: Delivered,
  { receipt, asked }: Responded,
  { hooks, schemes, warn, toPaymentRequired }: HookParts,
): Promise<boolean> {
  const { presentation, payment, payer } = delivered.signed
  const { payload } = presentation
  const { scheme, network } = payment.terms
  const found = schemes.find({ scheme, network, x402Version: 2, spoken: undefined, payer })
  const told = { id: payment.id, settleResponse: receipt.response }
  for (const hook of collectResponseHooks(hooks, found?.scheme, payload.extensions, told)) {
    const context: PaymentResponseContext = Object.freeze({
      paymentPayload: toStandardPayload(freezeCopy(payload)),
      requirements: freezeCopy(toRequirements(payment.terms)),
      ...(receipt.response && { settleResponse: freezeCopy(receipt.response) }),
      ...(asked && { paymentRequired: toPaymentRequired(asked) }),
    })
    try {
      const result = await hook(context)
      if (result?.recovered) return true
    } catch (cause) {
      warn({
        code: 'HOOK_FAILED',
        message: 'A payment response hook threw; the response is handed over anyway.',
        cause,
      })
    }
  }
  return false
}

function hooksFor<Slot extends keyof CreationHooks>(
  slot: Slot,
  { challenge, registration }: Selected,
  hooks: Hooks,
): NonNullable<CreationHooks[Slot]>[] {
  return collectHooks(slot, hooks, registration.scheme, challenge.envelope.extensions)
}

function toContext({ challenge, offer }: Selected): PaymentCreationContext {
  return Object.freeze({
    paymentRequired: challenge.required(),
    selectedRequirements: freezeCopy(offer.requirements),
    ...toAsker(challenge),
  })
}
