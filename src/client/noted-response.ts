import type { LedgerRecord, Ports, Presentation, Receipt } from '../flow/ports.js'
import { judgeReceipt } from '../flow/read-receipt.js'
import { collectHooks } from '../hooks/collected.js'
import type { PaymentResponseContext } from '../hooks/hooks.js'
import { freezeCopy, isSameJson } from '../wire/json.js'
import { encodePaymentResponseHeader, RECEIPT_HEADERS, readTransaction } from '../wire/receipt.js'
import { toSellerText } from '../wire/seller-text.js'

/**
 * Writes down what came of a payment that was handed out, as far as whoever sent it tells, and shows it to the hooks. Its status isn't
 * told, so that only the money can be judged.
 *
 * Nothing is thrown (R7): the response is paid, and an error would lose it.
 *
 * @returns Whether a hook asks for the same payment to be sent once more, where no receipt says that it was taken.
 */
export async function noteResponse(context: PaymentResponseContext, ports: Ports): Promise<boolean> {
  const receipt = await noteReceipt(context, ports)
  const wantsAnother = await announce(context, ports)
  return wantsAnother && receipt?.response?.success !== true
}

async function noteReceipt(context: PaymentResponseContext, ports: Ports): Promise<Receipt | undefined> {
  try {
    const record = await findHandedOut(context, ports)
    return record && (await note(record, context, ports))
  } catch (cause) {
    const message = 'The ledger could not note what became of a payment that was handed out.'
    ports.warn({ code: 'LEDGER_BEHIND', message, cause })
    return undefined
  }
}

/** What is asked of a payment that was handed out. */
type HandedOut = Pick<LedgerRecord, 'id' | 'state' | 'payer'> & { readonly presentation: Presentation }

/** The newest comes first, and is mostly the one. */
async function findHandedOut(
  { paymentPayload }: PaymentResponseContext,
  { ledger }: Ports,
): Promise<HandedOut | undefined> {
  for await (const record of ledger.list({ states: ['sent', 'settled'] })) {
    const { id, state, payer, presentation } = record
    if (presentation !== undefined && isSameJson(presentation.payload, paymentPayload)) {
      return { id, state, payer, presentation }
    }
  }
  return undefined
}

async function note(
  record: HandedOut,
  { settleResponse, paymentRequired }: PaymentResponseContext,
  ports: Ports,
): Promise<Receipt> {
  const { id, state } = record
  const header = (name: string) =>
    settleResponse !== undefined && name === RECEIPT_HEADERS[0] ? encodePaymentResponseHeader(settleResponse) : null
  const receipt = judgeReceipt({ header }, record)
  const transaction = receipt.response && readTransaction(receipt.response)
  const isSettled = receipt.state === 'verified' || state === 'settled'
  const sellerSaid = toSellerText(receipt.response?.errorReason) ?? toSellerText(paymentRequired?.error)
  await ports.ledger.move(id, [state], isSettled ? 'settled' : state, { transaction, sellerSaid })
  if (receipt.state === 'mismatch') {
    const message = `The receipt of payment ${id} is not that payment's: ${receipt.problems.join('; ')}.`
    ports.warn({ code: 'RECEIPT_MISMATCH', message })
  }
  if (isSettled) ports.emit('settled', () => ({ payment: id, transaction }))
  else ports.emit('in-doubt', () => ({ payment: id, because: sellerSaid ?? `the receipt is ${receipt.state}` }))
  return receipt
}

async function announce(context: PaymentResponseContext, ports: Ports): Promise<boolean> {
  const { paymentPayload, requirements } = context
  const { scheme, network } = requirements
  const found = ports.schemes.find({ scheme, network, x402Version: 2, spoken: undefined })
  const shown = freezeCopy(context)
  for (const hook of collectHooks('onPaymentResponse', ports.hooks, found?.scheme, paymentPayload.extensions)) {
    try {
      if ((await hook(shown))?.recovered) return true
    } catch (cause) {
      const message = 'A payment response hook threw; the response is handed over all the same.'
      ports.warn({ code: 'HOOK_FAILED', message, cause })
    }
  }
  return false
}
