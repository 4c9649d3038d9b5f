import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { MAX_SYNC_DIGEST_BYTES, sha256Hex } from '../../../src/wire/digest.js'

it('sha256Hex: gives what the platform gives, for any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5000 }), (bytes) => {
      expect(sha256Hex(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'))
    }),
  )
})

it('sha256Hex: hashes the most that is hashed at once', () => {
  const bytes = new Uint8Array(MAX_SYNC_DIGEST_BYTES).fill(7)
  expect(sha256Hex(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'))
})
