import { isJsonObject, type JsonObject } from './json.js'

/**
 * Adds a scheme's extension data to what the seller declared. The seller's own fields stay as they are: sellers refuse an echo
 * that changed one (`extension_echo_mismatch`, `@x402/*` 2.27).
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

/** The extension by which a seller knows a payment that is presented again; specs/extensions/payment_identifier.md. */
export const PAYMENT_IDENTIFIER = 'payment-identifier'

/**
 * Names the payment where the seller asks for a name, so that it keeps the answer for whoever presents the same payment again.
 *
 * @param declared - `extensions` of the 402.
 * @param id - The ledger's id; the specification wants 16 to 128 letters, digits, `-` or `_`.
 * @returns What to add to the echo; `undefined` when the seller doesn't offer it.
 */
export function identifyPayment(declared: JsonObject | undefined, id: string): JsonObject | undefined {
  if (declared === undefined || !Object.hasOwn(declared, PAYMENT_IDENTIFIER)) return undefined
  return {
    [PAYMENT_IDENTIFIER]: {
      info: { id: `pay402_${id.replace(/[^A-Za-z0-9_-]/g, '_')}`.padEnd(16, '_').slice(0, 128) },
    },
  }
}
