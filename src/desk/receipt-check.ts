import { assertOptions, invalidOption } from '../errors/options.js'
import { noteAndTell } from '../flow/note.js'
import { type Payment, toCharged } from '../payment/payment.js'
import type { Ports } from '../payment/ports.js'
import type { ReceiptVerdict } from '../payment/scheme.js'
import { toRequirements } from '../payment/terms.js'
import { readTransaction } from '../wire/receipt.js'
import { findPayment } from './found-payment.js'
import { findScheme, isPastEnd, toDescribed } from './reconciliation.js'

/**
 * Options of `client.verifyReceipt`.
 *
 * @example
 * ```ts no-run needs a transaction on a chain
 * import { paymentOf } from 'pay402/fetch'
 *
 * const response = await paidFetch('https://api.example.com/weather')
 * const id = paymentOf(response)?.id ?? ''
 * const { verdict } = await client.verifyReceipt(id, { transaction: '0x3f…' })
 * ```
 */
export type VerifyReceiptOptions = {
  /** Another transaction to look at, where the receipt named none that could be read. @default the one that the ledger holds */
  transaction?: string | undefined
}

/** What the chain said about the transaction of a payment's receipt, and where that leaves the money. */
export type ReceiptCheck = ReceiptVerdict & {
  readonly id: string
  /** What was looked at; `undefined` when no transaction is known. */
  readonly transaction: string | undefined
  /** Where the ledger has the money now. A mismatch leaves it where it was: settled, by the seller's word, or in doubt. */
  readonly money: 'settled' | 'in-doubt'
}

/**
 * Asks the chain whether the transaction of a receipt is the payment, and writes down what it proves: a payment in doubt settles, and
 * where less was taken than was reserved, in a final block, and our own clock is past the payment's end, only that counts from then on.
 * Nothing is ever counted up.
 *
 * @throws {@link ConfigurationError} `NOT_IN_DOUBT` when the payment is neither settled nor in doubt, `PAYMENT_NOT_KEPT` when the ledger
 *   dropped it, `INVALID_OPTION`, `UNKNOWN_OPTION`.
 */
export async function verifyReceipt(id: string, options: VerifyReceiptOptions, ports: Ports): Promise<ReceiptCheck> {
  const given = readOptions(options)
  const payment = await findPayment(id, { states: ['sent', 'settled'] }, ports)
  const transaction = given ?? payment.transaction
  const found = await askChain(payment, transaction, ports)
  if (found.verdict === 'mismatch') warnOf(payment, found.problems, ports)
  const state = found.verdict === 'settled' ? await settle(payment, transaction, found, ports) : payment.state
  return Object.freeze({ ...found, id, transaction, money: state === 'settled' ? 'settled' : 'in-doubt' })
}

function readOptions(options: VerifyReceiptOptions): string | undefined {
  assertOptions(options, 'verifyReceipt', ['transaction'])
  const { transaction } = options
  if (transaction === undefined) return undefined
  if (typeof transaction === 'string' && readTransaction({ transaction }) !== undefined) return transaction
  throw invalidOption('transaction', 'the id of a transaction')
}

async function askChain(payment: Payment, transaction: string | undefined, ports: Ports): Promise<ReceiptVerdict> {
  if (transaction === undefined) return toUnknown('no transaction of it is known')
  const described = toDescribed(payment)
  const scheme = findScheme(payment, ports)
  if (described === undefined || scheme?.verifyReceipt === undefined) {
    return toUnknown('its scheme can’t ask about a transaction')
  }
  try {
    return readVerdict(await scheme.verifyReceipt(described, toRequirements(payment.terms), transaction), payment)
  } catch {
    return toUnknown('the chain could not be asked')
  }
}

/**
 * Schemes are other people's code: more than was signed is no payment of ours, nor is less under `exact`, and what can't be read
 * proves nothing.
 */
function readVerdict(said: ReceiptVerdict, { terms }: Payment): ReceiptVerdict {
  const { amount, scheme } = terms
  if (said.verdict === 'unknown') return toUnknown(String(said.because))
  const final = said.final === true
  if (said.verdict === 'mismatch') return { verdict: 'mismatch', problems: said.problems.map(String), final }
  if (said.verdict !== 'settled' || typeof said.amount !== 'bigint' || said.amount < 0n) {
    return toUnknown('its scheme gave no answer that can be read')
  }
  const isLess = said.amount < amount
  if (said.amount === amount || (isLess && scheme !== 'exact'))
    return { verdict: 'settled', amount: said.amount, final }
  const problem = `the transaction takes ${isLess ? 'less' : 'more'} than the ${amount} that were signed`
  return { verdict: 'mismatch', problems: [problem], final }
}

function warnOf({ id }: Payment, problems: readonly string[], ports: Ports): void {
  ports.warn({
    code: 'RECEIPT_MISMATCH',
    message: `The transaction that the receipt of payment ${id} names is not that payment: ${problems.join('; ')}.`,
  })
}

type Settled = Extract<ReceiptVerdict, { verdict: 'settled' }>

/** The response to its own call may settle it meanwhile, which is the same. */
async function settle(
  payment: Payment,
  transaction: string | undefined,
  { amount, final }: Settled,
  ports: Ports,
): Promise<Payment['state']> {
  const { id, state, terms, charges } = payment
  // A reorganization could still have another transaction take more, and a source that lies could free a payment that is alive.
  const isSure = final && isPastEnd(payment, ports)
  const charged = isSure ? toCharged({ amount: payment.charged ?? terms.amount, charges }, amount) : undefined
  const isKnown = charged === undefined || charged.charged === payment.charged
  if (state === 'settled' && payment.transaction === transaction && isKnown) return state
  const event = { type: 'settled', transaction, ...charged } as const
  try {
    return (await noteAndTell(id, event, ports)).state
  } catch (cause) {
    ports.warn({
      code: 'LEDGER_BEHIND',
      message: `The ledger could not note what the chain says of payment ${id}.`,
      cause,
    })
    return state
  }
}

function toUnknown(because: string): ReceiptVerdict {
  return { verdict: 'unknown', because }
}
