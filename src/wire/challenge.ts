import { decodeJsonHeader, encodeJsonHeader } from './header-codec.js'
import { type Decoded, isJsonObject, isTooDeep, type JsonObject, MAX_DEPTH, parseJsonObject } from './json.js'
import { type Fields, readFields } from './read-fields.js'
import type { PaymentRequirements } from './requirements.js'
import type { X402Version } from './version.js'

/** The header of a protocol-2 402; `@x402/*` 2.27. */
export const PAYMENT_REQUIRED_HEADER = 'PAYMENT-REQUIRED'

/** Most of a 402's body that is read for its terms, in bytes; ten thousand offers fit. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024

/** Most offers that one 402 may hold. */
const MAX_OFFERS = 10_000

/** What is being sold, in the seller's words. */
export type ResourceInfo = {
  url: string
  description?: string | undefined
  mimeType?: string | undefined
}

/**
 * What a 402 asks for. Only the envelope has been read: each entry of `accepts` is still the seller's, unread.
 *
 * Source: x402 specification v2, "PaymentRequired".
 */
export type PaymentRequired = {
  x402Version: number
  error?: string | undefined
  resource?: ResourceInfo | undefined
  accepts: readonly PaymentRequirements[]
  extensions?: Record<string, unknown> | undefined
}

/** The envelope of a 402: kept as the seller wrote it, since it is sent back. */
export type Envelope = {
  readonly x402Version: X402Version
  readonly error: unknown
  readonly resource: JsonObject | undefined
  readonly accepts: readonly unknown[]
  readonly extensions: JsonObject | undefined
}

const FIELDS: Fields<Pick<Envelope, 'x402Version' | 'accepts'>> = {
  x402Version: { is: (value) => value === 1 || value === 2, must: '1 or 2' },
  accepts: { is: isOffers, must: `an array of at most ${MAX_OFFERS} offers` },
}

function isOffers(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length <= MAX_OFFERS
}

/** Reads the header of a 402. */
export function decodeEnvelope(header: string): Decoded<Envelope> {
  const decoded = decodeJsonHeader(header)
  return 'problem' in decoded ? decoded : readEnvelope(decoded.value)
}

/**
 * Reads the body of a 402, where the terms stand in protocol 1 and with many sellers of protocol 2.
 *
 * @returns The envelope or what is wrong with it; `undefined` when the body doesn't mean x402: no JSON object with an
 * `x402Version` of its own.
 */
export function decodeBody(body: string): Decoded<Envelope> | undefined {
  const parsed = parseJsonObject(body)
  if ('problem' in parsed || !Object.hasOwn(parsed.value, 'x402Version')) return undefined
  return readEnvelope(parsed.value)
}

/** Reads a 402 that is an object already: tolerant in what surrounds the offers, since they are judged one by one. */
export function readEnvelope(value: unknown): Decoded<Envelope> {
  if (!isJsonObject(value)) return { problem: 'it is not an object' }
  const envelope = readFields(value, FIELDS)
  if ('problem' in envelope) return envelope
  for (const part of ['resource', 'extensions']) {
    if (isTooDeep(value[part])) return { problem: `${part} nests deeper than ${MAX_DEPTH} levels` }
  }
  return {
    value: {
      x402Version: envelope.value.x402Version,
      error: value['error'],
      resource: isJsonObject(value['resource']) ? value['resource'] : undefined,
      accepts: envelope.value.accepts,
      extensions: isJsonObject(value['extensions']) ? value['extensions'] : undefined,
    },
  }
}

/**
 * Writes a 402's `PAYMENT-REQUIRED` header; for sellers in tests, and for tools that pass a 402 on.
 *
 * @param required - What to write.
 * @returns The header's value: base64 over JSON.
 */
export function encodePaymentRequiredHeader(required: PaymentRequired): string {
  return encodeJsonHeader(required)
}
