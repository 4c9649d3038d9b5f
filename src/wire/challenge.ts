import { decodeJsonHeader, encodeJsonHeader } from './header-codec.js'
import {
  type Decoded,
  freezeParsed,
  isJsonObject,
  isTooDeep,
  type JsonObject,
  MAX_DEPTH,
  parseJsonObject,
} from './json.js'
import { type Fields, readFields } from './read-fields.js'
import type { PaymentRequirements, PaymentRequirementsV1 } from './requirements.js'
import type { X402Version } from './version.js'

/** The header of a protocol-2 402; `@x402/*` 2.27. */
export const PAYMENT_REQUIRED_HEADER = 'PAYMENT-REQUIRED'

/** Most of a 402's body that is read for its terms, in bytes; ten thousand offers fit. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024

/** Most offers that one 402 may hold. */
const MAX_OFFERS = 10_000

/** Longest text of a 402 that is remembered, in characters: what nginx takes for one line of headers (`large_client_header_buffers`). */
const MAX_REMEMBERED_TEXT = 8 * 1024

/** Most texts that are remembered, of headers and of bodies: half a megabyte of each. */
const MAX_REMEMBERED_TEXTS = 64

/** What is being sold, in the seller's words. Source: x402 specification v2, "ResourceInfo". */
export type ResourceInfo = {
  url: string
  description?: string
  mimeType?: string
  serviceName?: string
  tags?: string[]
  iconUrl?: string
}

/**
 * What a 402 asks for. Only the envelope has been read: each entry of `accepts` is still the seller's, unread.
 *
 * Source: x402 specification v2, "PaymentRequired".
 */
export type PaymentRequired = {
  x402Version: number
  error?: string
  /** Missing in protocol 1, and where a seller forgets it: read it as `resource?.url`. The type is the specification's. */
  resource: ResourceInfo
  accepts: PaymentRequirements[]
  extensions?: Record<string, unknown>
}

/** A 402 of protocol 1, as its body has it. Source: `@x402/core` 2.27. */
export type PaymentRequiredV1 = { x402Version: 1; error?: string; accepts: PaymentRequirementsV1[] }

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

/**
 * Reads the header of a 402. The same text again is the same envelope, which is frozen to its leaves.
 *
 * A text that is longer than {@link MAX_REMEMBERED_TEXT} is read each time, and is not frozen: of ten thousand offers most are never looked
 * at again, and those that are get copied where they are shown to anyone.
 */
export function decodeEnvelope(header: string): Decoded<Envelope> {
  return rememberHeader(header)
}

/**
 * Reads the body of a 402, where the terms stand in protocol 1 and with many sellers of protocol 2. Remembered and frozen like a header.
 *
 * @returns The envelope or what is wrong with it; `undefined` when the body doesn't mean x402: no JSON object with an
 * `x402Version` of its own.
 */
export function decodeBody(body: string): Decoded<Envelope> | undefined {
  return rememberBody(body)
}

const rememberHeader = /* @__PURE__ */ createTextMemory((header): Decoded<Envelope> => {
  const decoded = decodeJsonHeader(header)
  return 'problem' in decoded ? decoded : readEnvelope(decoded.value)
})

const rememberBody = /* @__PURE__ */ createTextMemory((body): Decoded<Envelope> | undefined => {
  const parsed = parseJsonObject(body)
  if ('problem' in parsed || !Object.hasOwn(parsed.value, 'x402Version')) return undefined
  return readEnvelope(parsed.value)
})

/**
 * Creates a memory of what was read of texts: a pure function of the text, so what is remembered is what a new reading would give.
 *
 * Bounded, because sellers choose the texts: the newest {@link MAX_REMEMBERED_TEXTS} stay.
 */
function createTextMemory<Read extends Decoded<Envelope> | undefined>(
  read: (text: string) => Read,
): (text: string) => Read {
  const remembered = new Map<string, Read>()
  return (text) => {
    const known = remembered.get(text)
    if (known !== undefined) return known
    const answer = read(text)
    if (answer === undefined || 'problem' in answer || text.length > MAX_REMEMBERED_TEXT) return answer
    // What nests that deep is cut where it is shown; to freeze it could overflow the stack.
    if (isTooDeep(answer.value)) return answer
    const oldest = remembered.keys().next()
    if (remembered.size >= MAX_REMEMBERED_TEXTS && oldest.done === false) remembered.delete(oldest.value)
    remembered.set(text, freezeParsed(answer))
    return answer
  }
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
