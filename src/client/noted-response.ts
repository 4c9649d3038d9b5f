import { judgeReceipt } from '../flow/judge.js'
import { noteAndTell } from '../flow/note.js'
import { collectHooks } from '../hooks/collected.js'
import type { PaymentResponseContext } from '../hooks/hooks.js'
import type { PaymentEvent } from '../payment/event.js'
import type { Payment } from '../payment/payment.js'
import type { Ports, Receipt } from '../payment/ports.js'
import { freezeCopy, isSameJson } from '../wire/json.js'
import { decodeReceipt, encodePaymentResponseHeader, readTransaction } from '../wire/receipt.js'
import { toSellerText } from '../wire/seller-text.js'
import type { ClientPorts } from './ports.js'

/**
 * Writes down what came of a payment that was handed out, as far as whoever sent it tells, and shows it to the hooks. Its status isn't
 * told, so that only the money can be judged.
 *
 * Nothing is thrown (R7): the response is paid, and an error would lose it.
 *
 * @returns Whether a hook asks for the same payment to be sent once more, where no receipt says that it was taken.
 */
export async function noteResponse(context: PaymentResponseContext, ports: ClientPorts): Promise<boolean> {
  const receipt = await noteReceipt(context, ports)
  const wantsAnother = await announce(context, ports)
  return wantsAnother && receipt?.response?.success !== true
}

async function noteReceipt(context: PaymentResponseContext, ports: Ports): Promise<Receipt | undefined> {
  try {
    const payment = await findHandedOut(context, ports)
    return payment && (await note(payment, context, ports))
  } catch (cause) {
    const message = 'The ledger could not note what became of a payment that was handed out.'
    ports.warn({ code: 'LEDGER_BEHIND', message, cause })
    return undefined
  }
}

/** The newest comes first, and is mostly the one. */
async function findHandedOut(
  { paymentPayload }: PaymentResponseContext,
  { ledger }: Ports,
): Promise<Payment | undefined> {
  for await (const payment of ledger.list({ states: ['sent', 'settled'] })) {
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

async function announce(context: PaymentResponseContext, ports: ClientPorts): Promise<boolean> {
  const { paymentPayload, requirements } = context
  const { scheme, network } = requirements
  const found = ports.schemes.find({ scheme, network, x402Version: 2, spoken: undefined })
  const shown = freezeCopy(context)
  for (const hook of collectHooks('onPaymentResponse', ports.hooks, found?.scheme, paymentPayload.extensions)) {
    try {
      if ((await hook(shown))?.recovered) return true
    } catch (cause) {
      const message = 'A payment response hook threw; the response is handed over anyway.'
      ports.warn({ code: 'HOOK_FAILED', message, cause })
    }
  }
  return false
}
