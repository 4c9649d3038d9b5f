import { concludeResponse, summarize } from '../../flow/concluded.js'
import { type Judgement, judge, judgeReceipt, toOutcome } from '../../flow/judge.js'
import { noteAndTell, noteOutcome } from '../../flow/note.js'
import { toPaymentRequired } from '../../flow/read.js'
import { createLostError } from '../../flow/sent-errors.js'
import { collectResponseHooks } from '../../hooks/collected.js'
import type { PaymentResponseContext, PaymentResponseHook } from '../../hooks/hooks.js'
import { abortable, createDeadline } from '../../payment/abort.js'
import type { PaymentEvent } from '../../payment/event.js'
import type { Filter } from '../../payment/ledger.js'
import type { Payment } from '../../payment/payment.js'
import type { Ports, Receipt } from '../../payment/ports.js'
import type { Signed } from '../../payment/steps.js'
import type { PaymentSummary } from '../../payment/summary.js'
import { toRequirements } from '../../payment/terms.js'
import type { Envelope } from '../../wire/challenge.js'
import { freezeCopy, isSameJson } from '../../wire/json.js'
import { toStandardPayload } from '../../wire/payload.js'
import { readTransaction } from '../../wire/receipt.js'
import { toSellerText } from '../../wire/seller-text.js'
import type { ClientPorts } from '../ports.js'
import { isFirstTold, noteTold } from './handed-payload.js'
import { type ResponseFacts, readFacts, readReceipt } from './response-facts.js'

/**
 * Writes down what came of a payment that was handed out, as far as its sender tells, and shows it to the hooks, with the terms that the
 * ledger has. Its status isn't told, so that only the money can be judged. Of a payment that isn't this client's, nothing is noted and nothing shown.
 *
 * Nothing is thrown (R7): the response is paid, and an error would lose it.
 *
 * @returns Whether a hook asks for the same payment to be sent once more, where no receipt says that it was taken.
 */
export async function noteResponse(context: PaymentResponseContext, ports: ClientPorts): Promise<boolean> {
  const payment = await findHandedOut(context, ports).catch((cause: unknown) => warnOfLedger(cause, ports))
  if (payment === undefined) return false
  const receipt = await note(payment, context, ports).catch((cause: unknown) => warnOfLedger(cause, ports))
  const wantsAnother = await announce(payment, context, ports)
  return wantsAnother && receipt?.response?.success !== true
}

/**
 * Writes down what came of a payment, as far as its sender tells, and shows it to the hooks. What was delivered stays delivered, whatever
 * is told later.
 *
 * @returns The payment as it is now, and the seller's rejection in `error`: nothing of the seller's is thrown (R7).
 * @throws {@link ConfigurationError} where a fact isn't one; nothing was noted.
 */
export async function noteFacts(signed: Signed, facts: ResponseFacts, ports: ClientPorts): Promise<PaymentSummary> {
  const { response, asked, required } = readFacts(facts, signed)
  const judgement = judge(response, asked, signed)
  const noted = { ...signed, payment: await noteNow(signed.payment, toOutcome(judgement, response), ports) }
  noteTold(signed.payment.id, ports)
  isFirstTold(signed.payment, ports)
  await announce(signed.payment, toContext(signed, judgement, required), ports)
  const isOld = noted.payment.delivery === 'delivered' && judgement.delivery !== 'delivered'
  if (isOld) return summarize(noted, { ...judgement, delivery: 'delivered' })
  return concludeResponse({ signed: noted, response, judgement, statusBefore: signed.payment.status }, ports)
}

/**
 * Writes down that nothing came for a payment: the next call for the same purchase is handed the same one.
 *
 * @returns The payment as it is now; its `error` says that it's in doubt, unless it was delivered before.
 */
export async function noteLost(signed: Signed, cause: unknown, ports: ClientPorts): Promise<PaymentSummary> {
  const noted = { ...signed, payment: await noteNow(signed.payment, { type: 'lost' }, ports) }
  noteTold(signed.payment.id, ports)
  isFirstTold(signed.payment, ports)
  const { call, payment } = noted
  if (payment.delivery === 'delivered') return summarize(noted, { delivery: 'delivered' })
  // An abort comes from the caller, and says nothing against the seller.
  if (!call.signal?.aborted) ports.circuit.note(call.origin, payment.id, false)
  return summarize(noted, { delivery: 'lost' }, createLostError(cause, noted, {}))
}

