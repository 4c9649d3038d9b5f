import { freezeWithFrozenChildren, isFrozenForGood, rememberJson } from './frozen.js'

/** What an untrusted text was read as, or why it couldn't be. */
export type Decoded<T> = { readonly value: T } | { readonly problem: string }

/** A JSON object of unknown content. */
export type JsonObject = { readonly [key: string]: unknown }

/** Levels of nesting that a part of a 402 may have before it is refused; specified terms need five. */
export const MAX_DEPTH = 32

/** Reads JSON that must be an object. */
export function parseJsonObject(text: string): Decoded<JsonObject> {
  const parsed = parseJson(text)
  if ('problem' in parsed) return parsed
  const { value } = parsed
  return isJsonObject(value) ? { value } : { problem: 'it is JSON, but not an object' }
}

/** Reads JSON of any kind. The only place that parses JSON. */
export function parseJson(text: string): Decoded<unknown> {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return { problem: 'it is not valid JSON' }
  }
}

/**
 * What a value is once it has been written as JSON: no getter, no `toJSON`, nothing that reads otherwise the second time.
 *
 * It is frozen, and `toJson` gives the text that it was read back from, so that the text which is sent is the one that was read.
 *
 * @param value - From a scheme or a hook.
 */
export function toPlainObject(value: unknown): Decoded<JsonObject> {
  try {
    const json = JSON.stringify(value) ?? ''
    const parsed = parseJsonObject(json)
    if ('value' in parsed) rememberJson(freezeParsed(parsed.value), json)
    return parsed
  } catch {
    return { problem: 'it can not be written as JSON' }
  }
}

/** Whether `value` is a JSON object rather than an array, null or a scalar. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether a value nests deeper than {@link MAX_DEPTH}; looks no deeper than that. */
export function isTooDeep(value: unknown, levels = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  for (const key of Object.keys(value)) if (isTooDeep(Reflect.get(value, key), levels - 1)) return true
  return false
}

/**
 * A frozen deep copy of a JSON value, so that nobody who is shown it can change what is signed. What was frozen here isn't copied again.
 *
 * Not `structuredClone`: on Node 20 that costs as much as the signature.
 */
export function freezeCopy<T>(value: T): T {
  if (typeof value !== 'object' || value === null || isFrozenForGood(value)) return value
  const copy: unknown = Array.isArray(value) ? copyList(value) : copyObject(value)
  return copy as T // the same shape, field by field
}

/** A deep copy of a JSON value that its new owner may change. Not `structuredClone`, which phones lack. */
export function copyJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copyJson) as T // the same shape, as below
  const copy: Record<string, unknown> = {}
  for (const key of Object.keys(value)) put(copy, key, copyJson(Reflect.get(value, key)))
  return copy as T
}

function copyList(list: readonly unknown[]): readonly unknown[] {
  const copy: unknown[] = []
  for (let index = 0; index < list.length; index++) copy.push(freezeCopy(list[index]))
  return freezeWithFrozenChildren(copy)
}

function copyObject(value: object): object {
  const copy: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    put(copy, key, freezeCopy(Reflect.get(value, key)))
  }
  return freezeWithFrozenChildren(copy)
}

/** To assign `__proto__` would give the copy another prototype, with whatever fields the seller wrote. */
function put(copy: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') copy[key] = value
  else Object.defineProperty(copy, key, { value, enumerable: true, configurable: true, writable: true })
}

/**
 * Freezes a JSON value to its leaves where it is, without a copy.
 *
 * Only for what nobody else holds: what `JSON.parse` gave, or an object that was just put together here. It must not be cyclic.
 */
export function freezeParsed<T>(value: T): T {
  if (typeof value !== 'object' || value === null || isFrozenForGood(value)) return value
  for (const key of Object.keys(value)) freezeParsed(Reflect.get(value, key))
  return freezeWithFrozenChildren(value)
}

/** Whether two JSON values are the same, whatever the order of their keys. */
export function isSameJson(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every((key) => Object.hasOwn(b, key) && isSameJson(Reflect.get(a, key), Reflect.get(b, key)))
}
