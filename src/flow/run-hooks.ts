import { freezeCopy } from '../protocol/json.js'
import { abortable } from './abort.js'
import { createAbortError } from './create-abort-error.js'
import type { PaymentCreationContext, PaymentResponseContext } from './hooks.js'
import type { Ports } from './ports.js'
import { type Outcome, readNewChallenge } from './read-receipt.js'
import { SelectionError } from './selection-error.js'
import { SigningError } from './signing-error.js'
import type { Delivered, Selected, Signed } from './steps.js'

/**
 * Shows the selected offer to the hooks, each of which may stop the payment.
 *
 * @throws {@link SelectionError} `REFUSED_BY_HOOK`; nothing was signed.
 */
export async function announceSelected(selected: Selected, { hooks }: Ports): Promise<void> {
  if (hooks.beforePaymentCreation.length === 0) return
  const context = toContext(selected)
  for (const hook of hooks.beforePaymentCreation) {
    let reason: string | undefined
    let cause: unknown
    try {
      const answer = await abortable(Promise.resolve(hook(context)), selected.challenge.call.signal)
      if (answer === undefined || answer === null || !answer.abort) continue
      reason = answer.reason
    } catch (thrown) {
      if (selected.challenge.call.signal?.aborted) throw createAbortError(selected.challenge.call, 'untouched')
      cause = thrown
    }
    throw new SelectionError(`Refused to pay: a hook stopped the payment${reason === undefined ? '' : ` (${reason})`}.`, {
      code: 'REFUSED_BY_HOOK',
      money: 'untouched',
      facts: { resource: selected.challenge.call.resource, network: selected.offer.requirements.network },
      considered: selected.considered,
      cause,
    })
  }
}

/**
 * Shows the signed payment to the hooks, before it is sent.
 *
 * @throws {@link SigningError} `REFUSED_BY_HOOK` when one throws; the signature is dropped.
 */
export async function announceCreated(selected: Selected, signed: Signed, { hooks }: Ports): Promise<void> {
  for (const hook of hooks.afterPaymentCreation) {
    const context = { ...toContext(selected), paymentPayload: freezeCopy(signed.presentation.payload) }
    try {
      await abortable(Promise.resolve(hook(context)), selected.challenge.call.signal)
    } catch (cause) {
      if (signed.call.signal?.aborted) throw createAbortError(signed.call, 'released')
      throw new SigningError('Dropped a signature: a hook stopped the payment.', {
        code: 'REFUSED_BY_HOOK',
        money: 'released',
        facts: { resource: selected.challenge.call.resource },
        cause,
      })
    }
  }
}

/**
 * Shows the answer to the paid request to the hooks.
 *
 * A hook that throws is a warning: by now the answer is paid, and it is handed over whatever happens (R7).
 *
 * @returns Whether a hook asks for the same payment to be presented once more.
 */
export async function announceResponse(delivered: Delivered, outcome: Outcome, ports: Ports): Promise<boolean> {
  if (ports.hooks.paymentResponse.length === 0) return false
  const { payload, requirements } = delivered.signed.presentation
  const context: PaymentResponseContext = {
    paymentPayload: freezeCopy(payload),
    requirements: freezeCopy(requirements),
    settleResponse: outcome.payment.receipt?.response,
    paymentRequired: readNewChallenge(delivered.answer),
  }
  for (const hook of ports.hooks.paymentResponse) {
    try {
      const answer = await hook(Object.freeze({ ...context }))
      if (answer?.recovered) return true
    } catch (cause) {
      ports.warn({ code: 'HOOK_FAILED', message: 'A payment response hook threw; the answer is handed over all the same.', cause })
    }
  }
  return false
}

function toContext({ challenge, offer }: Selected): PaymentCreationContext {
  return Object.freeze({
    paymentRequired: challenge.required(),
    selectedRequirements: offer.requirements,
    requestUrl: challenge.call.url,
  })
}
