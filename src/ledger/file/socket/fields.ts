import type { Cap, Filter, Value } from '../../../payment/ledger.js'
import type { Asker, Claimant } from '../../../payment/purchase.js'
import { isJsonObject, type JsonObject } from '../../../wire/json.js'
import { type Field, type Fields, optional } from '../../../wire/read-fields.js'
import { integerField } from '../../codec/charges.js'
import { isValue } from '../../codec/line-reader.js'

/** A cap as JSON has it. */
export type WrittenCap = Omit<Cap, 'amount'> & { readonly amount?: string | undefined }

export const text: Field<string> = { is: (value): value is string => typeof value === 'string', must: 'a text' }
export const number: Field<number> = { is: (value): value is number => typeof value === 'number', must: 'a number' }
/** Of one step: it becomes the beginning of an id. */
export const token: Field<string> = {
  is: (value): value is string => text.is(value) && /^[0-9a-f]{16}$/.test(value),
  must: 'a token',
}
export const flag: Field<boolean> = { is: (value): value is boolean => typeof value === 'boolean', must: 'a boolean' }
export const value: Field<Value | undefined> = optional({ is: isValue, must: 'JSON' })
export const object: Field<JsonObject> = { is: isJsonObject, must: 'an object' }
const texts: Field<string[]> = {
  is: (value): value is string[] => Array.isArray(value) && value.every(text.is),
  must: 'texts',
}

export const objects: Field<JsonObject[]> = {
  is: (value): value is JsonObject[] => Array.isArray(value) && value.every(object.is),
  must: 'objects',
}

const ASKER: Fields<Asker> = {
  payers: texts,
  nowSeconds: number,
  buysOver: flag,
  insteadOf: optional(texts),
  limits: optional(text),
}

const CLAIMANT: Fields<Claimant> = { ...ASKER, purchase: text, coarse: optional(text), isKeyed: flag }

export const asker: Field<Asker> = { is: (value): value is Asker => hasFields(value, ASKER), must: 'who asks' }
export const claimant: Field<Claimant> = {
  is: (value): value is Claimant => hasFields(value, CLAIMANT),
  must: 'who claims',
}

/** What both sides must know of a cap; members of its scope and its window are handed on as they are. */
const CAP: Fields<Pick<WrittenCap, 'name' | 'unit' | 'scope' | 'windowSeconds' | 'amount' | 'count'>> = {
  name: text,
  unit: {
    is: (value): value is Cap['unit'] => text.is(value) && (value === 'usd' || value.includes('/')),
    must: 'a unit',
  },
  scope: {
    is: (value): value is Cap['scope'] => object.is(value) && Object.values(value).every(text.is),
    must: 'a scope',
  },
  windowSeconds: optional(number),
  amount: optional(integerField),
  count: optional(number),
}

export const cap: Field<WrittenCap> = { is: (value): value is WrittenCap => hasFields(value, CAP), must: 'a cap' }
export const caps: Field<WrittenCap[]> = {
  is: (value): value is WrittenCap[] => Array.isArray(value) && value.every(cap.is),
  must: 'caps',
}

/** Writes a cap so that JSON can hold it. */
export function writeCap({ amount, ...cap }: Cap): object {
  const numbers = [cap.windowSeconds, cap.count].map((one) => (Number.isFinite(one) ? one : undefined))
  return { ...cap, windowSeconds: numbers[0], count: numbers[1], amount: amount?.toString() }
}

/** Reads what {@link writeCap} wrote. */
export function readCap({ amount, ...cap }: WrittenCap): Cap {
  return { ...cap, windowSeconds: cap.windowSeconds, ...(amount !== undefined && { amount: BigInt(amount) }) }
}

const FILTER: Fields<Pick<Filter, 'host' | 'tag' | 'from' | 'to' | 'after'>> = {
  host: optional(text),
  tag: optional(text),
  from: optional(number),
  to: optional(number),
  after: optional(text),
}

export const filter: Field<Filter> = {
  is: (value): value is Filter => hasFields(value, FILTER) && object.is(value) && isOptionalList(value['states']),
  must: 'a filter',
}

function isOptionalList(value: unknown): boolean {
  return value === undefined || texts.is(value)
}

function hasFields<T>(value: unknown, fields: Fields<T>): boolean {
  if (!isJsonObject(value)) return false
  for (const name in fields) if (!fields[name].is(value[name])) return false
  return true
}
