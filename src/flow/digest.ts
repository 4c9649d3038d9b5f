import { bytesToHex } from '@noble/hashes/utils.js'
import { ConfigurationError } from '../errors/x402-error.js'

/** SHA-256 of some bytes, in hex. */
export async function digestBytes(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const subtle = globalThis.crypto?.subtle
  if (subtle === undefined) {
    throw new ConfigurationError(
      'Refused to pay: this page is not a secure context, so the platform has no `crypto.subtle`.',
      {
        code: 'INSECURE_CONTEXT',
        hint: 'Serve the page over https, or from localhost.',
      },
    )
  }
  return bytesToHex(new Uint8Array(await subtle.digest('SHA-256', bytes)))
}

/** SHA-256 of some texts, in hex; as JSON, so that no two lists of texts run together into one. */
export function digestText(parts: readonly string[]): Promise<string> {
  return digestBytes(new TextEncoder().encode(JSON.stringify(parts)))
}