/** A payment that was canceled meanwhile, or proven dead, stays released: of such a one the ledger takes no note, and knows more. */
async function noteNow(payment: Payment, event: PaymentEvent, ports: Ports): Promise<Payment> {
  const noted = await noteOutcome(payment, event, ports)
  if (noted !== payment) return noted
  try {
    for await (const one of ports.ledger.list({ states: ['released'] })) if (one.id === payment.id) return one
  } catch {
    // A warning said that the ledger can't be told.
  }
  return payment
}

function toContext(
  { payment, presentation }: Signed,
  { receipt }: Judgement,
  required: Envelope | undefined,
): PaymentResponseContext {
  return {
    paymentPayload: toStandardPayload(presentation.payload),
    requirements: toRequirements(payment.terms),
    ...(receipt.response && { settleResponse: receipt.response }),
    ...(required && { paymentRequired: toPaymentRequired(required) }),
  }
}

function warnOfLedger(cause: unknown, ports: Ports): undefined {
  const message = 'The ledger could not note what became of a payment that was handed out.'
  ports.warn({ code: 'LEDGER_BEHIND', message, cause })
}

/** The newest comes first, and is mostly the one. A restricted client finds those with its own label alone. */
async function findHandedOut(
  { paymentPayload }: PaymentResponseContext,
  { ledger, label }: Ports,
): Promise<Payment | undefined> {
  const filter: Filter = { states: ['sent', 'settled'], tag: label }
  for await (const payment of ledger.list(filter)) {
    const { presentation } = payment
    if (presentation !== undefined && isSameJson(presentation.payload, paymentPayload)) return payment
  }
  return undefined
}

async function note(
  payment: Payment,
  { settleResponse, paymentRequired }: PaymentResponseContext,
  ports: Ports,
): Promise<Receipt> {
  const { id, payer } = payment
  const receipt = judgeReceipt(readReceipt(settleResponse), { payment, payer })
  const transaction = receipt.response && readTransaction(receipt.response)
  const said = toSellerText(receipt.response?.errorReason) ?? toSellerText(paymentRequired?.error)
  const event: PaymentEvent =
    receipt.state === 'verified' ? { type: 'settled', transaction } : { type: 'told', said, transaction }
  await noteAndTell(id, event, ports)
  noteTold(id, ports)
  if (receipt.state === 'mismatch') {
    const message = `The receipt of payment ${id} is not that payment's: ${receipt.problems.join('; ')}.`
    ports.warn({ code: 'RECEIPT_MISMATCH', message })
  }
  return receipt
}

async function announce(
  { id, terms, payer, presentation }: Payment,
  { paymentPayload, settleResponse, paymentRequired }: PaymentResponseContext,
  ports: ClientPorts,
): Promise<boolean> {
  const { scheme, network } = terms
  const found = ports.schemes.find({ scheme, network, x402Version: 2, spoken: undefined, payer })
  const requirements = toRequirements(terms)
  const shown = freezeCopy({
    paymentPayload,
    requirements,
    ...(settleResponse && { settleResponse }),
    ...(paymentRequired && { paymentRequired }),
  })
  const declared = presentation?.payload.extensions
  // Each is shown it, also those after one that doesn't return: a scheme may keep accounts by it.
  for (const hook of collectResponseHooks(ports.hooks, found?.scheme, declared, { id, settleResponse })) {
    if ((await callHook(hook, shown, ports))?.recovered) return true
  }
  return false
}

/** Longest that a hook is waited for, in milliseconds, as a chain is before a limit refuses: its sender has a response to hand on. */
const HOOK_TIMEOUT_MS = 10_000

async function callHook(
  hook: PaymentResponseHook,
  shown: PaymentResponseContext,
  { warn }: Pick<Ports, 'warn'>,
): Promise<{ recovered: true } | undefined> {
  const deadline = createDeadline(HOOK_TIMEOUT_MS, 'The hook did not return in time.')
  try {
    const asking = async () => (await hook(shown)) ?? undefined
    return await abortable(asking(), deadline?.signal)
  } catch (cause) {
    const what = deadline?.signal.aborted ? 'did not return in time' : 'threw'
    warn({
      code: 'HOOK_FAILED',
      message: `A payment response hook ${what}; the response is handed over anyway.`,
      cause,
    })
    return undefined
  } finally {
    deadline?.clear()
  }
}
