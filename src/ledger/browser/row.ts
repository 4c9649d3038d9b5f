import type { Value } from '../../payment/ledger.js'
import type { Payment } from '../../payment/payment.js'
import { type Decoded, isJsonObject } from '../../wire/json.js'
import { type Field, type Fields, readFields } from '../../wire/read-fields.js'
import { toPlace } from '../book/window.js'
import { writeValue } from '../codec/line.js'
import type { Line, LineReader } from '../codec/line-reader.js'
import { readWhole, writeWhole } from '../codec/whole-payment.js'

/** A payment, or a value of the register, as the database has it. It is replaced whole with each step. */
export type Row = {
  /** A payment's place in the book, or what {@link toKey} makes of a value's two names. */
  key: number | string
  /** Goes up with each step of any tab, so that the others read only what is new to them. */
  version: number
  /** The tab that has the payment in flight; empty when none does. */
  holder: string
  claimed: boolean
  /** What a ledger's file has: one line, and the signed payment only while it may have to be presented again. */
  text: string
  /** A checksum of the other members. */
  sum: number
}

/** What the rows add up to, written in the same step as they are. */
export type Head = {
  format: number
  /** That of the newest row. */
  version: number
  /** How many rows there are. */
  count: number
  /** The checksums of all rows, combined by XOR: a missing or an older row doesn't fit. */
  sum: number
}

/** Goes up when older versions of pay402 would misread what newer ones write. */
export const FORMAT = 3

/** What a row says. */
export type ReadRow = { readonly row: Row; readonly said: Extract<Line, { is: 'payment' | 'value' }> }

const text: Field<string> = { is: (value): value is string => typeof value === 'string', must: 'a text' }
const natural: Field<number> = {
  is: (value): value is number => Number.isSafeInteger(value) && Number(value) >= 0,
  must: 'a whole number',
}

const ROW: Fields<Row> = {
  key: { is: (value): value is number | string => text.is(value) || natural.is(value), must: 'a place or a name' },
  version: natural,
  holder: text,
  claimed: { is: (value): value is boolean => typeof value === 'boolean', must: 'a boolean' },
  text,
  sum: natural,
}

const HEAD: Fields<Head> = {
  format: { is: (value): value is number => value === FORMAT, must: 'the format of this version' },
  version: natural,
  count: natural,
  sum: natural,
}

/** Writes a payment. */
export function writeRow(payment: Payment, version: number, holder: string): Row {
  return toSummed({ key: toPlace(payment.id), version, holder, claimed: payment.claimed, text: writeWhole(payment) })
}

/** Writes a value of the register; one that was removed keeps its row, so that other tabs see that it was removed. */
export function writeValueRow(kind: string, key: string, value: Value | undefined, version: number): Row {
  const text = writeValue(kind, key, value)
  return toSummed({ key: toKey(kind, key), version, holder: '', claimed: false, text })
}

/** The row of a value: unlike any payment's, which are numbers. */
export function toKey(kind: string, key: string): string {
  return JSON.stringify([kind, key])
}

/**
 * Reads what {@link writeRow} and {@link writeValueRow} wrote, or says what is wrong with it.
 *
 * @param readLine - One for all rows, so that payments share what is equal.
 */
export function readRow(value: unknown, readLine: LineReader): Decoded<ReadRow> {
  const read = isJsonObject(value) ? readFields(value, ROW) : { problem: 'it is not a row' }
  if ('problem' in read) return read
  const row = read.value
  if (sumOf(row) !== row.sum) return { problem: 'it is not what was written' }
  return typeof row.key === 'number' ? readPaymentRow(row, readLine) : readValueRow(row, readLine)
}

/** Reads the head; of a database that is still empty, one that counts nothing. */
export function readHead(value: unknown): Decoded<Head> {
  if (value === undefined) return { value: { format: FORMAT, version: 0, count: 0, sum: 0 } }
  return isJsonObject(value) ? readFields(value, HEAD) : { problem: 'its head is not an object' }
}

function readPaymentRow(row: Row, readLine: LineReader): Decoded<ReadRow> {
  const read = readWhole(row.text, readLine)
  if ('problem' in read) return read
  if (toPlace(read.value.id) !== row.key) return { problem: 'it is another payment' }
  const payment = Object.freeze({ ...read.value, claimed: row.claimed })
  return { value: { row, said: { is: 'payment', payment } } }
}

function readValueRow(row: Row, readLine: LineReader): Decoded<ReadRow> {
  const line = readLine(row.text)
  if ('problem' in line) return line
  const said = line.value
  return said.is === 'value' && toKey(said.kind, said.key) === row.key
    ? { value: { row, said } }
    : { problem: 'it is another value' }
}

function toSummed(row: Omit<Row, 'sum'>): Row {
  return { ...row, sum: sumOf(row) }
}

function sumOf({ key, version, holder, claimed, text }: Omit<Row, 'sum'>): number {
  return checksum(JSON.stringify([key, version, holder, claimed, text]))
}

/** The polynomial of CRC-32, its bits in reverse. Source: ISO/IEC 3309, section 8.1.1.6.1 and annex A. */
const POLYNOMIAL = 0xedb88320

/** CRC-32 of a text in UTF-8: a guard against accidents, not against anyone who can compute it. */
export function checksum(text: string): number {
  let sum = ~0
  for (const byte of new TextEncoder().encode(text)) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (POLYNOMIAL & -(sum & 1))
  }
  return ~sum >>> 0
}
