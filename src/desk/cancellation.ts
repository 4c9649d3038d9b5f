import { CANNOT_CANCEL } from '../errors/catalogue/earlier-payment.js'
import { fail } from '../errors/fail.js'
import { assertOptions, invalidOption } from '../errors/options.js'
import { isX402Error } from '../errors/x402-error.js'
import { followPresented } from '../flow/earlier/presented.js'
import { noteAndTell } from '../flow/note.js'
import type { PaymentEvent } from '../payment/event.js'
import type { Ports } from '../payment/ports.js'
import { toRequirements } from '../payment/terms.js'
import { findPayment } from './found-payment.js'
import { findScheme, type Reconciled, toDescribed } from './reconciliation.js'

/**
 * Options of `client.cancel`.
 *
 * @example
 * ```ts
 * for (const payment of await client.payments({ money: 'in-doubt' })) {
 *   await client.cancel(payment.id, { timeoutMs: 60_000 })
 * }
 * ```
 */
export type CancelPaymentOptions = {
  /**
   * How long the cancellation may take to be mined and final, in milliseconds; with 0 it is sent and looked for once. How long your wallet
   * takes to send it isn't counted.
   *
   * @default 120_000
   */
  timeoutMs?: number | undefined
}

/** The longest that a timer takes, in milliseconds: 24 days. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1

/**
 * Cancels a payment in doubt on the chain, so that it can never be spent, and releases it once that is final.
 *
 * What was sent is written down at once, so that a later call, or `reconcile`, finds it.
 *
 * @throws {@link ConfigurationError} `NOT_IN_DOUBT` or `CANNOT_CANCEL`, and nothing changes. What the scheme throws: the money is settled
 * where that says so, else still in doubt.
 */
export async function cancelPayment(id: string, options: CancelPaymentOptions, ports: Ports): Promise<Reconciled> {
  const timeoutMs = readTimeout(options)
  const payment = await findPayment(id, { states: ['sent'] }, ports)
  const described = toDescribed(payment)
  const scheme = findScheme(payment, ports)
  if (described === undefined || scheme?.cancel === undefined) {
    throw fail(CANNOT_CANCEL, { words: { payment: id, network: payment.terms.network } })
  }
  const note = async (event: PaymentEvent) => followPresented(await noteAndTell(id, event, ports), ports)
  try {
    const onSent = (cancellation: string) => writeDown(id, cancellation, ports)
    const { transaction } = await scheme.cancel(described, toRequirements(payment.terms), { timeoutMs, onSent })
    await note({ type: 'released', because: 'dead', transaction })
    return { id, money: 'released', transaction }
  } catch (error) {
    // It was spent in the meantime: the chain says so, and now the ledger does, too.
    if (isX402Error(error) && error.money === 'settled') await note({ type: 'settled' })
    throw error
  }
}

function readTimeout(options: CancelPaymentOptions): number | undefined {
  assertOptions(options, 'cancel', ['timeoutMs'])
  const { timeoutMs } = options
  const isTime = typeof timeoutMs === 'number' && timeoutMs >= 0 && timeoutMs <= MAX_TIMEOUT_MS
  if (timeoutMs === undefined || isTime) return timeoutMs
  throw invalidOption('cancel.timeoutMs', 'a number of milliseconds from 0 on')
}

/** It is on its way, whatever becomes of the ledger: then this call alone knows that it was sent. */
async function writeDown(id: string, cancellation: string, ports: Ports): Promise<void> {
  try {
    await noteAndTell(id, { type: 'canceling', cancellation }, ports)
  } catch (cause) {
    const message = `The ledger could not note the cancellation of payment ${id}.`
    ports.warn({ code: 'LEDGER_BEHIND', message, cause })
  }
}
