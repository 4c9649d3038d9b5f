import { toBytes } from '../../../src/wire/base64.js'

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** Reads base64 as transactions and accounts travel, with padding; `undefined` when it isn't that, or has more than `maxBytes`. */
export function decodeBase64(text: unknown, maxBytes: number): Uint8Array | undefined {
  if (typeof text !== 'string' || text.length > Math.ceil(maxBytes / 3) * 4 || !BASE64.test(text)) return undefined
  return toBytes(atob(text))
}
