import { judgeReceipt } from '../../flow/judge.js'
import { noteAndTell } from '../../flow/note.js'
import { collectResponseHooks } from '../../hooks/collected.js'
import type { PaymentResponseContext, PaymentResponseHook } from '../../hooks/hooks.js'
import { abortable, createDeadline } from '../../payment/abort.js'
import type { PaymentEvent } from '../../payment/event.js'
import type { Filter } from '../../payment/ledger.js'
import type { Payment } from '../../payment/payment.js'
import type { Ports, Receipt } from '../../payment/ports.js'
import { toRequirements } from '../../payment/terms.js'
import { freezeCopy, isSameJson } from '../../wire/json.js'
import { decodeReceipt, encodePaymentResponseHeader, readTransaction } from '../../wire/receipt.js'
import { toSellerText } from '../../wire/seller-text.js'
import type { ClientPorts } from '../ports.js'

/**
 * Writes down what came of a payment that was handed out, as far as whoever sent it tells, and shows it to the hooks, with the terms that the
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
  const receipt = judgeReceipt(settleResponse && decodeReceipt(encodePaymentResponseHeader(settleResponse)), {
    payment,
    payer,
  })
  const transaction = receipt.response && readTransaction(receipt.response)
  const said = toSellerText(receipt.response?.errorReason) ?? toSellerText(paymentRequired?.error)
  const event: PaymentEvent =
    receipt.state === 'verified' ? { type: 'settled', transaction } : { type: 'told', said, transaction }
  await noteAndTell(id, event, ports)
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

/** Longest that a hook is waited for, in milliseconds, as a chain is before a limit refuses: whoever sent the payment has a response to hand on. */
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
