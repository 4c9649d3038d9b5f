import type { PaymentEvent } from '../../payment/event.js'
import type { Value } from '../../payment/ledger.js'
import type { Payment, Presentation } from '../../payment/payment.js'
import { writeAllowances, writeCharges } from './charges.js'
import type { DealWriter } from './deals.js'

/** Goes up when older versions of pay402 would misread what newer ones write. */
export const FILE_VERSION = 4

/** Versions that are read: one process alone wrote 3, and nothing of it means something else now. */
export const READ_VERSIONS: readonly unknown[] = [3, FILE_VERSION]

/** Separates a line's own text from the signed payment, which is read only when it's still needed. JSON never holds it. */
export const SIGNED_BELOW = '\t'

/**
 * Writes the first line of a file.
 *
 * @param lines - How many follow at least: as many as there were when the file was made.
 */
export function writeHeader(lines: number): string {
  return JSON.stringify({ pay402: 'ledger', version: FILE_VERSION, lines })
}

/**
 * Writes the line of a payment as it is now, except for two things: `claimed`, which says something about a process and not about the payment,
 * and `terms.extra`, which is in the signed payment as long as it's needed.
 *
 * @param owner - The process that has it in flight, where that isn't the one that writes the file.
 */
export function writePayment(payment: Payment, deals: DealWriter, owner?: string): string {
  const { id, atSeconds, call, state, delivery, presentation, transaction, charged } = payment
  const own = JSON.stringify({
    i: id,
    t: atSeconds,
    p: call.purchase,
    // Most calls bring no credential, and then both names are the same.
    o: call.coarse === call.purchase ? true : call.coarse,
    r: call.resource,
    a: call.asked,
    z: state === 'reserved' ? undefined : state,
    w: delivery === 'none' ? undefined : delivery,
    ...toWrittenSignature(payment),
    x: transaction,
    b: charged === undefined ? undefined : String(charged),
    s: payment.status,
    q: payment.sellerSaid,
    j: payment.cancellation,
    f: payment.forgotten || undefined,
    h: payment.approval,
    m: owner,
  })
  return `${own.slice(0, -1)},${deals.write(payment)}}${presentation === undefined ? '' : writeSigned(presentation)}`
}

/**
 * Writes the line of what happened to a payment.
 *
 * @param id - The payment.
 * @param owner - The process that has it in flight from now on, where that isn't the one that writes the file.
 * @throws When what was signed can't be written as JSON.
 */
export function writeEvent(id: string, event: PaymentEvent, owner?: string): string {
  const own = JSON.stringify({ i: id, z: event.type, ...toWrittenEvent(event), m: owner })
  return event.type === 'sent' && event.presentation !== undefined ? own + writeSigned(event.presentation) : own
}

/**
 * Writes the line of a value of the register.
 *
 * @param value - `undefined` for one that was removed.
 * @param token - Of the step that put it there, where another process asked for it.
 */
export function writeValue(kind: string, key: string, value: Value | undefined, token?: string): string {
  return JSON.stringify({ u: kind, y: key, v: value, m: token })
}

/**
 * Writes the line of a claim, which isn't an event: it says something about a process and not about the payment.
 *
 * @param id - The payment.
 * @param owner - The process that claimed it.
 * @param token - Of the step that did.
 */
export function writeClaim(id: string, owner: string, token: string): string {
  return JSON.stringify({ i: id, z: CLAIMED, m: owner, y: token })
}

/** What a claim's line has in the place of an event's name. */
export const CLAIMED = 'claimed'

/** Writes the line of a process that payments are told to be in flight of. */
export function writeProcess(process: object): string {
  return JSON.stringify({ g: process })
}

/** Writes what follows a line's own text when it has a signed payment. */
function writeSigned({ payload, entry }: Presentation): string {
  return SIGNED_BELOW + JSON.stringify({ payload, entry })
}

function toWrittenEvent(event: PaymentEvent): object {
  switch (event.type) {
    case 'sent':
      return {
        p: event.purchase,
        b: event.purchaseForSeconds,
        ...toWrittenSignature(event),
        c: event.charges && writeCharges(event.charges),
      }
    case 'settled': {
      const { transaction, charged, charges } = event
      const taken = charged === undefined ? undefined : String(charged)
      return { x: transaction, b: taken, c: charges && writeCharges(charges) }
    }
    case 'released':
      return { o: event.because, x: event.transaction }
    case 'canceling':
      return { j: event.cancellation }
    case 'told':
      return { q: event.said, x: event.transaction }
    case 'forgotten':
    case 'freed':
      return {}
    default:
      return { s: event.status, q: event.said, x: event.transaction, k: event.isSettled }
  }
}

type Signature = Pick<Payment, 'validUntilSeconds' | 'nonce' | 'allowances'>

/** Schemes are other people's code: what they say of a payload is written so that it can be read again, whatever its type. */
function toWrittenSignature({ validUntilSeconds, nonce, allowances }: Partial<Signature>): object {
  return {
    e: Number.isFinite(validUntilSeconds) ? validUntilSeconds : undefined,
    n: nonce === undefined ? undefined : String(nonce),
    l: allowances && writeAllowances(allowances),
  }
}
