import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromDigits, toHex } from '../../../../schemes/evm/hex.js'

const bytes = fc.uint8Array({ maxLength: 300 })

test('toHex: writes what the platform writes, for any bytes', () => {
  fc.assert(fc.property(bytes, (some) => toHex(some) === `0x${Buffer.from(some).toString('hex')}`))
})

test('fromDigits: reads what toHex wrote, in either case', () => {
  fc.assert(
    fc.property(bytes, (some) => {
      const digits = toHex(some).slice(2)
      expect(fromDigits(digits)).toEqual(some)
      expect(fromDigits(digits.toUpperCase())).toEqual(some)
    }),
  )
})

test('fromDigits: reads a byte with a letter that is no digit as zero', () => {
  expect([...fromDigits('0g@1`1:1/1ff')]).toEqual([0, 0, 0, 0, 0, 255])
})
