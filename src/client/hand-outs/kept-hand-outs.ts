import { HOOK_THREW, HOOK_WANTS_TO_ASK_AGAIN } from '../../errors/catalogue/hooks.js'
import { fail } from '../../errors/fail.js'
import { summarize } from '../../flow/concluded.js'
import { declaredExtensions } from '../../hooks/collected.js'
import type { PaymentRequiredContext, PaymentRequiredHook } from '../../hooks/hooks.js'
import { toThrownText } from '../../hooks/thrown-text.js'
import { createCall } from '../../payment/call.js'
import type { KeyedCall } from '../../payment/flight/flight.js'
import { loadPart } from '../../payment/part.js'
import type { Signed } from '../../payment/steps.js'
import { type PaymentRequired, readEnvelope } from '../../wire/challenge.js'
import { readUrl } from '../../wire/host.js'
import { copyJson, freezeCopy } from '../../wire/json.js'
import { type StandardPayload, toStandardPayload } from '../../wire/payload.js'
import { unwrapPaymentRequired } from '../payment-headers.js'
import type { ClientPorts } from '../ports.js'
import { toBegun } from './begun-payment.js'
import type { HandOuts, KeptHandOuts } from './hand-outs.js'
import { type CreatePaymentPayloadOptions, handOutPayment } from './handed-payload.js'
import { noteFacts, noteLost, noteResponse } from './noted-response.js'

/** Keeps the payments that one client hands out, to hand the same one out again where a hook asks for that. */
export function keepHandOuts(ports: ClientPorts): KeptHandOuts {
  /** What each payment was created for. */
  const asked = new WeakMap<StandardPayload, PaymentRequired>()
  /** Payments to be handed out once more, by the 402 that asks. */
  const again = new WeakMap<PaymentRequired, StandardPayload>()
  /** What hooks were shown by {@link HandOuts.handlePaymentRequired}. */
  const shown = new WeakSet<PaymentRequired>()
  async function handOut(
    required: PaymentRequired,
    options: CreatePaymentPayloadOptions,
    begun: KeyedCall | undefined,
    where: string,
  ): Promise<Signed> {
    if (!shown.has(required)) await assertNothingToAsk(required, options.url, ports)
    return handOutPayment(required, options, ports, begun, where)
  }
  return {
    async begin(given, options, begun) {
      const signed =
        typeof given === 'string'
          ? await reopenFor(given, options, ports)
          : await handOut(given as PaymentRequired, options, begun, 'begin') // what is none is refused
      return toBegun(signed, summarize(signed, { delivery: 'none' }), {
        answered: (facts = {}) => noteFacts(signed, facts, ports),
        lost: (cause) => noteLost(signed, cause, ports),
      })
    },
    async createPaymentPayload(required, options, begun) {
      const same = again.get(required)
      again.delete(required)
      if (same !== undefined) return same
      const { presentation } = await handOut(required, options, begun, 'createPaymentPayload')
      const payload = toStandardPayload(copyJson(presentation.payload))
      asked.set(payload, required)
      return payload
    },
    async handlePaymentRequired(required, requestUrl) {
      unwrapPaymentRequired(readEnvelope(required))
      const declared = declaredExtensions(ports.hooks, required.extensions)
      const ofExtensions = declared.map(
        ({ extension, declaration }): PaymentRequiredHook =>
          (context) =>
            extension.transportHooks?.http?.onPaymentRequired?.(declaration, context),
      )
      const hooks = mayAsk(requestUrl, ports) ? [...ports.hooks.paymentRequired, ...ofExtensions] : []
      const headers = await askHooks(hooks, required, requestUrl)
      shown.add(required)
      return headers
    },
    async handlePaymentResponse(context) {
      const wantsAnother = await noteResponse(context, ports)
      const { paymentPayload, paymentRequired } = context
      const required = asked.get(paymentPayload)
      // A payment from elsewhere can't be handed out again, and never is another one made.
      if (!wantsAnother || required === undefined) return undefined
      for (const one of [required, paymentRequired]) if (one !== undefined) again.set(one, paymentPayload)
      return { recovered: true }
    },
  }
}

/** Opening one again is rare, so what does it is loaded then. */
async function reopenFor(id: string, options: CreatePaymentPayloadOptions, ports: ClientPorts): Promise<Signed> {
  const { reopenPayment } = await loadPart(import('./reopened-payment.js'))
  return reopenPayment(id, options, ports)
}

/** A hook that would have another request sent is heard, or nothing is signed. */
async function assertNothingToAsk(
  required: PaymentRequired,
  url: string | undefined,
  ports: ClientPorts,
): Promise<void> {
  // What is no 402 is refused as such.
  if ('problem' in readEnvelope(required) || !mayAsk(url, ports)) return
  const { hooks } = ports
  if ((await askHooks(hooks.paymentRequired, required, url)) === null) return
  throw fail(HOOK_WANTS_TO_ASK_AGAIN)
}

/** Where no one says which host asks, there is nothing to hold against the limits. */
function mayAsk(url: string | undefined, { limits }: ClientPorts): boolean {
  const isKnown = url !== undefined && readUrl(url) !== undefined
  return !isKnown || limits.allowsHost?.(createCall({ method: 'GET', url, limits }).host) !== false
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
    throw fail(HOOK_THREW, { words: { why: toThrownText(cause) }, cause })
  }
}
