import { HOOK_CHANGED_DECLARED, HOOK_STOPPED } from '../errors/catalogue/hooks.js'
import { fail } from '../errors/fail.js'
import { mergeExtensions, PAYMENT_IDENTIFIER } from '../wire/extensions.js'
import { copyJson, isJsonObject, isSameJson, type JsonObject, toPlainObject } from '../wire/json.js'
import type { PaymentPayload } from '../wire/payload.js'

/** What the seller declared under `extensions`, as a copy that hooks may add to; `undefined` when it declared nothing. */
export function copyForHooks(declared: JsonObject | undefined): Record<string, unknown> | undefined {
  return declared && { ...copyJson(declared) }
}

/**
 * Reads what hooks made of their copy.
 *
 * @param resource - Of the call, for errors.
 * @returns The copy as it is sent; `undefined` when nobody changed it.
 * @throws {@link SelectionError} `REFUSED_BY_HOOK` when anything of the seller's was changed or taken away, or when it can't be written as JSON.
 */
export function readAdded(
  declared: JsonObject,
  copy: Record<string, unknown>,
  resource: string,
): JsonObject | undefined {
  const plain = toPlainObject(copy)
  if ('problem' in plain) {
    const why = ` (what it added to \`extensions\` is unusable: ${plain.problem})`
    throw fail(HOOK_STOPPED, { words: { why }, facts: { resource } })
  }
  const changed = Object.keys(declared).find((key) => !isKept(declared[key], plain.value[key]))
  if (changed !== undefined) throw fail(HOOK_CHANGED_DECLARED, { words: { extension: changed }, facts: { resource } })
  return isSameJson(declared, plain.value) ? undefined : plain.value
}

/** Whether all of a value is still there. Only to objects can anything be added. */
function isKept(before: unknown, after: unknown): boolean {
  if (!isJsonObject(before) || !isJsonObject(after)) return isSameJson(before, after)
  return Object.keys(before).every((key) => Object.hasOwn(after, key) && isKept(before[key], after[key]))
}

/**
 * Puts what hooks added into the `extensions` of a payment. What the scheme signed there stays; the id of the payment is theirs to give.
 *
 * @returns What goes under `extensions`.
 */
export function mergeAdded({ extensions }: PaymentPayload, added: JsonObject): Record<string, unknown> {
  const merged = { ...mergeExtensions(extensions, added) }
  const identifier = added[PAYMENT_IDENTIFIER]
  const info = isJsonObject(identifier) ? identifier['info'] : undefined
  if (isJsonObject(info) && typeof info['id'] === 'string') merged[PAYMENT_IDENTIFIER] = identifier
  return merged
}
