/** The standard alphabet or the one for URLs, padded or not; both occur in the wild. */
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/

const BEYOND_ASCII = /[\u0080-\uffff]/

/** One call takes only so many arguments; far below what any platform's stack holds. */
const PIECE = 8192

/** Whether a text has one byte for each character in UTF-8. */
export function isAscii(text: string): boolean {
  return !BEYOND_ASCII.test(text)
}

/** Writes a text in UTF-8 as base64. */
export function encodeTextAsBase64(text: string): string {
  return isAscii(text) ? btoa(text) : encodeBase64(new TextEncoder().encode(text))
}

/** Reads base64 of either alphabet over UTF-8; `undefined` when it isn't that. */
export function decodeTextFromBase64(base64: string): string | undefined {
  if (!BASE64.test(base64)) return undefined
  try {
    const binary = atob(toStandardAlphabet(base64))
    if (isAscii(binary)) return binary
    return new TextDecoder('utf-8', { fatal: true }).decode(toBytes(binary))
  } catch {
    return undefined // atob refuses an impossible length, the decoder refuses invalid UTF-8
  }
}

/** Writes bytes as base64, with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  let binary = ''
  for (let start = 0; start < bytes.length; start += PIECE) binary += toBinary(bytes.subarray(start, start + PIECE))
  return btoa(binary)
}

/** By `apply`, which takes the array as it is; to spread it walks an iterator, four times slower. */
function toBinary(bytes: Uint8Array): string {
  return String(Reflect.apply(String.fromCharCode, undefined, bytes))
}

/** The bytes of a text whose characters are bytes, as `atob` gives it. */
export function toBytes(binary: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(binary.length)
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index)
  return bytes
}

function toStandardAlphabet(base64: string): string {
  const isForUrls = base64.includes('-') || base64.includes('_')
  return isForUrls ? base64.replaceAll('-', '+').replaceAll('_', '/') : base64
}
