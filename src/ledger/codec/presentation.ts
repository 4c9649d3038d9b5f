import type { Payment, Presentation } from '../../payment/payment.js'
import { type Decoded, freezeCopy, isJsonObject, parseJsonObject } from '../../wire/json.js'
import type { PaymentPayload } from '../../wire/payload.js'
import { type Field, type Fields, optional, readFields } from '../../wire/read-fields.js'
import { readRequirements } from '../../wire/requirements.js'

const text: Field<string> = { is: (value): value is string => typeof value === 'string', must: 'a text' }
const object: Field<Record<string, unknown>> = {
  is: (value): value is Record<string, unknown> => isJsonObject(value),
  must: 'an object',
}

const PAYLOAD: Fields<PaymentPayload> = {
  x402Version: { is: (value): value is number => typeof value === 'number', must: 'a number' },
  scheme: optional(text),
  network: optional(text),
  payload: object,
  extensions: optional(object),
  resource: optional(object),
  accepted: optional(object),
}

const PRESENTATION: Fields<Presentation> = {
  payload: {
    is: (value): value is PaymentPayload =>
      isJsonObject(value) && !('problem' in readFields<PaymentPayload>(value, PAYLOAD)),
    must: 'a signed payment',
  },
  entry: { is: isJsonObject, must: 'an object' },
}

/**
 * Puts what was signed back into its payment, with the `extra` of its terms. It is kept whole: what is presented again must be exactly what
 * was signed.
 *
 * @param written - What follows a line's own text.
 */
export function readSigned(payment: Payment, written: string): Decoded<Payment> {
  const read = readPresentation(written)
  if ('problem' in read) return read
  return { value: { ...withExtra(payment, readExtra(read.value)), presentation: read.value } }
}

/** Reads what was signed by itself. */
export function readPresentation(written: string): Decoded<Presentation> {
  const json = parseJsonObject(written)
  const read = 'problem' in json ? json : readFields(json.value, PRESENTATION)
  return 'problem' in read ? read : { value: freezeCopy(read.value) }
}

/** If it can't be read, the terms have no `extra`: refusing to open the whole ledger because of that would cost more. */
function readExtra({ payload, entry }: Presentation): Record<string, unknown> {
  const requirements = readRequirements(entry, payload.x402Version === 1 ? 1 : 2)
  return 'problem' in requirements ? {} : requirements.value.extra
}

/** Puts a seller's `extra` back into the terms. Terms without any stay as they are, since other payments share them. */
export function withExtra(payment: Payment, extra: Record<string, unknown>): Payment {
  if (Object.keys(extra).length === 0) return payment
  return { ...payment, terms: Object.freeze({ ...payment.terms, extra }) }
}
