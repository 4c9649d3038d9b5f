import { keccak_256 } from '@noble/hashes/sha3.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toHex } from '../../../../schemes/evm/hex.js'
import { keccak256, keccak256OfText } from '../../../../schemes/evm/keccak256.js'

test('keccak256: is the hash of the library, at every length up to three times its rate', () => {
  const bytes = Uint8Array.from({ length: 410 }, (_, index) => (7 * index + 13) % 256)
  for (let length = 0; length <= bytes.length; length++) {
    const part = bytes.subarray(0, length)
    expect(toHex(keccak256(part))).toBe(toHex(keccak_256(part)))
  }
})

test('keccak256: is the hash of the library, for any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1_000 }), (bytes) => toHex(keccak256(bytes)) === toHex(keccak_256(bytes))),
  )
})

/** Source: the empty account's code hash; Ethereum Yellow Paper, appendix on the empty string. */
test('keccak256OfText: hashes nothing to the known constant', () => {
  expect(keccak256OfText('')).toBe('0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470')
})
