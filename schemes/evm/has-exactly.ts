import { isJsonObject, type JsonObject } from '../../src/wire/json.js'

/** Whether `value` is an object with these keys and no other: a second authorization beside the first could be spent as well. */
export function hasExactly(value: unknown, keys: readonly string[]): value is JsonObject {
  return (
    isJsonObject(value) && Object.keys(value).length === keys.length && keys.every((key) => Object.hasOwn(value, key))
  )
}
