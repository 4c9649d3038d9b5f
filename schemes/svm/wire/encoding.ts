import { toBytes } from '../../../src/wire/base64.js'

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const DIGITS = /* @__PURE__ */ new Map(Array.from(ALPHABET, (digit, value) => [digit, value]))

/** Longest text that is read: 64 bytes have at most 88 digits, and a longer text costs the square of its length. */
const MAX_DIGITS = 88

/** Writes bytes in base58, as Solana writes addresses, blockhashes and signatures. */
export function encodeBase58(bytes: Uint8Array): string {
  const digits: number[] = []
  for (const byte of bytes) multiplyAndAdd(digits, 256, byte, 58)
  let zeros = 0
  while (zeros < bytes.length && bytes[zeros] === 0) zeros++
  return '1'.repeat(zeros) + digits.reduceRight((text, digit) => text + ALPHABET[digit], '')
}

/**
 * Reads base58.
 *
 * @param text - Untrusted.
 * @param length - How many bytes it must hold.
 * @returns `undefined` when it isn't that.
 */
export function decodeBase58(text: unknown, length: number): Uint8Array<ArrayBuffer> | undefined {
  if (typeof text !== 'string' || text.length > MAX_DIGITS) return undefined
  const bytes: number[] = []
  for (const digit of text) {
    const value = DIGITS.get(digit)
    if (value === undefined) return undefined
    multiplyAndAdd(bytes, 58, value, 256)
  }
  let zeros = 0
  while (zeros < text.length && text[zeros] === '1') zeros++
  if (zeros + bytes.length !== length) return undefined
  const decoded = new Uint8Array(length)
  decoded.set(bytes.reverse(), zeros)
  return decoded
}

/** On a number that is held as digits, the least first: `number × factor + added`. */
function multiplyAndAdd(digits: number[], factor: number, added: number, base: number): void {
  let carry = added
  for (let index = 0; index < digits.length; index++) {
    carry += (digits[index] ?? 0) * factor
    digits[index] = carry % base
    carry = Math.floor(carry / base)
  }
  for (; carry > 0; carry = Math.floor(carry / base)) digits.push(carry % base)
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** Reads base64 as transactions and accounts travel, with padding; `undefined` when it isn't that, or has more than `maxBytes`. */
export function decodeBase64(text: unknown, maxBytes: number): Uint8Array | undefined {
  if (typeof text !== 'string' || text.length > Math.ceil(maxBytes / 3) * 4 || !BASE64.test(text)) return undefined
  return toBytes(atob(text))
}
