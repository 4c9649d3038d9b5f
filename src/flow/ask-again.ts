import { DeliveryError, SelectionError } from '../errors/step-errors.js'
import { declaredExtensions } from '../hooks/collected.js'
import { PAYMENT_HEADERS } from '../wire/payload.js'
import { abortable } from './abortable.js'
import { createAbortError } from './create-abort-error.js'
import type { Answer, Exchange, Ports } from './ports.js'
import { sendUnpaid } from './send-unpaid.js'
import type { Challenge } from './steps.js'

/**
 * Shows the 402 to the hooks; where one answers headers, asks the same origin once more with them, before anything is paid.
 *
 * @returns The answer when it isn't a 402: nothing has to be paid. `undefined` when there is still something to pay.
 * @throws {@link SelectionError} when a hook throws, {@link DeliveryError} when one answers a payment's header; nothing was signed.
 */
export async function askAgain<Native>(
  challenge: Challenge,
  exchange: Exchange<Native>,
  ports: Ports,
): Promise<Answer<Native> | undefined> {
  const headers = await collectHeaders(challenge, ports)
  if (headers === undefined) return undefined
  assertNoPayment(headers, challenge)
  const answer = await sendUnpaid(challenge.call, exchange, headers)
  if (answer.status !== 402) return answer
  exchange.discard(answer.native)
  return undefined
}

async function collectHeaders(challenge: Challenge, { hooks }: Ports): Promise<Record<string, string> | undefined> {
  const extensions = declaredExtensions(hooks, challenge.envelope.extensions)
  if (hooks.paymentRequired.length + extensions.length === 0) return undefined
  const context = Object.freeze({ paymentRequired: challenge.required(), requestUrl: challenge.call.url })
  const ofExtensions = extensions.map(
    ({ extension, declaration }) =>
      (shown: typeof context) =>
        extension.transportHooks?.http?.onPaymentRequired?.(declaration, shown),
  )
  for (const hook of [...hooks.paymentRequired, ...ofExtensions]) {
    const answer = await callHook(async () => hook(context), challenge)
    if (answer?.headers) return answer.headers
  }
  return undefined
}

async function callHook<T>(hook: () => Promise<T>, { call }: Challenge): Promise<T> {
  try {
    return await abortable(hook(), call.signal)
  } catch (cause) {
    if (call.signal?.aborted) throw createAbortError(call, 'untouched')
    throw new SelectionError('Refused to pay: a hook threw when it was shown the 402.', {
      code: 'REFUSED_BY_HOOK',
      money: 'untouched',
      facts: { resource: call.resource },
      considered: () => [],
      cause,
    })
  }
}

/** A hook may say who asks, but only the corridor pays. */
function assertNoPayment(headers: Readonly<Record<string, string>>, { call }: Challenge): void {
  const payment = Object.keys(headers).find((name) =>
    PAYMENT_HEADERS.some((one) => one.toLowerCase() === name.toLowerCase()),
  )
  if (payment === undefined) return
  throw new DeliveryError(`Refused to ask again: a hook answered a payment header, ${payment}.`, {
    code: 'PAYMENT_HEADER_PRESENT',
    money: 'untouched',
    facts: { resource: call.resource },
    hint: 'Payments are made by schemes, under the limits; a hook may answer any other header.',
  })
}
