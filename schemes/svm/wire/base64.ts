const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** Writes bytes in base64 with padding, as transactions and accounts travel. */
export function encodeBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
}

/** Reads base64; `undefined` when it isn't that, or has more than `maxBytes`. */
export function decodeBase64(text: unknown, maxBytes: number): Uint8Array | undefined {
  if (typeof text !== 'string' || text.length > Math.ceil(maxBytes / 3) * 4 || !BASE64.test(text)) return undefined
  const binary = atob(text)
  const bytes = new Uint8Array(binary.length)
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index)
  return bytes
}
