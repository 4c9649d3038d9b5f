import { declaredExtensions } from '../flow/collect-hooks.js'
import type {
  ClientExtension,
  PaymentRequiredContext,
  PaymentRequiredHook,
  PaymentResponseContext,
} from '../flow/hooks.js'
import { SelectionError } from '../flow/selection-error.js'
import type { PaymentRequired } from '../protocol/challenge.js'
import { freezeCopy } from '../protocol/json.js'
import type { PaymentPayload } from '../protocol/payload.js'
import { type CreatePaymentPayloadOptions, createPayload } from './create-payload.js'
import type { ClientPorts } from './create-ports.js'

/** Payments that a client hands out and somebody else sends: your own code, or a wrapper of `@x402/*`, by the names that it calls. */
export type HandOuts = {
  /**
   * Signs a payment for a 402 that you read yourself, under the same limits, and hands it out.
   *
   * From then on it counts as sent: whoever holds it can spend it. The same `purchase` is handed the same payment again.
   *
   * @param required - The 402, as `getPaymentRequiredResponse` reads it.
   * @param options - What it pays for.
   * @returns The payment, for `encodePaymentSignatureHeader`.
   * @throws {@link ChallengeError}, {@link SelectionError} or {@link LimitError}: the money is untouched. {@link SigningError}: nothing
   * left. {@link DeliveryError} when it can't be written down, or an earlier one under the same key is still open: see its `money`.
   */
  createPaymentPayload(required: PaymentRequired, options?: CreatePaymentPayloadOptions): Promise<PaymentPayload>
  /**
   * Shows a 402 to the hooks of `onPaymentRequired`, before a payment is created for it.
   *
   * @param required - The 402.
   * @param requestUrl - The address that asked. Without it hooks are shown an empty one.
   * @returns Headers to ask again with, or `null` when there is still something to pay.
   * @throws {@link SelectionError} `REFUSED_BY_HOOK` when a hook throws; the money is untouched.
   */
  handlePaymentRequired(required: PaymentRequired, requestUrl?: string): Promise<Record<string, string> | null>
  /**
   * Takes note of the response to a payment that was handed out: a good receipt settles it, anything else leaves it in doubt. Hooks of
   * `onPaymentResponse` are shown it. Nothing is thrown: by now the response is paid.
   *
   * @param context - The payment, and what the seller answered.
   * @returns Whether a hook asks for the payment to be sent once more. Creating a payment for the same 402 then hands out the same one.
   */
  handlePaymentResponse(context: PaymentResponseContext): Promise<{ recovered: true } | undefined>
  /** What `registerExtension` added. */
  getExtensions(): ClientExtension[]
}

/** Creates the hand-outs of one client. */
export function createHandOuts(ports: ClientPorts): HandOuts {
  /** What each payment was created for. */
  const asked = new WeakMap<PaymentPayload, PaymentRequired>()
  /** Payments to be handed out once more, by the 402 that asks. */
  const again = new WeakMap<PaymentRequired, PaymentPayload>()
  /** What hooks were shown by {@link HandOuts.handlePaymentRequired}. */
  const shown = new WeakSet<PaymentRequired>()
  return {
    async createPaymentPayload(required, options = {}) {
      const same = again.get(required)
      again.delete(required)
      if (same !== undefined) return same
      if (!shown.has(required)) await assertNothingToAsk(required, options.url, ports)
      const payload = await createPayload(required, options, ports)
      asked.set(payload, required)
      return payload
    },
    async handlePaymentRequired(required, requestUrl) {
      const declared = declaredExtensions(ports.hooks, required.extensions)
      const ofExtensions = declared.map(
        ({ extension, declaration }): PaymentRequiredHook =>
          (context) =>
            extension.transportHooks?.http?.onPaymentRequired?.(declaration, context),
      )
      const headers = await askHooks([...ports.hooks.paymentRequired, ...ofExtensions], required, requestUrl)
      shown.add(required)
      return headers
    },
    async handlePaymentResponse(context) {
      const { noteResponse } = await import('./note-response.js')
      const wantsAnother = await noteResponse(context, ports)
      const { paymentPayload, paymentRequired } = context
      const required = asked.get(paymentPayload)
      // A payment from elsewhere can't be handed out again, and never is another one made.
      if (!wantsAnother || required === undefined) return undefined
      for (const one of [required, paymentRequired]) if (one !== undefined) again.set(one, paymentPayload)
      return { recovered: true }
    },
    getExtensions: () => [...ports.hooks.extensions],
  }
}

/** A hook that would have another request sent is heard, or nothing is signed. */
async function assertNothingToAsk(
  required: PaymentRequired,
  url: string | undefined,
  { hooks }: ClientPorts,
): Promise<void> {
  if ((await askHooks(hooks.paymentRequired, required, url)) === null) return
  throw refuse('a hook answered headers to ask again with, and what sends this request can’t ask again', {
    hint: 'Wrap with `pay402/fetch`, `pay402/axios` or `pay402/ky`, or ask again yourself with what `handlePaymentRequired` returns.',
  })
}

async function askHooks(
  hooks: readonly PaymentRequiredHook[],
  required: PaymentRequired,
  requestUrl = '',
): Promise<Record<string, string> | null> {
  if (hooks.length === 0) return null
  const context = Object.freeze({ paymentRequired: freezeCopy(required), requestUrl })
  for (const hook of hooks) {
    const answer = await callHook(hook, context)
    if (answer?.headers) return answer.headers
  }
  return null
}

async function callHook(hook: PaymentRequiredHook, context: PaymentRequiredContext) {
  try {
    return await hook(context)
  } catch (cause) {
    throw refuse('a hook threw when it was shown the 402', { cause })
  }
}

function refuse(because: string, options: { hint?: string; cause?: unknown }): SelectionError {
  const given = { code: 'REFUSED_BY_HOOK', money: 'untouched', considered: () => [], ...options } as const
  return new SelectionError(`Refused to pay: ${because}.`, given)
}
