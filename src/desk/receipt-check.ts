import { assertOptions, invalidOption } from '../errors/options.js'
import type { LedgerRecord, Ports } from '../flow/ports.js'
import { toCharged } from '../payment/exposure.js'
import type { ReceiptVerdict } from '../payment/scheme.js'
import { readTransaction } from '../wire/receipt.js'
import { findPayment } from './found-payment.js'
import { findScheme, isPastEnd, toDescribed, toRequirements } from './reconciliation.js'

/** Options of `client.verifyReceipt`. */
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
 * @throws {@link ConfigurationError} `NOT_IN_DOUBT` when the payment is neither settled nor in doubt, `INVALID_OPTION`, `UNKNOWN_OPTION`.
 */
export async function verifyReceipt(id: string, options: VerifyReceiptOptions, ports: Ports): Promise<ReceiptCheck> {
  const given = readOptions(options)
  const record = await findPayment(id, { states: ['sent', 'settled'] }, ports)
  const transaction = given ?? record.transaction
  const found = await askChain(record, transaction, ports)
  if (found.verdict === 'mismatch') warnOf(record, found.problems, ports)
  const state = found.verdict === 'settled' ? await settle(record, transaction, found, ports) : record.state
  return Object.freeze({ ...found, id, transaction, money: state === 'settled' ? 'settled' : 'in-doubt' })
}

function readOptions(options: VerifyReceiptOptions): string | undefined {
  assertOptions(options, 'verifyReceipt', ['transaction'])
  const { transaction } = options
  if (transaction === undefined) return undefined
  if (typeof transaction === 'string' && readTransaction({ transaction }) !== undefined) return transaction
  throw invalidOption('transaction', 'the id of a transaction')
}

async function askChain(record: LedgerRecord, transaction: string | undefined, ports: Ports): Promise<ReceiptVerdict> {
  if (transaction === undefined) return toUnknown('no transaction of it is known')
  const described = toDescribed(record)
  const scheme = findScheme(record, ports)
  if (described === undefined || scheme?.verifyReceipt === undefined) {
    return toUnknown('its scheme can’t ask about a transaction')
  }
  try {
    return readVerdict(await scheme.verifyReceipt(described, toRequirements(record), transaction), record)
  } catch {
    return toUnknown('the chain could not be asked')
  }
}

/**
 * Schemes are other people's code: more than was signed is no payment of ours, nor is less under `exact`, and what can't be read
 * proves nothing.
 */
function readVerdict(said: ReceiptVerdict, { amount, scheme }: LedgerRecord): ReceiptVerdict {
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

function warnOf({ id }: LedgerRecord, problems: readonly string[], ports: Ports): void {
  ports.warn({
    code: 'RECEIPT_MISMATCH',
    message: `The transaction that the receipt of payment ${id} names is not that payment: ${problems.join('; ')}.`,
  })
}

type Settled = Extract<ReceiptVerdict, { verdict: 'settled' }>

/** The answer of its own call may settle it meanwhile, which is the same. */
async function settle(
  record: LedgerRecord,
  transaction: string | undefined,
  { amount, final }: Settled,
  ports: Ports,
): Promise<LedgerRecord['state']> {
  const { id, state } = record
  // A reorganization could still have another transaction take more, and a source that lies could free a payment that is alive.
  const charged =
    final && isPastEnd(record, ports)
      ? toCharged({ ...record, amount: record.charged ?? record.amount }, amount)
      : undefined
  const isKnown = charged === undefined || charged.charged === record.charged
  if (state === 'settled' && record.transaction === transaction && isKnown) return state
  try {
    await ports.ledger.move(id, ['sent', 'settled'], 'settled', { ...charged, transaction })
  } catch (cause) {
    ports.warn({
      code: 'LEDGER_BEHIND',
      message: `The ledger could not note what the chain says of payment ${id}.`,
      cause,
    })
    return state
  }
  if (state === 'sent') ports.emit('settled', () => ({ payment: id, transaction }))
  return 'settled'
}

function toUnknown(because: string): ReceiptVerdict {
  return { verdict: 'unknown', because }
}
