import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { checksum } from '../../../src/ledger/browser/row.js'

it('checksum: is CRC-32, by the check value that its catalogues give', () => {
  // https://reveng.sourceforge.io/crc-catalogue/17plus.htm#crc.cat.crc-32-iso-hdlc
  expect(checksum('123456789')).toBe(0xcbf43926)
})

it("checksum: is what Node's zlib computes, for any text", () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => checksum(text) === crc32(text)))
})
