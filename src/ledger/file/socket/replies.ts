import type { Cap, Refusal, Value } from '../../../payment/ledger.js'
import type { Payment } from '../../../payment/payment.js'
import type { Claim, OpenPurchase } from '../../../payment/purchase.js'
import { freezeCopy, type JsonObject } from '../../../wire/json.js'
import { type Field, type Fields, readFields } from '../../../wire/read-fields.js'
import { integerField } from '../../codec/charges.js'
import type { LineReader } from '../../codec/line-reader.js'
import { readWhole, writeWhole } from '../../codec/whole-payment.js'
import { flag, number, object, objects, text, value } from './fields.js'

/** A payment as a reply has it: the text of a store with a row per payment, and next to it what that leaves out. */
export type Shown = { readonly text: string; readonly claimed: boolean }

const SHOWN: Fields<Shown> = { text, claimed: flag }

/** Writes a payment. */
export function writeShown(payment: Payment): Shown {
  return { text: writeWhole(payment), claimed: payment.claimed }
}

/**
 * Reads what {@link writeShown} wrote.
 *
 * @throws TypeError for anything else, as all readers here do: then the other side speaks another language.
 */
export function readShown(shown: JsonObject, readLine: LineReader): Payment {
  const { text: whole, claimed } = read(shown, SHOWN)
  const payment = readWhole(whole, readLine)
  if ('problem' in payment) throw new TypeError(payment.problem)
  return claimed ? { ...payment.value, claimed } : payment.value
}

/**
 * Writes why nothing was reserved.
 *
 * @param caps - Those that were asked; the one that refuses is told by its place, so that the caller gets its own.
 */
export function writeRefusal(refusal: Refusal, caps: readonly Cap[]): object {
  switch (refusal.by) {
    case 'cap': {
      const { by, cap, held, spent } = refusal
      return { by, cap: caps.indexOf(cap), held: String(held), spent: String(spent) }
    }
    case 'open': {
      const { is, payment } = refusal.open
      return { by: refusal.by, is, payment: writeShown(payment) }
    }
    default:
      return refusal
  }
}

/** Reads what {@link writeRefusal} wrote. */
export function readRefusal(refusal: JsonObject, caps: readonly Cap[], readLine: LineReader): Refusal {
  switch (refusal['by']) {
    case 'cap': {
      const { cap: place, held, spent } = read(refusal, FULL)
      const cap = caps[place]
      if (cap === undefined) throw new TypeError('no cap')
      return { by: 'cap', cap, held: BigInt(held), spent: BigInt(spent) }
    }
    case 'open': {
      const { is, payment } = read(refusal, OPEN)
      return { by: 'open', open: { is, payment: readShown(payment, readLine) } }
    }
    case 'pin':
      return { by: 'pin', payTo: read(refusal, PIN).payTo }
    case 'frozen': {
      const frozen = freezeCopy(read(refusal, RULED).value)
      if (frozen === undefined) throw new TypeError('no value')
      return { by: 'frozen', value: frozen }
    }
    case 'limits':
      return { by: 'limits', value: freezeCopy(read(refusal, RULED).value) }
    default:
      throw new TypeError('no refusal')
  }
}

/** Writes what a claim came to. */
export function writeClaimed(claim: Claim): object {
  if (claim.is === 'nothing') return { is: claim.is, over: claim.over.map(writeShown) }
  return { is: claim.is === 'yours' ? 'open' : claim.is, payment: writeShown(claim.payment) }
}

/** Reads what {@link writeClaimed} wrote. */
export function readClaimed(claim: JsonObject, readLine: LineReader): Claim {
  if (claim['is'] === 'nothing') {
    return { is: 'nothing', over: read(claim, OVER).over.map((one) => readShown(one, readLine)) }
  }
  const { is, payment } = read(claim, OPEN)
  const shown = readShown(payment, readLine)
  return is === 'open' ? { is: 'yours', payment: shown } : { is, payment: shown }
}

/** Reads the fields of a message. */
export function read<T>(message: JsonObject, fields: Fields<T>): T {
  const found = readFields(message, fields)
  if ('problem' in found) throw new TypeError(found.problem)
  return found.value
}

const KINDS: readonly unknown[] = ['open', 'claimed', 'under-way', 'bought', 'foreign']

const kind: Field<OpenPurchase['is']> = {
  is: (value): value is OpenPurchase['is'] => KINDS.includes(value),
  must: 'in the way',
}

const FULL: Fields<{ cap: number; held: string; spent: string }> = {
  cap: number,
  held: integerField,
  spent: integerField,
}
const OPEN: Fields<{ is: OpenPurchase['is']; payment: JsonObject }> = { is: kind, payment: object }
const OVER: Fields<{ over: readonly JsonObject[] }> = { over: objects }
const PIN: Fields<{ payTo: string }> = { payTo: text }
const RULED: Fields<{ value: Value | undefined }> = { value }
