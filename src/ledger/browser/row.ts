import type { LedgerRecord } from '../../flow/ports.js'
import { type Decoded, freezeCopy, isJsonObject } from '../../wire/json.js'
import { type Field, type Fields, readFields } from '../../wire/read-fields.js'
import { toPlace } from '../book/record.js'
import { createDealWriter } from '../codec/deals.js'
import { SIGNED_BELOW, writeRecord } from '../codec/line.js'
import { createLineReader } from '../codec/line-reader.js'
import { readPresentation } from '../codec/presentation.js'

/** A payment as it stands in the database. It is put there anew, whole, with each step. */
export type Row = {
  /** Its place in the book. */
  place: number
  /** Goes up with each step of any tab, so that others read only what they haven't seen. */
  version: number
  /** The tab that has the payment under way; empty when nobody does. */
  holder: string
  claimed: boolean
  /** The payment as a ledger's file has it: one line, and the signed payment only while it may have to be presented again. */
  text: string
  /** Checksum of all else. */
  sum: number
}

/** What the rows add up to, written in the same step as they are. */
export type Head = {
  format: number
  /** That of the newest row. */
  version: number
  /** How many rows there are. */
  count: number
  /** The sums of all rows, each added without carry: a row that is missing, or an older one, doesn't fit. */
  sum: number
}

/** Goes up when older versions of pay402 would misread what newer ones write. */
export const FORMAT = 2

/** A payment that was read from a row. */
export type ReadRow = { readonly row: Row; readonly record: LedgerRecord }

const text: Field<string> = { is: (value): value is string => typeof value === 'string', must: 'a text' }
const natural: Field<number> = {
  is: (value): value is number => Number.isSafeInteger(value) && Number(value) >= 0,
  must: 'a whole number',
}

const ROW: Fields<Row> = {
  place: natural,
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
export function writeRow(record: LedgerRecord, version: number, holder: string): Row {
  const { id, claimed } = record
  const row = { place: toPlace(id), version, holder, claimed, text: writeRecord(record, createDealWriter()) }
  return { ...row, sum: sumOf(row) }
}

/** Reads what {@link writeRow} wrote, or says what is wrong with it. */
export function readRow(value: unknown): Decoded<ReadRow> {
  const read = isJsonObject(value) ? readFields(value, ROW) : { problem: 'it is not a row' }
  if ('problem' in read) return read
  const row = read.value
  if (sumOf(row) !== row.sum) return { problem: 'it is not what was written' }
  const [line = '', signed] = row.text.split(SIGNED_BELOW)
  const said = createLineReader()(line)
  if ('problem' in said) return said
  if (!('draft' in said.value) || toPlace(said.value.draft.id) !== row.place)
    return { problem: 'it is another payment' }
  const presentation = signed === undefined ? undefined : readPresentation(signed)
  if (presentation !== undefined && 'problem' in presentation) return presentation
  const kept = presentation && freezeCopy(presentation.value)
  const record = Object.freeze({ ...said.value.draft.original, claimed: row.claimed, presentation: kept })
  return { value: { row, record } }
}

/** Reads the head; of a database that nobody has written to yet, one that counts nothing. */
export function readHead(value: unknown): Decoded<Head> {
  if (value === undefined) return { value: { format: FORMAT, version: 0, count: 0, sum: 0 } }
  return isJsonObject(value) ? readFields(value, HEAD) : { problem: 'its head is not an object' }
}

function sumOf({ place, version, holder, claimed, text }: Omit<Row, 'sum'>): number {
  return checksum(JSON.stringify([place, version, holder, claimed, text]))
}

/** The polynomial of CRC-32, its bits in reverse. Source: ISO/IEC 3309, section 8.1.1.6.1 and annex A. */
const POLYNOMIAL = 0xedb88320

/** CRC-32 of a text in UTF-8: a guard against accidents, not against whoever can compute it anew. */
export function checksum(text: string): number {
  let sum = ~0
  for (const byte of new TextEncoder().encode(text)) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (POLYNOMIAL & -(sum & 1))
  }
  return ~sum >>> 0
}
