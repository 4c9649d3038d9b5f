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
 * @param value - From a scheme or a hook.
 */
export function toPlainObject(value: unknown): Decoded<JsonObject> {
  try {
    return parseJsonObject(JSON.stringify(value) ?? '')
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
  return Object.values(value).some((child) => isTooDeep(child, levels - 1))
}

/** Copies that were made here: nobody can have changed them, so they are never copied again. */
const frozenCopies = new WeakSet<object>()

/**
 * A frozen deep copy of a JSON value, so that nobody who is shown it can change what is signed.
 *
 * Not `structuredClone`: on Node 20 that costs as much as the signature. `Object.fromEntries` gives a key such as `__proto__` no power.
 */
export function freezeCopy<T>(value: T): T {
  if (typeof value !== 'object' || value === null || frozenCopies.has(value)) return value
  const copy: unknown = Array.isArray(value)
    ? value.map((item: unknown) => freezeCopy(item))
    : Object.fromEntries(Object.entries(value).map(([key, child]) => [key, freezeCopy(child)]))
  const frozen = Object.freeze(copy) as T & object // the same shape, field by field
  frozenCopies.add(frozen)
  return frozen
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
