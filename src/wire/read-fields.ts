import type { Decoded, JsonObject } from './json.js'

/** What a field must be: a guard, and the end of "… must be …" for a reader. */
export type Field<T> = { readonly is: (value: unknown) => value is T; readonly must: string }

/** The fields of an object, each with its rule. */
export type Fields<T> = { readonly [Name in keyof T]-?: Field<T[Name]> }

/**
 * Reads the named fields of an object from outside, strictly, and leaves every other field out.
 *
 * @param value - Untrusted.
 * @param fields - What each field must be.
 * @returns The fields, or in one short sentence what is missing or wrong. What the sender wrote is never quoted.
 */
export function readFields<T>(value: JsonObject, fields: Fields<T>): Decoded<T> {
  const read: Partial<T> = {}
  for (const name in fields) {
    const field = value[name]
    if (!fields[name].is(field)) return { problem: describeProblem(value, fields) }
    if (field !== undefined) read[name] = field
  }
  return { value: read as T } // every field was held to its guard
}

function describeProblem<T>(value: JsonObject, fields: Fields<T>): string {
  const names = Object.keys(fields) as (keyof T & string)[] // an object of ours, with these fields and no other
  const wrong = names.filter((name) => !fields[name].is(value[name]))
  const missing = wrong.filter((name) => value[name] === undefined)
  if (missing.length > 0) return `${listWords(missing)} ${missing.length === 1 ? 'is' : 'are'} missing`
  const [first] = wrong
  return first === undefined ? 'it changed while it was read' : `${first} must be ${fields[first].must}`
}

/** As a sentence has it: "a", "a and b", "a, b and c". */
function listWords(words: readonly string[]): string {
  return words.join(', ').replace(/, ([^,]*)$/, ' and $1')
}

/** A text of some length. */
export function textField(minLength: number, maxLength: number): Field<string> {
  return {
    is: (value): value is string => typeof value === 'string' && value.length >= minLength && value.length <= maxLength,
    must: `a text of ${minLength} to ${maxLength} characters`,
  }
}

/** A field that may be absent. */
export function optional<T>({ is, must }: Field<T>): Field<T | undefined> {
  return { is: (value): value is T | undefined => value === undefined || is(value), must }
}
