import { type Decoded, type JsonObject, parseJsonObject } from './json.js'

/**
 * Longest header value that is read, in characters. HTTP stacks refuse far shorter ones by themselves (Node: 16 KiB for all
 * headers); this holds where a value reaches the decoder by another way. Ten thousand offers fit.
 */
export const MAX_HEADER_LENGTH = 4 * 1024 * 1024

/** The standard alphabet or the one for URLs, padded or not; both occur in the wild. */
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/

/** Reads a header that carries base64 over UTF-8 JSON. */
export function decodeJsonHeader(header: string): Decoded<JsonObject> {
  // A header that is absent is `null` to callers without types.
  if (typeof header !== 'string') return { problem: 'it is not a text' }
  if (header.length > MAX_HEADER_LENGTH) return { problem: `it is longer than ${MAX_HEADER_LENGTH} characters` }
  // A header that was sent twice arrives joined by a comma, which base64 doesn't have.
  const [value = '', ...others] = header.split(',').map((part) => part.trim())
  if (others.some((other) => other !== value)) return { problem: 'it was sent twice with different content' }
  const text = decodeBase64(value)
  return text === undefined ? { problem: 'it is not base64 over UTF-8 text' } : parseJsonObject(text)
}

/** Writes a value as base64 over UTF-8 JSON, for a header. */
export function encodeJsonHeader(value: unknown): string {
  const bytes = new TextEncoder().encode(JSON.stringify(value))
  let binary = ''
  // In pieces, since one call with 100,000 arguments overflows the stack.
  for (let start = 0; start < bytes.length; start += 8192) {
    binary += String.fromCharCode(...bytes.subarray(start, start + 8192))
  }
  return btoa(binary)
}

function decodeBase64(value: string): string | undefined {
  if (!BASE64.test(value)) return undefined
  try {
    const binary = atob(value.replaceAll('-', '+').replaceAll('_', '/'))
    const bytes = new Uint8Array(binary.length)
    for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index)
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined // atob refuses an impossible length, the decoder refuses invalid UTF-8
  }
}
