import type { Outcome, PaymentEvent } from '../../payment/event.js'
import type { Charge } from '../../payment/payment.js'
import type { TokenAllowance } from '../../payment/scheme.js'
import { type Decoded, freezeCopy, type JsonObject } from '../../wire/json.js'
import { allowancesField, chargesField, integerField, readCharges } from './charges.js'

type Because = Extract<PaymentEvent, { readonly type: 'released' }>['because']

const REASONS: ReadonlyMap<unknown, Because> = new Map(
  (['unsent', 'gone', 'dead'] as const).map((because) => [because, because]),
)

const WRONG = { problem: 'what it says of a payment is not what was written' }

/**
 * Reads what happened to a payment, without the signed payment, which follows the line's own text.
 *
 * Like everything that reads lines, it is written by hand instead of as a table of fields, for speed: opening a ledger reads every line.
 */
export function readEvent(line: JsonObject): Decoded<PaymentEvent> {
  const { z } = line
  switch (z) {
    case 'sent':
      return readSent(line)
    case 'delivered':
    case 'answered':
    case 'lost':
      return readOutcome(z, line)
    case 'settled':
      return readSettled(line)
    case 'released':
      return readReleased(line)
    case 'canceling':
      return typeof line['j'] === 'string' ? { value: { type: z, cancellation: line['j'] } } : WRONG
    case 'told':
      return readTold(line)
    case 'forgotten':
    case 'freed':
      return { value: { type: z } }
    default:
      return { problem: 'it says nothing that can happen to a payment' }
  }
}

function readSent({ p, b, e, n, l, c }: JsonObject): Decoded<PaymentEvent> {
  if (!isOptionalText(p) || !isOptionalNumber(b) || !isOptionalNumber(e) || !isOptionalText(n)) return WRONG
  if (!isOptionalAllowances(l) || !isOptionalCharges(c)) return WRONG
  const names = { purchase: p, purchaseForSeconds: b }
  const allowances = l && freezeCopy(l)
  return { value: { type: 'sent', ...names, validUntilSeconds: e, nonce: n, allowances, charges: toCharges(c) } }
}

function readOutcome(type: Outcome['type'], { s, q, x, k }: JsonObject): Decoded<PaymentEvent> {
  if (!isOptionalNumber(s) || !isOptionalText(q) || !isOptionalText(x)) return WRONG
  if (k !== undefined && typeof k !== 'boolean') return WRONG
  return { value: { type, status: s, said: q, transaction: x, isSettled: k } }
}

function readSettled({ x, b, c }: JsonObject): Decoded<PaymentEvent> {
  if (!isOptionalText(x) || !isOptionalInteger(b) || !isOptionalCharges(c)) return WRONG
  const charged = b === undefined ? undefined : BigInt(b)
  return { value: { type: 'settled', transaction: x, charged, charges: toCharges(c) } }
}

function readReleased({ o, x }: JsonObject): Decoded<PaymentEvent> {
  const because = REASONS.get(o)
  return because !== undefined && isOptionalText(x) ? { value: { type: 'released', because, transaction: x } } : WRONG
}

function readTold({ q, x }: JsonObject): Decoded<PaymentEvent> {
  return isOptionalText(q) && isOptionalText(x) ? { value: { type: 'told', said: q, transaction: x } } : WRONG
}

function toCharges(written: readonly string[] | undefined): readonly Charge[] | undefined {
  return written && readCharges(written)
}

/** Whether a member is a text, or isn't there. */
export function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string'
}

/** Whether a member is a number, or isn't there. */
export function isOptionalNumber(value: unknown): value is number | undefined {
  return value === undefined || typeof value === 'number'
}

/** Whether a member is a whole number as a text, or isn't there. */
export function isOptionalInteger(value: unknown): value is string | undefined {
  return value === undefined || integerField.is(value)
}

/** Whether a member is what was signed along with a payment, or isn't there. */
export function isOptionalAllowances(value: unknown): value is readonly TokenAllowance[] | undefined {
  return value === undefined || allowancesField.is(value)
}

function isOptionalCharges(value: unknown): value is readonly string[] | undefined {
  return value === undefined || chargesField.is(value)
}
