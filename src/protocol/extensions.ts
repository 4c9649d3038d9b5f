import { isJsonObject, type JsonObject } from './json.js'

/**
 * Adds a scheme's extension data to what the seller declared. The seller's own fields stay as they are: sellers refuse an echo
 * that changed one (`extension_echo_mismatch`, protocol.md 2.2).
 *
 * @param declared - `extensions` of the 402.
 * @param added - What a scheme or an extension adds.
 * @returns The echo, or `undefined` when there is nothing to send.
 */
export function mergeExtensions(
  declared: JsonObject | undefined,
  added: JsonObject | undefined,
): Record<string, unknown> | undefined {
  if (added === undefined) return declared === undefined ? undefined : { ...declared }
  const merged: Record<string, unknown> = { ...added }
  for (const [key, value] of Object.entries(declared ?? {})) {
    const own = Object.hasOwn(merged, key) ? merged[key] : undefined
    const echo = isJsonObject(own) && isJsonObject(value) ? mergeExtensions(value, own) : value
    Object.defineProperty(merged, key, { value: echo, enumerable: true, configurable: true, writable: true })
  }
  return merged
}
