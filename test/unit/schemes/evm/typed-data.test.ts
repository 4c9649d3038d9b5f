import fc from 'fast-check'
import { getAddress, hashTypedData as viemHashTypedData, toHex as viemToHex } from 'viem'
import { expect, test } from 'vitest'
import { createBoundedMemo, MAX_REMEMBERED, readAddress } from '../../../../schemes/evm/address.js'
import { type Hex, toHex } from '../../../../schemes/evm/hex.js'
import { hashDomain, hashTypedData, type TypedData } from '../../../../schemes/evm/wallet/typed-data.js'

const bytes = (length: number): fc.Arbitrary<Hex> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((value) => viemToHex(value))
const address = bytes(20).map((value) => getAddress(value))
const uint256 = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n })

const typedData: fc.Arbitrary<TypedData> = fc.record({
  domain: fc.record({
    // Never empty: viem leaves an empty version out of the domain's type, and no token is known by one.
    name: fc.string({ minLength: 1, unit: 'grapheme' }),
    version: fc.string({ minLength: 1 }),
    chainId: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    verifyingContract: address,
  }),
  types: fc.constant({
    TransferWithAuthorization: [
      { name: 'from', type: 'address' },
      { name: 'to', type: 'address' },
      { name: 'value', type: 'uint256' },
      { name: 'validAfter', type: 'uint256' },
      { name: 'validBefore', type: 'uint256' },
      { name: 'nonce', type: 'bytes32' },
    ],
  } as const),
  primaryType: fc.constant('TransferWithAuthorization'),
  message: fc.record({
    from: address,
    to: address,
    value: uint256,
    validAfter: uint256,
    validBefore: uint256,
    nonce: bytes(32),
  }),
})

test('hashTypedData: hashes what viem hashes, for any message', () => {
  fc.assert(fc.property(typedData, (data) => hashTypedData(data) === viemHashTypedData({ ...data })))
})

const struct = fc.record({ token: address, amount: uint256 })
const nested: fc.Arbitrary<TypedData> = fc.record({
  // Without a version, as Permit2's is.
  domain: fc.record({
    name: fc.string({ minLength: 1 }),
    chainId: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    verifyingContract: address,
  }),
  types: fc.constant({
    Order: [
      { name: 'zebra', type: 'Zebra' },
      { name: 'spender', type: 'address' },
      { name: 'apple', type: 'Apple' },
    ],
    Zebra: [
      { name: 'token', type: 'address' },
      { name: 'amount', type: 'uint256' },
    ],
    Apple: [
      { name: 'seed', type: 'Zebra' },
      { name: 'word', type: 'bytes32' },
    ],
  } as const),
  primaryType: fc.constant('Order'),
  message: fc.record({ zebra: struct, spender: address, apple: fc.record({ seed: struct, word: bytes(32) }) }),
})

test('hashTypedData: hashes what viem hashes, for structs in structs and a domain without a version', () => {
  fc.assert(fc.property(nested, (data) => hashTypedData(data) === viemHashTypedData({ ...data })))
})

test('hashDomain: tells a domain without a version from one whose version is empty', () => {
  const domain = {
    name: 'Permit2',
    chainId: 1,
    verifyingContract: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
  } as const
  expect(hashDomain(domain)).not.toBe(hashDomain({ ...domain, version: '' }))
})

test('hashDomain: tells domains apart that are named to look alike', () => {
  const verifyingContract = '0x036CbD53842c5426634e7929541eC2318f3dCF7e'
  const real = { name: '', version: '', chainId: 1, verifyingContract } as const
  const trap = { ...real, name: JSON.stringify(['', '', 1, verifyingContract]) }
  const first = hashDomain(trap)
  expect(hashDomain(real)).not.toBe(first)
  expect(hashDomain(trap)).toBe(first)
})

test('readAddress: writes the checksum that viem writes, for any address', () => {
  fc.assert(
    fc.property(bytes(20), (value) => {
      fc.pre(BigInt(value) !== 0n)
      expect(readAddress(value)).toEqual({ value: getAddress(value) })
    }),
  )
})

test('readAddress: refuses every address that viem finds mistyped', () => {
  fc.assert(
    fc.property(address, fc.nat(39), (right, position) => {
      const letter = right.charAt(position + 2)
      const flipped = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()
      fc.pre(flipped !== letter && BigInt(right) !== 0n)
      const wrong = right.slice(0, position + 2) + flipped + right.slice(position + 3)
      const digits = wrong.slice(2)
      fc.pre(digits !== digits.toLowerCase() && digits !== digits.toUpperCase())
      expect(readAddress(wrong)).toEqual({
        problem:
          'is in mixed case and fails its checksum (EIP-55): it has a typo, or its capitals were written by hand',
      })
    }),
  )
})

test('toHex: writes every byte with two digits', () => {
  expect(toHex(Uint8Array.of(0, 1, 15, 16, 255))).toBe('0x00010f10ff')
})

test('createBoundedMemo: computes once, and forgets the oldest when it is full', () => {
  const remember = createBoundedMemo<number>()
  let computed = 0
  const ask = (key: string) => remember(key, () => ++computed)
  expect([ask('first'), ask('first')]).toEqual([1, 1])
  for (let index = 1; index < MAX_REMEMBERED; index++) ask(`key ${index}`)
  expect(ask('first')).toBe(1)
  ask('one more')
  expect(ask('key 1')).toBe(2)
  expect(ask('first')).toBe(MAX_REMEMBERED + 2)
})
