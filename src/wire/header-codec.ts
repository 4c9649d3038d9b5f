import { decodeTextFromBase64, encodeTextAsBase64 } from './base64.js'
import { type Decoded, type JsonObject, parseJsonObject } from './json.js'

/**
 * Longest header value that is read, in characters. HTTP stacks refuse far shorter ones by themselves (Node: 16 KiB for all
 * headers); this holds where a value reaches the decoder by another way. Ten thousand offers fit.
 */
export const MAX_HEADER_LENGTH = 4 * 1024 * 1024

/** Reads a header that carries base64 over UTF-8 JSON. */
export function decodeJsonHeader(header: string): Decoded<JsonObject> {
  // A header that is absent is `null` to callers without types.
  if (typeof header !== 'string') return { problem: 'it is not a text' }
  if (header.length > MAX_HEADER_LENGTH) return { problem: `it is longer than ${MAX_HEADER_LENGTH} characters` }
  const value = header.includes(',') ? readRepeated(header) : header.trim()
  if (value === undefined) return { problem: 'it was sent twice with different content' }
  const text = decodeTextFromBase64(value)
  return text === undefined ? { problem: 'it is not base64 over UTF-8 text' } : parseJsonObject(text)
}

/** Writes a value as base64 over UTF-8 JSON, for a header. */
export function encodeJsonHeader(value: unknown): string {
  return encodeTextAsBase64(JSON.stringify(value))
}

/** A header that was sent twice arrives joined by a comma, which base64 doesn't have. */
function readRepeated(header: string): string | undefined {
  const [value = '', ...others] = header.split(',').map((part) => part.trim())
  return others.every((other) => other === value) ? value : undefined
}
