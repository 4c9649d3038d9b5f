import type { Presentation } from '../../flow/ports.js'
import { type Decoded, isJsonObject, parseJsonObject } from '../../wire/json.js'
import type { PaymentPayload } from '../../wire/payload.js'
import { type Field, type Fields, optional, readFields } from '../../wire/read-fields.js'
import { type PaymentRequirements, readRequirements } from '../../wire/requirements.js'

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
  headers: { is: isHeaders, must: 'an object of texts' },
  payload: { is: isPayload, must: 'a signed payment' },
  requirements: { is: isRequirements, must: 'requirements' },
  entry: { is: isJsonObject, must: 'an object' },
}

/** Reads a signed payment of a ledger's file. It is kept whole: what is presented again must be what was signed. */
export function readPresentation(written: string): Decoded<Presentation> {
  const json = parseJsonObject(written)
  return 'problem' in json ? json : readFields(json.value, PRESENTATION)
}

function isHeaders(value: unknown): value is Readonly<Record<string, string>> {
  return isJsonObject(value) && Object.values(value).every(text.is)
}

function isPayload(value: unknown): value is PaymentPayload {
  return isJsonObject(value) && !('problem' in readFields<PaymentPayload>(value, PAYLOAD))
}

function isRequirements(value: unknown): value is PaymentRequirements {
  return !('problem' in readRequirements(value, 2))
}
