import { SelectionError, SigningError } from '../errors/step-errors.js'
import { abortable } from '../flow/abortable.js'
import { createAbortError } from '../flow/create-abort-error.js'
import type { Ports } from '../flow/ports.js'
import type { Outcome } from '../flow/read-receipt.js'
import type { Delivered, Selected, Signed } from '../flow/steps.js'
import { toPaymentRequired } from '../flow/to-payment-required.js'
import { freezeCopy } from '../wire/json.js'
import type { PaymentPayload } from '../wire/payload.js'
import { cite } from '../wire/seller-text.js'
import { collectHooks } from './collected.js'
import type { CreationHooks, PaymentCreationContext, PaymentResponseContext } from './hooks.js'

/**
 * Shows the selected offer to the hooks, each of which may stop the payment.
 *
 * @throws {@link SelectionError} `REFUSED_BY_HOOK`, or {@link SigningError} `ABORTED`; nothing was signed.
 */
export async function announceSelected(selected: Selected, ports: Ports): Promise<void> {
  const { call } = selected.challenge
  for (const hook of hooksFor('onBeforePaymentCreation', selected, ports)) {
    let reason: string | undefined
    let cause: unknown
    try {
      const answer = await abortable(Promise.resolve(hook(toContext(selected))), call.signal)
      if (!answer?.abort) continue
      reason = answer.reason
    } catch (thrown) {
      if (call.signal?.aborted) throw createAbortError(call, 'untouched')
      cause = thrown
    }
    throw new SelectionError(
      `Refused to pay: a hook stopped the payment${reason === undefined ? '' : ` (${reason})`}.`,
      {
        code: 'REFUSED_BY_HOOK',
        money: 'untouched',
        facts: { resource: call.resource, network: cite(selected.offer.requirements.network) },
        considered: selected.considered,
        ...(cause !== undefined && { cause }),
      },
    )
  }
}

/**
 * Shows the signed payment to the hooks, before it is sent.
 *
 * @throws {@link SigningError} `REFUSED_BY_HOOK` when one throws, or `ABORTED`; the signature is dropped.
 */
export async function announceCreated(selected: Selected, signed: Signed, ports: Ports): Promise<void> {
  const { call } = selected.challenge
  for (const hook of hooksFor('onAfterPaymentCreation', selected, ports)) {
    const context = Object.freeze({ ...toContext(selected), paymentPayload: freezeCopy(signed.presentation.payload) })
    try {
      await abortable(Promise.resolve(hook(context)), call.signal)
    } catch (cause) {
      if (call.signal?.aborted) throw createAbortError(call, 'released')
      throw new SigningError('Dropped a signature: a hook stopped the payment.', {
        code: 'REFUSED_BY_HOOK',
        money: 'released',
        facts: { resource: call.resource },
        cause,
      })
    }
  }
}

/** Shows a failure of the signer to the hooks, and answers the first payload that one supplies: untrusted, so `sign` reads it back. */
export async function announceFailure(
  selected: Selected,
  error: Error,
  ports: Ports,
): Promise<PaymentPayload | undefined> {
  const { call } = selected.challenge
  for (const hook of hooksFor('onPaymentCreationFailure', selected, ports)) {
    const context = Object.freeze({ ...toContext(selected), error })
    try {
      const answer = await abortable(Promise.resolve(hook(context)), call.signal)
      if (answer?.recovered) return answer.payload
    } catch (cause) {
      ports.warn({ code: 'HOOK_FAILED', message: 'A hook threw when it was shown a failure of the signer.', cause })
    }
  }
  return undefined
}

/**
 * Shows the answer to the paid request to the hooks.
 *
 * A hook that throws is a warning: by now the answer is paid, and it is handed over whatever happens (R7).
 *
 * @returns Whether a hook asks for the same payment to be presented once more.
 */
export async function announceResponse(delivered: Delivered, outcome: Outcome, ports: Ports): Promise<boolean> {
  const { presentation, payer } = delivered.signed
  const { payload, requirements } = presentation
  const wanted = {
    scheme: requirements.scheme,
    network: requirements.network,
    x402Version: 2,
    spoken: undefined,
    payer,
  } as const
  const scheme = ports.schemes.find(wanted)?.scheme
  for (const hook of collectHooks('onPaymentResponse', ports.hooks, scheme, payload.extensions)) {
    const context: PaymentResponseContext = Object.freeze({
      paymentPayload: freezeCopy(payload),
      requirements: freezeCopy(requirements),
      settleResponse: outcome.payment.receipt?.response,
      paymentRequired: outcome.asked && toPaymentRequired(outcome.asked),
    })
    try {
      const answer = await hook(context)
      if (answer?.recovered) return true
    } catch (cause) {
      ports.warn({
        code: 'HOOK_FAILED',
        message: 'A payment response hook threw; the answer is handed over all the same.',
        cause,
      })
    }
  }
  return false
}

function hooksFor<Slot extends keyof CreationHooks>(
  slot: Slot,
  { challenge, registration }: Selected,
  { hooks }: Ports,
): NonNullable<CreationHooks[Slot]>[] {
  return collectHooks(slot, hooks, registration.scheme, challenge.envelope.extensions)
}

function toContext({ challenge, offer }: Selected): PaymentCreationContext {
  return Object.freeze({
    paymentRequired: challenge.required(),
    selectedRequirements: offer.requirements,
    requestUrl: challenge.call.url,
  })
}
