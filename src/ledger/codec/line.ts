import type { Facts, LedgerRecord, Presentation } from '../../flow/ports.js'
import { writeAllowances, writeCharges } from './charges.js'
import type { DealWriter } from './deals.js'

/** Goes up when older versions of pay402 would misread what newer ones write. */
export const FILE_VERSION = 2

/** Stands between what happened and the signed payment, which is read only when it's still needed. JSON never holds it. */
export const SIGNED_BELOW = '\t'

/**
 * Writes the first line of a file.
 *
 * @param records - How many payments follow at least: as many as there were when the file was made.
 */
export function writeHeader(records: number): string {
  return JSON.stringify({ pay402: 'ledger', version: FILE_VERSION, records })
}

/** Writes the line of a payment as it stands. */
export function writeRecord(record: LedgerRecord, deals: DealWriter): string {
  const { id, atSeconds, purchase, coarse, resource, state, delivery, presentation } = record
  const own = JSON.stringify({
    i: id,
    t: atSeconds,
    p: purchase,
    // Most calls bring no credential, and then both names are one.
    o: coarse === purchase ? true : coarse,
    r: resource,
    z: state === 'reserved' ? undefined : state,
    w: delivery === 'none' ? undefined : delivery,
    ...writeFacts(record),
  })
  return `${own.slice(0, -1)},${deals.write(record)}}${presentation === undefined ? '' : writeSigned(presentation)}`
}

/**
 * Writes the line of a move.
 *
 * @param facts - What was learned.
 * @param after - The payment as it is now.
 */
export function writeMove(facts: Facts, { id, state }: LedgerRecord): string {
  const { charges, delivery, purchase } = facts
  return JSON.stringify({
    i: id,
    z: state,
    w: delivery,
    p: purchase,
    ...writeFacts(facts),
    c: charges && writeCharges(charges),
  })
}

/** Writes what follows a line's text when a signed payment goes with it. */
export function writeSigned(presentation: Presentation): string {
  return SIGNED_BELOW + JSON.stringify(presentation)
}

/** Schemes are other people's code: what they say of a payload is written so that it can be read again, whatever its type. */
function writeFacts({ validUntilSeconds, nonce, transaction, allowances, sellerSaid, charged, ...more }: Facts) {
  return {
    e: Number.isFinite(validUntilSeconds) ? validUntilSeconds : undefined,
    n: nonce === undefined ? undefined : String(nonce),
    x: transaction,
    j: more.cancellation,
    l: allowances && writeAllowances(allowances),
    q: sellerSaid,
    b: charged === undefined ? undefined : String(charged),
    s: more.status,
    f: more.forgotten,
  }
}
