import { bytesToHex } from '@noble/hashes/utils.js'
import { RANDOM_TOO_SHORT } from '../errors/catalogue/configuration.js'
import { fail } from '../errors/fail.js'
import { isFrozenForGood } from './frozen.js'
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
  // As it stands where nobody can change it: then it needn't be written as JSON again.
  if (added === undefined) return declared === undefined || isFrozenForGood(declared) ? declared : { ...declared }
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

/** The extension in which a seller describes its requests; specs/extensions/bazaar.md. */
export const BAZAAR = 'bazaar'

/** Bytes of a payment's public name; 128 bits can't be guessed, and don't repeat. */
const NAME_BYTES = 16

/**
 * Names the payment where the seller asks for a name, so that it keeps the answer for whoever presents the same payment again.
 *
 * The name is drawn for this payment alone. It opens what the payment bought, so no seller may compute one from another's.
 *
 * @param declared - `extensions` of the 402.
 * @param random - Draws the name; the specification wants 16 to 128 letters, digits, `-` or `_`.
 * @returns What to add to the echo; `undefined` when the seller doesn't offer it.
 * @throws {@link ConfigurationError} `INVALID_OPTION` when the source gives another number of bytes.
 */
export function identifyPayment(
  declared: JsonObject | undefined,
  random: (length: number) => Uint8Array,
): JsonObject | undefined {
  if (declared === undefined || !Object.hasOwn(declared, PAYMENT_IDENTIFIER)) return undefined
  const bytes = random(NAME_BYTES)
  if (bytes.length === NAME_BYTES) return { [PAYMENT_IDENTIFIER]: { info: { id: `pay402_${bytesToHex(bytes)}` } } }
  throw fail(RANDOM_TOO_SHORT, { money: 'released', words: { length: NAME_BYTES } })
}
