import type { Payment } from '../../payment/payment.js'
import { type Decoded, freezeCopy, isJsonObject, parseJsonObject } from '../../wire/json.js'
import { createDealWriter } from './deals.js'
import { SIGNED_BELOW, writePayment } from './line.js'
import type { LineReader } from './line-reader.js'
import { readSigned, withExtra } from './presentation.js'

/**
 * Writes a payment as one text, for a store with a row per payment.
 *
 * @param payment - In any state.
 * @returns All of it but `claimed`, which the store keeps next to the text: it says something about a process and not about the payment. Where
 *   the payment is open, the text holds what anyone could spend.
 */
export function writeWhole(payment: Payment): string {
  return writePayment(payment, createDealWriter()) + writeExtra(payment)
}

/** Writes what follows a payment's line so that its terms are whole: nothing where the signed payment tells it, or there is nothing to tell. */
export function writeExtra({ presentation, terms: { extra } }: Payment): string {
  const isTold = presentation !== undefined || Object.keys(extra).length === 0
  return isTold ? '' : SIGNED_BELOW + JSON.stringify({ extra })
}

/**
 * Reads what {@link writeWhole} wrote.
 *
 * @param written - One payment's text.
 * @param readLine - One for all of a store, so that payments share what is equal.
 * @returns The payment, not claimed, equal in every other field; or what is wrong with the text.
 */
export function readWhole(written: string, readLine: LineReader): Decoded<Payment> {
  const [own = '', signed] = written.split(SIGNED_BELOW)
  const line = readLine(own)
  if ('problem' in line) return line
  if (line.value.is !== 'payment') return { problem: 'it is not a payment' }
  const { payment } = line.value
  return signed === undefined ? { value: payment } : readBelow(payment, signed)
}

/** Reads what follows a payment's line: what was signed, or the `extra` of its terms. */
export function readBelow(payment: Payment, written: string): Decoded<Payment> {
  const json = parseJsonObject(written)
  const extra = 'problem' in json ? undefined : json.value['extra']
  return isJsonObject(extra) ? { value: withExtra(payment, freezeCopy(extra)) } : readSigned(payment, written)
}
