import type { Decoded } from '../../src/wire/json.js'
import { decodeBase58, encodeBase58 } from './base58.js'
import { createBoundedMap } from './create-bounded-map.js'

/** An address in base58, known to be 32 bytes. The spelling is the only one that those bytes have. */
export type Address = string

/** Source: Solana documentation, "Accounts": an address is 32 bytes. */
export const ADDRESS_BYTES = 32

/** The system program's address, 32 zeros: nobody holds its key, so what is paid to it is lost. */
const NOBODY = '1'.repeat(ADDRESS_BYTES)

/** Reading base58 costs some microseconds, and the same few addresses are in every payment. */
const decoded = /* @__PURE__ */ createBoundedMap<Uint8Array>()

/**
 * Reads an address that somebody else wrote.
 *
 * @param value - Untrusted.
 * @returns The address, or what is wrong with it, to be put after its name.
 */
export function readAddress(value: unknown): Decoded<Address> {
  if (typeof value !== 'string' || toBytes(value) === undefined) return { problem: 'is not 32 bytes in base58' }
  return value === NOBODY ? { problem: 'is the address of nobody' } : { value }
}

/** The bytes of an address. Nobody may change them. */
export function addressBytes(address: Address): Uint8Array {
  const bytes = toBytes(address)
  if (bytes === undefined) throw new TypeError('pay402: this is no address')
  return bytes
}

/** Writes 32 bytes as an address. */
export function toAddress(bytes: Uint8Array): Address {
  return encodeBase58(bytes)
}

function toBytes(text: string): Uint8Array | undefined {
  const known = decoded.get(text)
  if (known !== undefined) return known
  const bytes = decodeBase58(text, ADDRESS_BYTES)
  if (bytes !== undefined) decoded.set(text, bytes)
  return bytes
}
