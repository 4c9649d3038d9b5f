import { RANDOM_TOO_SHORT } from '../../src/errors/catalogue/configuration.js'
import { fail } from '../../src/errors/fail.js'
import type { RandomBytes } from '../../src/payment/random.js'
import { isJsonObject, type JsonObject } from '../../src/wire/json.js'
import { INVALID_CLOCK } from './errors.js'

/** Bytes as hexadecimal digits after `0x`: an address, a nonce, a hash, a signature. */
export type Hex = `0x${string}`

/** Whether a value is 32 bytes as {@link Hex}: a hash, a salt, a nonce of EIP-3009. */
export function isWord(value: unknown): value is Hex {
  return typeof value === 'string' && /^0x[0-9a-fA-F]{64}$/.test(value)
}

/** The two digits of each byte, made when the first is written. */
let digitsOf: readonly string[] | undefined

/** Writes bytes as {@link Hex}, in lower case. */
export function toHex(bytes: Uint8Array): Hex {
  digitsOf ??= Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
  let digits = ''
  for (const byte of bytes) digits += digitsOf[byte]
  return `0x${digits}`
}

/** The bytes of hexadecimal digits, an even number of them, without `0x`. */
export function fromDigits(digits: string): Uint8Array {
  const bytes = new Uint8Array(digits.length / 2)
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = 16 * readDigit(digits.charCodeAt(2 * index)) + readDigit(digits.charCodeAt(2 * index + 1))
  }
  return bytes
}

/** By its code: `0` to `9`, then `a` to `f` in either case, whose codes differ by 32. What is none makes its byte 0. */
function readDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const letter = code | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : Number.NaN
}

/** A value at the end of its word of 32 bytes, without `0x`, as contracts take it. */
export function toWord(value: Hex | bigint): string {
  return (typeof value === 'bigint' ? value.toString(16) : value.slice(2).toLowerCase()).padStart(64, '0')
}

/** Beyond 15 digits a number is no longer exact, and a second no longer in this era. */
const SECONDS = /^(?:0|[1-9][0-9]{0,14})$/

/** As long as 2^256 is; longer ones aren't worth reading as a number. */
const INTEGER = /^(?:0|[1-9][0-9]{0,77})$/

/** Whether a value is a time as payloads write it: seconds since 1970, in decimal digits. */
export function isSeconds(value: unknown): value is string {
  return typeof value === 'string' && SECONDS.test(value)
}

/** Whether a value is a `uint256` in decimal digits, such as a nonce of Permit2. */
export function isUint256(value: unknown): value is string {
  return typeof value === 'string' && INTEGER.test(value) && BigInt(value) < 2n ** 256n
}

/** Whether `value` is an object with these keys and no other: a second authorization beside the first could be spent as well. */
export function hasExactly(value: unknown, keys: readonly string[]): value is JsonObject {
  return (
    isJsonObject(value) && Object.keys(value).length === keys.length && keys.every((key) => Object.hasOwn(value, key))
  )
}

/** Seconds since 1970 as contracts take them. */
export function toWholeSeconds(seconds: number): bigint {
  if (Number.isFinite(seconds) && seconds > 0) return BigInt(Math.floor(seconds))
  throw fail(INVALID_CLOCK)
}

/** Source: EIP-3009, `nonce` is a `bytes32`; Permit2, `nonce` is a `uint256`. */
const NONCE_BYTES = 32

/** Creates a nonce that nobody has used. A short one would be padded by one wallet and refused by another. */
export function createNonce(random: RandomBytes): Hex {
  const bytes = random(NONCE_BYTES)
  if (bytes.length === NONCE_BYTES) return toHex(bytes)
  throw fail(RANDOM_TOO_SHORT, { money: 'untouched', words: { length: NONCE_BYTES } })
}
