import { HOOK_STOPPED, HOOK_STOPPED_SIGNED, HOOK_THREW } from '../errors/catalogue/hooks.js'
import { fail } from '../errors/fail.js'
import { abortable, createAbortError } from '../payment/abort.js'
import type { HookRunner, Ports, Responded } from '../payment/ports.js'
import type { Challenge, Delivered, Selected, Signed } from '../payment/steps.js'
import { toRequirements } from '../payment/terms.js'
import type { Envelope, PaymentRequired } from '../wire/challenge.js'
import { freezeCopy } from '../wire/json.js'
import type { PaymentPayload } from '../wire/payload.js'
import { cite } from '../wire/seller-text.js'
import { collectHooks, collectResponseHooks, declaredExtensions } from './collected.js'
import { enrichPayload } from './enriched-payload.js'
import type { CreationHooks, Hooks, PaymentCreationContext, PaymentResponseContext } from './hooks.js'

/** What a hook runner needs. */
export type HookParts = Pick<Ports, 'schemes' | 'warn'> & {
  readonly hooks: Hooks
  /** Copies a 402 for hooks. */
  readonly toPaymentRequired: (envelope: Envelope) => PaymentRequired
}

/** Creates the runner that shows one client's payments to its hooks, to those of its schemes, and to its extensions. */
export function createHookRunner(parts: HookParts): HookRunner {
  const { hooks } = parts
  return {
    askHeaders: (challenge) => askHeaders(challenge, hooks),
    announceSelected: (selected) => announceSelected(selected, hooks),
    announceFailure: (selected, error) => announceFailure(selected, error, parts),
    enrichPayload: (payload, challenge) => enrichPayload(payload, challenge, hooks),
    announceCreated: (selected, signed) => announceCreated(selected, signed, hooks),
    announceResponse: (delivered, responded) => announceResponse(delivered, responded, parts),
  }
}

async function askHeaders(challenge: Challenge, hooks: Hooks): Promise<Readonly<Record<string, string>> | undefined> {
  const extensions = declaredExtensions(hooks, challenge.envelope.extensions)
  if (hooks.paymentRequired.length + extensions.length === 0) return undefined
  const context = Object.freeze({ paymentRequired: challenge.required(), requestUrl: toRequestUrl(challenge) })
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
    throw fail(HOOK_THREW, { facts: { resource: call.resource }, cause })
  }
}

function toRequestUrl({ call }: Challenge): string {
  return call.url?.href ?? ''
}

async function announceSelected(selected: Selected, hooks: Hooks): Promise<void> {
  const { call } = selected.challenge
  for (const hook of hooksFor('onBeforePaymentCreation', selected, hooks)) {
    let reason: string | undefined
    let cause: unknown
    try {
      const result = await abortable(Promise.resolve(hook(toContext(selected))), call.signal)
      if (!result?.abort) continue
      reason = result.reason
    } catch (thrown) {
      if (call.signal?.aborted) throw createAbortError(call, 'untouched')
      cause = thrown
    }
    throw fail(HOOK_STOPPED, {
      words: { why: reason === undefined ? '' : ` (${reason})` },
      facts: { resource: call.resource, network: cite(selected.offer.requirements.network) },
      considered: selected.considered,
      cause,
    })
  }
}

async function announceCreated(selected: Selected, signed: Signed, hooks: Hooks): Promise<void> {
  const { call } = selected.challenge
  for (const hook of hooksFor('onAfterPaymentCreation', selected, hooks)) {
    const context = Object.freeze({ ...toContext(selected), paymentPayload: freezeCopy(signed.presentation.payload) })
    try {
      await abortable(Promise.resolve(hook(context)), call.signal)
    } catch (cause) {
      if (call.signal?.aborted) throw createAbortError(call, 'released')
      throw fail(HOOK_STOPPED_SIGNED, { facts: { resource: call.resource }, cause })
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
      paymentPayload: freezeCopy(payload),
      requirements: freezeCopy(toRequirements(payment.terms)),
      settleResponse: receipt.response && freezeCopy(receipt.response),
      paymentRequired: asked && toPaymentRequired(asked),
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
    requestUrl: toRequestUrl(challenge),
  })
}
