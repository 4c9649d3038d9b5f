import { isJsonObject } from '../../src/wire/json.js'

/**
 * Writes a struct's type as EIP-712 encodes it: its name and fields, then those of every struct in it, sorted by name.
 *
 * @param types - Untrusted: whatever it holds, what isn't a list of fields is written as a struct without any.
 */
export function encodeType(types: Readonly<Record<string, unknown>>, primaryType: string): string {
  const others = new Set<string>()
  collectStructs(types, primaryType, others)
  others.delete(primaryType)
  return [primaryType, ...[...others].sort()].map((name) => encodeStruct(types, name)).join('')
}

function collectStructs(types: Readonly<Record<string, unknown>>, name: string, found: Set<string>): void {
  if (found.has(name)) return
  found.add(name)
  for (const { type } of fieldsOf(types, name)) {
    const struct = type.replace(/\[.*$/, '')
    if (Object.hasOwn(types, struct)) collectStructs(types, struct, found)
  }
}

function encodeStruct(types: Readonly<Record<string, unknown>>, name: string): string {
  return `${name}(${fieldsOf(types, name)
    .map((field) => `${field.type} ${field.name}`)
    .join(',')})`
}

function fieldsOf(types: Readonly<Record<string, unknown>>, name: string): { type: string; name: string }[] {
  const fields: unknown = Object.hasOwn(types, name) ? types[name] : undefined
  if (!Array.isArray(fields)) return []
  return fields.map((field: unknown) => {
    const { type, name: own } = isJsonObject(field) ? field : {}
    return { type: String(type), name: String(own) }
  })
}
