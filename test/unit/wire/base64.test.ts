import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeTextFromBase64, encodeBase64, encodeTextAsBase64 } from '../../../src/wire/base64.js'

it('encodeTextAsBase64: writes what the platform writes of the same bytes, for any text', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary', maxLength: 20_000 })), (text) => {
      expect(encodeTextAsBase64(text)).toBe(Buffer.from(text, 'utf8').toString('base64'))
    }),
  )
})

it('encodeBase64: writes what the platform writes, for any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20_000 }), (bytes) => {
      expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
    }),
  )
})

it('decodeTextFromBase64: refuses bytes that are no UTF-8, and reads those that are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (bytes) => {
      const read = decodeTextFromBase64(Buffer.from(bytes).toString('base64'))
      let expected: string | undefined
      try {
        expected = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
      } catch {
        expected = undefined
      }
      expect(read).toBe(expected)
    }),
    { numRuns: 1000 },
  )
})
