import type { Decoded } from '../../src/wire/json.js'
import type { Hex } from './hex.js'
import { keccak256OfText } from './keccak256.js'

const ADDRESS = /^0x[0-9a-fA-F]{40}$/
const ZERO = /^0x0{40}$/

/** Characters of an address, `0x` included. */
const LENGTH = 42

/** A checksum costs a hash, and the same few addresses are read for every payment. */
const remember = /* @__PURE__ */ createBoundedMemo<Decoded<Hex>>()

/**
 * Reads an address that somebody else wrote.
 *
 * Digits in one case carry no checksum and are taken as they are; in mixed case the checksum must be right, since a wrong one
 * is a mistyped address. The zero address is nobody: what is paid to it is burnt.
 *
 * @param value - Untrusted.
 * @returns The address in its canonical spelling (EIP-55), or what is wrong with it, to be put after its name.
 */
export function readAddress(value: unknown): Decoded<Hex> {
  if (typeof value !== 'string' || value.length !== LENGTH) return noAddress
  return remember(value, () => readSpelling(value))
}

const noAddress = { problem: 'is not an address of 20 bytes in hex' }

function readSpelling(address: string): Decoded<Hex> {
  if (!ADDRESS.test(address)) return noAddress
  if (ZERO.test(address)) return { problem: 'is the zero address' }
  const digits = address.slice(2)
  const checksummed = toChecksummed(digits.toLowerCase())
  const hasOneCase = digits === digits.toLowerCase() || digits === digits.toUpperCase()
  return hasOneCase || address === checksummed ? { value: checksummed } : { problem: FAILS_CHECKSUM }
}

/** A single wrong letter is money lost, and nothing tells a slip from carelessness. */
const FAILS_CHECKSUM =
  'is in mixed case and fails its checksum (EIP-55): it has a typo, or its capitals were written by hand'

/** Source: EIP-55: a letter is upper case where the hash of the lower-case digits has a digit of 8 or more. */
function toChecksummed(digits: string): Hex {
  const hash = keccak256OfText(digits).slice(2)
  const letters = Array.from(digits, (digit, index) => ((hash[index] ?? '') >= '8' ? digit.toUpperCase() : digit))
  return `0x${letters.join('')}`
}

/** Most results that one memo keeps. Far above what an honest set of sellers asks for, and at most some hundred kilobytes. */
export const MAX_REMEMBERED = 1_000

/**
 * Creates a memory for the results of a pure function, the newest {@link MAX_REMEMBERED} of them.
 *
 * Bounded, because the keys come from sellers: one who asks with a new address every time would otherwise fill the process.
 *
 * @returns A function that answers the remembered result for `key`, or computes and remembers it.
 */
export function createBoundedMemo<Value>(): (key: string, compute: () => Value) => Value {
  const remembered = new Map<string, Value>()
  return (key, compute) => {
    const known = remembered.get(key)
    if (known !== undefined) return known
    const value = compute()
    const oldest = remembered.keys().next()
    if (remembered.size >= MAX_REMEMBERED && oldest.done === false) remembered.delete(oldest.value)
    remembered.set(key, value)
    return value
  }
}
