import { encodeBase64 } from '../../../src/wire/base64.js'
import { createByteReader } from './bytes.js'
import { decodeBase64 } from './encoding.js'

/** Source: Ed25519, RFC 8032: a signature is 64 bytes. */
export const SIGNATURE_BYTES = 64

/** Source: Solana documentation, "Transactions", "Transaction size". */
const MAX_TRANSACTION_BYTES = 1232

/** A transaction as it is sent: a place for the signature of each signer, in the order of the message. */
export type WireTransaction = { readonly signatures: readonly Uint8Array[]; readonly message: Uint8Array }

/** Writes a transaction; a signature that is still to come is 64 zeros. */
export function encodeTransaction({ signatures, message }: WireTransaction): string {
  const bytes = new Uint8Array(1 + signatures.length * SIGNATURE_BYTES + message.length)
  // Two signatures at most, so their number is one byte.
  bytes[0] = signatures.length
  for (const [index, signature] of signatures.entries()) bytes.set(signature, 1 + index * SIGNATURE_BYTES)
  bytes.set(message, 1 + signatures.length * SIGNATURE_BYTES)
  return encodeBase64(bytes)
}

/** Reads a transaction; `undefined` when it isn't one. Its message isn't looked at. */
export function decodeTransaction(text: unknown): WireTransaction | undefined {
  const bytes = decodeBase64(text, MAX_TRANSACTION_BYTES)
  if (bytes === undefined || bytes.length > MAX_TRANSACTION_BYTES) return undefined
  const reader = createByteReader(bytes)
  const signatures: Uint8Array[] = []
  for (let left = reader.compactLength() ?? 0; left > 0; left--) {
    const signature = reader.bytes(SIGNATURE_BYTES)
    if (signature === undefined) return undefined
    signatures.push(signature)
  }
  const message = reader.bytes(reader.rest)
  return message === undefined || signatures.length === 0 ? undefined : { signatures, message }
}

/** Whether there is a signature in this place. */
export function isSignature(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length === SIGNATURE_BYTES && value.some((byte) => byte !== 0)
}
