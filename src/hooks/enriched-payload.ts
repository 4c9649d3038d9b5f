import { EXTENSION_FAILED } from '../errors/catalogue/hooks.js'
import { fail } from '../errors/fail.js'
import { abortable, createAbortError } from '../payment/abort.js'
import type { Challenge } from '../payment/steps.js'
import { mergeExtensions } from '../wire/extensions.js'
import { copyJson, freezeCopy, isJsonObject, type JsonObject } from '../wire/json.js'
import { type PaymentPayload, toStandardPayload } from '../wire/payload.js'
import { mergeAdded } from './added-extensions.js'
import type { ClientExtension, Hooks } from './hooks.js'
import { toThrownText } from './thrown-text.js'

/**
 * Lets the client's extensions add to the `extensions` of a payment. Anything else in what they return is ignored, and what the seller
 * declared stays as it is.
 *
 * @param added - What hooks made of what the seller declared; it comes first.
 * @throws {@link SigningError} when an extension throws or the call is aborted; the signature is dropped.
 */
export async function enrichPayload(
  payload: PaymentPayload,
  { call, envelope, required }: Challenge,
  hooks: Hooks,
  added: JsonObject | undefined,
): Promise<PaymentPayload> {
  if (envelope.x402Version === 1) return payload // protocol 1 has no extensions
  let enriched = added === undefined ? payload : freezeCopy(insertExtensions(payload, mergeAdded(payload, added)))
  for (const { key, enrichPaymentPayload } of hooks.extensions.map(bind)) {
    if (enrichPaymentPayload === undefined) continue
    try {
      const result = await abortable(
        enrichPaymentPayload(toStandardPayload(copyJson(enriched)), required()),
        call.signal,
      )
      const own = result.extensions?.[key]
      if (own === undefined) continue
      const extensions = mergeExtensions(envelope.extensions, { ...enriched.extensions, [key]: own })
      enriched = isJsonObject(extensions) ? freezeCopy(insertExtensions(enriched, extensions)) : enriched
    } catch (cause) {
      if (call.signal?.aborted) throw createAbortError(call, 'released')
      throw fail(EXTENSION_FAILED, {
        words: { extension: key, why: toThrownText(cause) },
        facts: { resource: call.resource },
        cause,
      })
    }
  }
  return enriched
}

function bind(extension: ClientExtension) {
  return { key: extension.key, enrichPaymentPayload: extension.enrichPaymentPayload?.bind(extension) }
}

/** Keeps the field order of the official client. */
function insertExtensions(payload: PaymentPayload, extensions: Record<string, unknown>): PaymentPayload {
  const { x402Version, payload: signed, resource, accepted } = payload
  return { x402Version, payload: signed, extensions, ...(resource && { resource }), ...(accepted && { accepted }) }
}
