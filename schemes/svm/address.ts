import { sha256 } from '@noble/hashes/sha2.js'
import type { Decoded } from '../../src/wire/json.js'
import { createBoundedMap } from './bounded-map.js'
import { ASSOCIATED_TOKEN_PROGRAM, type TokenProgram } from './programs.js'
import { decodeBase58, encodeBase58 } from './wire/encoding.js'

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

/** Finding one takes a search on the curve, some milliseconds; it never changes. */
const found = /* @__PURE__ */ createBoundedMap<Address>()

/**
 * The account in which an owner holds a token, and into which it is paid.
 *
 * Source: Associated Token Account program, "Finding the Associated Token Account address": derived from owner, token program and mint.
 */
export function findTokenAccount(owner: Address, program: TokenProgram, mint: Address): Address {
  const key = `${owner}/${program}/${mint}`
  const known = found.get(key)
  if (known !== undefined) return known
  const seeds = [owner, program, mint].map(addressBytes)
  const account = deriveAddress(seeds, ASSOCIATED_TOKEN_PROGRAM)
  found.set(key, account)
  return account
}

/** Source: Solana documentation, "Program Derived Address": the first bump from 255 down that isn't on the curve. */
function deriveAddress(seeds: readonly Uint8Array[], program: Address): Address {
  const marker = new TextEncoder().encode('ProgramDerivedAddress')
  for (let bump = 255; bump >= 0; bump--) {
    const hash = sha256.create()
    for (const seed of seeds) hash.update(seed)
    const candidate = hash.update(Uint8Array.of(bump)).update(addressBytes(program)).update(marker).digest()
    if (!isOnCurve(candidate)) return toAddress(candidate)
  }
  // Each bump has even odds, so that all 256 fail happens for nobody.
  throw new TypeError('pay402: this account has no address')
}

/** Source: RFC 8032, section 5.1: the field and the constant of Edwards25519. */
const P = /* @__PURE__ */ (() => 2n ** 255n - 19n)()
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n

/**
 * Whether 32 bytes are a point of Ed25519, as every public key is. Addresses of programs must not be, so that nobody has their key.
 *
 * Source: RFC 8032, section 5.1.3: `x² = (y² − 1) / (d y² + 1)` must have a root.
 */
export function isOnCurve(bytes: Uint8Array): boolean {
  const y = readFieldElement(bytes)
  const yy = (y * y) % P
  const numerator = yy - 1n
  const denominator = D * yy + 1n
  // u/v has a root where u·v has one, since they differ by the square v². Euler's criterion says whether.
  const product = (((numerator * denominator) % P) + P) % P
  return product === 0n || power(product, (P - 1n) / 2n) === 1n
}

/** Little-endian, without the highest bit, which is the sign of x. */
function readFieldElement(bytes: Uint8Array): bigint {
  let value = 0n
  for (let index = bytes.length - 1; index >= 0; index--) value = (value << 8n) | BigInt(bytes[index] ?? 0)
  return value & (2n ** 255n - 1n)
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  let square = base
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % P
    square = (square * square) % P
  }
  return result
}
